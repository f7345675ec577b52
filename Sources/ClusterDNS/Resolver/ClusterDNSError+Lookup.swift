internal import DNSTransport

extension ClusterDNSError {
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
