internal import DNSTransport

extension ClusterDNSError {
    /// - Parameter name: as the caller gave it.
    init(_ failure: Lookup.Failure, name: String) {
        self.init(failure.reason, name: name, absoluteName: failure.name, canonicalName: failure.canonicalName)
    }

    static func shutDown(_ name: String) -> ClusterDNSError {
        ClusterDNSError(code: .shutDown, message: "\(name.quoted): the resolver was shut down", name: name)
    }

    static func overloaded(_ waiter: Waiter, now: MonotonicTime) -> ClusterDNSError {
        ClusterDNSError(
            code: .overloaded,
            message: "\(waiter.name.quoted): too many callers wait for answers already",
            name: waiter.name,
            elapsed: waiter.elapsed(now)
        )
    }
}
