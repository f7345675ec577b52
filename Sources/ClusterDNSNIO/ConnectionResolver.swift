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
            // NIO itself does not look at it, and its `SocketAddress` ends the process for one that is none.
            guard let port = UInt16(exactly: port) else {
                throw ClusterDNSError(
                    code: .invalidName,
                    message: "\(host.quoted) with port \(port): a port is a number from 0 to 65535",
                    name: host
                )
            }
            let addresses = try await resolver.resolve(host).addresses.filter { $0.family == family }
            return try addresses.inDestinationOrder().map { try SocketAddress($0, port: port) }
        }
    }
}
