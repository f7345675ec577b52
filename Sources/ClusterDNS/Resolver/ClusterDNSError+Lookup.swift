internal import DNSTransport

extension ClusterDNSError {
    /// - Parameters:
    ///   - name: as the caller gave it.
    ///   - absoluteName: the name asked last.
    init(_ failure: QueryFailure, name: String, absoluteName: DomainName) {
        let server = failure.nameServer.map { ", asked of \($0)" } ?? ""
        self.init(
            code: failure.code,
            message: "\(name.quoted) (\(absoluteName)\(server)): \(failure.reason)",
            name: name,
            absoluteName: absoluteName.description,
            nameServer: failure.nameServer?.description,
            responseCode: failure.responseCode?.description
        )
    }

    static func shutDown(_ name: String) -> ClusterDNSError {
        ClusterDNSError(code: .shutDown, message: "\(name.quoted): the resolver was shut down", name: name)
    }

    static func overloaded(_ waiter: Waiter, now: MonotonicTime) -> ClusterDNSError {
        ClusterDNSError(
            code: .overloaded,
            message: "\(waiter.name.quoted): too many callers wait for answers already",
            name: waiter.name,
            elapsed: now - waiter.started
        )
    }
}
