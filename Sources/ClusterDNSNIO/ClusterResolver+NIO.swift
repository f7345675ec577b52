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
    /// within the lookup timeout of the resolver's configuration. When it fails, or the port is no number from 0 to 65535,
    /// both queries fail with a `ClusterDNSError`, which NIO puts into `NIOConnectionError.dnsAError` and `dnsAAAAError`.
    ///
    /// Both families come from one lookup, an absent one empty, so that happy eyeballs (RFC 8305) does not wait for one. NIO
    /// begins with IPv6 and takes turns between the families. Addresses of one family stand in the order of RFC 6724 section 6
    /// (rules 6 and 8); those that are alike, as the pods of a headless service are, in another for each connection, so that
    /// connections spread over them.
    ///
    /// A connection that times out leaves its lookup to end by itself: other connections may wait for it, too.
    public func nioResolver() -> some NIOPosix.Resolver & Sendable {
        ConnectionResolver(resolver: self)
    }
}
