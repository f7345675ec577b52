internal import ClusterDNS
internal import NIOCore
internal import NIOPosix

/// Answers the two queries of a connection, A and AAAA. The resolver makes one lookup of them, or none.
struct ConnectionResolver: NIOPosix.Resolver, Sendable {
    let resolver: ClusterResolver

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(.ipv4, host, port)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(.ipv6, host, port)
    }

    /// Nothing: it does not say which queries, and connections made through one bootstrap share its resolver. A lookup ends
    /// at its own deadline.
    func cancelQueries() {}

    private func addresses(_ family: IPAddress.Family, _ host: String, _ port: Int) -> EventLoopFuture<[SocketAddress]>
    {
        // NIO asks on the connection's own event loop.
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
        return loop.makeFutureWithTask {
            let addresses = try await resolver.resolve(host).addresses.filter { $0.family == family }
            return try addresses.inDestinationOrder().map { try SocketAddress($0, port: port) }
        }
    }
}
