extension ClusterResolver {
    /// The endpoints of a service.
    ///
    /// - Parameters: as for ``resolve(_:port:timeout:)-(String,_,_)``.
    /// - Throws: as that.
    public nonisolated(nonsending) func resolve(
        _ service: ServiceName,
        port: Port? = nil,
        timeout: Duration? = nil
    ) async throws -> EndpointSet {
        try await resolve(fullName(of: service), port: port, timeout: timeout)
    }

    /// A live handle on the peers of a service.
    ///
    /// - Parameters: as for ``peers(_:port:balancing:)-(String,_,_)``.
    public func peers(_ service: ServiceName, port: Port? = nil, balancing: Balancing = .roundRobin) -> Peers {
        peers(fullName(of: service), port: port, balancing: balancing)
    }

    /// Waits until a service has an endpoint.
    ///
    /// - Parameters: as for ``waitUntilResolvable(_:port:timeout:)-(String,_,_)``.
    /// - Throws: as that.
    @discardableResult
    public nonisolated(nonsending) func waitUntilResolvable(
        _ service: ServiceName,
        port: Port? = nil,
        timeout: Duration
    ) async throws -> EndpointSet {
        try await waitUntilResolvable(fullName(of: service), port: port, timeout: timeout)
    }

    /// Looks a service up in the background; see ``prefetch(_:port:)-(String,_)``.
    ///
    /// - Throws: as that.
    public func prefetch(_ service: ServiceName, port: Port? = nil) throws(ClusterDNSError) {
        try prefetch(fullName(of: service), port: port)
    }

    /// Forgets what is known of a service; see ``flush(_:)-(String)``.
    ///
    /// - Throws: as that.
    public func flush(_ service: ServiceName) throws(ClusterDNSError) {
        try flush(fullName(of: service))
    }

    /// A service's full name in this cluster, without its last dot, as for a URL: `service-b.payments.svc.cluster.local`.
    public func fullName(of service: ServiceName) -> String {
        "\(service.service).\(service.namespace ?? namespace).svc.\(clusterDomain)"
    }
}
