import ClusterDNS
import NIOCore
import NIOPosix

#if GRPC
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
#endif

extension Benchmark {
    /// The resolvers that SwiftNIO and grpc-swift come with, through their public API. Both call `getaddrinfo`: NIO on one
    /// thread for each event loop, grpc-swift on one for the process.
    static let peers = [nio, grpc]

    /// NIO's own resolver is made by a bootstrap alone: there is no way to it but a connection. So both sides are a lookup
    /// and a connection to a server in this process, and nothing is taken off.
    private static let nio = Benchmark("connection by name, SwiftNIO", needsPod: true) { stage in
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group)
            // More than ever wait to be accepted: one that is dropped comes again after a second.
            .serverChannelOption(.backlog, value: 4096)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let alone = try await Load.closedLoop(Stage.reachable) { _ in
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
            try await ClientBootstrap(group: group).connect(to: address).get().close()
        }
        var rows = try await rows(of: "connection by name", beside: "SwiftNIO", on: stage, Stage.reachable) {
            guard let address = try await $0.resolve($1).first?.address else { throw BenchmarkFailure("no \($1)") }
            let socketAddress = try SocketAddress(ipAddress: address.description, port: port)
            try await ClientBootstrap(group: group).connect(to: socketAddress).get().close()
        } peer: {
            try await ClientBootstrap(group: group).connect(host: $0, port: port).get().close()
        }
        try await server.close()
        rows[0].note? += "; a connection alone \(alone.summary)"
        return rows
    }

    private static let grpc = Benchmark("miss, grpc-swift", needsPod: true) { stage in
        #if GRPC
            try await rows(of: "miss", beside: "grpc-swift", on: stage, Array(Stage.names.prefix(1000))) {
                _ = try await $0.resolve($1)
            } peer: { name in
                let resolver = NameResolvers.DNS().resolver(for: .dns(host: name, port: 80))
                var results = resolver.names.makeAsyncIterator()
                guard let result = try await results.next(), !result.endpoints.isEmpty else {
                    throw BenchmarkFailure("no endpoint of \(name)")
                }
            }
        #else
            return [Row("miss, grpc-swift", unit: "").skipping("built without --traits GRPC")]
        #endif
    }

    /// One at a time what each takes, and 64 at a time how many there are.
    private static func rows(
        of what: String,
        beside peerName: String,
        on stage: Stage,
        _ names: [String],
        ours: @escaping @Sendable (ClusterResolver, String) async throws -> Void,
        peer: @escaping @Sendable (String) async throws -> Void
    ) async throws -> [Row] {
        var rows: [Row] = []
        for inFlight in [1, 64] {
            var samples: (ours: [Sample], peer: [Sample]) = ([], [])
            for _ in 0..<rounds {
                samples.peer.append(try await Load.closedLoop(names, inFlight: inFlight, peer))
                samples.ours.append(
                    // Theirs ask for both families.
                    try await stage.withResolver(families: .any) { resolver in
                        try await Load.closedLoop(names, inFlight: inFlight) { try await ours(resolver, $0) }
                    }
                )
            }
            let isOne = inFlight == 1
            let figure: (Sample) -> Double = { isOne ? $0.microseconds(50) : $0.perSecond / 1e3 }
            let unit = isOne ? "µs" : "k/s"
            rows.append(
                Row("\(what), \(isOne ? "one" : "64") at a time, \(peerName)", unit: unit)
                    .comparing(samples.ours, with: peerName, samples.peer, by: figure)
                    .noting("ours \(samples.ours[0].summary); \(peerName) \(samples.peer[0].summary)")
            )
        }
        return rows
    }
}
