import ClusterDNS
import LocalCluster
import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

@Suite("A resolver's lifecycle", .timeLimit(.minutes(5)))
struct LifecycleTests {
    @Test(
        "A graceful shutdown lets a lookup in progress have its answer, that of a handle, too, and takes no other",
        arguments: [false, true]
    )
    func graceful(isHandle: Bool) async throws {
        try await withCluster([.drop().first(1)]) { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration)
            try await testGracefulShutdown { shutdown async throws in
                async let run: Void = resolver.run()
                let port = try await cluster.queryComes {
                    Task {
                        isHandle
                            ? try await resolver.peers("service-b", port: "http").next().port
                            : try await resolver.resolve("service-b", port: "http").first?.port
                    }
                }
                shutdown.triggerGracefulShutdown()
                await run
                #expect(try await port.value == 8080)
            }
            let error = await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-b") }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("A lookup without an answer ends at its own deadline, not with the graceful shutdown")
    func deadline() async throws {
        try await withCluster([.drop()]) { cluster async throws in
            var configuration = cluster.configuration
            configuration.lookupTimeout = .milliseconds(500)
            let resolver = try ClusterResolver(configuration)
            let lookups = try await cluster.queryComes {
                (
                    Task { try await resolver.resolve("service-b", timeout: .milliseconds(300)) },
                    Task { try await resolver.peers("service-c").next(timeout: .seconds(300)) }
                )
            }
            await resolver.shutdownGracefully()
            let error = await #expect(throws: ClusterDNSError.self) { try await lookups.0.value }
            #expect(error?.code == .timedOut)
            let other = await #expect(throws: ClusterDNSError.self) { try await lookups.1.value }
            #expect(other.map { [.timedOut, .shutDown].contains($0.code) } == true)
        }
    }

    @Test("Handles on what is not asked for end with the resolver, too", arguments: [false, true])
    func handles(isLate: Bool) async throws {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [try NameServer("127.0.0.1:1")]
        configuration.staticPeers = ["service-x": [Endpoint(address: IPAddress(ipv4: 1))]]
        let resolver = try ClusterResolver(configuration)
        if isLate { await resolver.shutdown() }
        let readers = ["10.0.0.5", "localhost", "service-x"].map { name in
            Task { try await resolver.peers(name).changes.reduce(0) { count, _ in count + 1 } }
        }
        await resolver.shutdown()
        for reader in readers { #expect(try await reader.value <= 1) }
    }

    @Test("A cancelled service waits for no lookup")
    func cancelled() async throws {
        try await withCluster([.drop()]) { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration)
            let lookup = try await cluster.queryComes {
                Task { try await resolver.resolve("service-b", timeout: .seconds(300)) }
            }
            let run = Task { await resolver.run() }
            run.cancel()
            await run.value
            let error = await #expect(throws: ClusterDNSError.self) { try await lookup.value }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("It runs in a group of services, and works before that")
    func group() async throws {
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration)
            #expect(try await resolver.resolve("service-b").count == 3)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let group = ServiceGroup(services: [resolver], logger: logger)
            async let run: Void = group.run()
            await group.triggerGracefulShutdown()
            try await run
            let error = await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-b.payments") }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("The scoped form shuts down at its end, however that comes")
    func scoped() async throws {
        struct Failure: Error {}
        try await withCluster { cluster async throws in
            let kept = try await withClusterResolver(ClusterResolver(cluster.configuration)) { resolver async throws in
                #expect(try await resolver.resolve("service-b").count == 3)
                return resolver
            }
            let other = try ClusterResolver(cluster.configuration)
            await #expect(throws: Failure.self) { try await withClusterResolver(other) { _ in throw Failure() } }
            for resolver in [kept, other] {
                let error = await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-b") }
                #expect(error?.code == .shutDown)
            }
        }
    }
}
