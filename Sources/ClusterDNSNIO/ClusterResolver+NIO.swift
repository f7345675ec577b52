public import ClusterDNS
public import NIOPosix

extension ClusterResolver {
    /// A resolver for a bootstrap, in place of NIO's own, which calls `getaddrinfo`.
    ///
    /// ```swift
    /// let channel = try await ClientBootstrap(group: group)
    ///     .resolver(resolver.nioResolver())
    ///     .connect(host: "service-b", port: 8080).get()
    /// ```
    ///
    /// The host is a name as for ``ClusterDNS/ClusterResolver/resolve(_:port:timeout:)-(String,_,_)``, and the lookup ends
    /// within the lookup timeout of the resolver's configuration. When it fails, or the port is not in 0...65535,
    /// both queries fail with a `ClusterDNSError`, which NIO puts into `NIOConnectionError.dnsAError` and `dnsAAAAError`.
    ///
    /// One lookup answers for both families, with nothing for an absent one, so that happy eyeballs (RFC 8305) does not wait
    /// for it. NIO begins with IPv6 and alternates between the families. Addresses of a family are in the order of RFC 6724
    /// section 6 (rules 6 and 8); equal ones, such as the pods of a headless service, are shuffled for each connection, so
    /// that connections spread over them.
    ///
    /// A connection that times out does not cancel its lookup: other connections may wait for it, too.
    public func nioResolver() -> some NIOPosix.Resolver & Sendable {
        ConnectionResolver(resolver: self)
    }
}
