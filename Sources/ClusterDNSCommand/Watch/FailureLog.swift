internal import ClusterDNS

/// Tells when lookups begin to fail and when that is over, each once.
struct FailureLog {
    enum Event: Equatable {
        case began(ClusterDNSError)
        case ended(ClusterDNSError.Code)
    }

    private var code: ClusterDNSError.Code?

    /// - Parameter error: how the last lookup failed; `nil` if it did not.
    mutating func note(_ error: ClusterDNSError?) -> Event? {
        guard error?.code != code else { return nil }
        defer { code = error?.code }
        return error.map { .began($0) } ?? code.map { .ended($0) }
    }
}
