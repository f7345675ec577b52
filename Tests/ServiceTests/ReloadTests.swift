import ClusterDNS
import Configuration
import LocalCluster
import Logging
import Testing

@Suite("A configuration that changes", .timeLimit(.minutes(5)))
struct ReloadTests {
    private static let staticPeers: AbsoluteConfigKey = "cluster.dns.staticPeers"

    /// A resolver that runs, its configuration, and what it logs.
    private func running(
        _ values: [AbsoluteConfigKey: ConfigValue] = [:],
        _ body: (ClusterResolver, MutableInMemoryProvider, LogRecorder) async throws -> Void
    ) async throws {
        try await withCluster { cluster async throws in
            let provider = MutableInMemoryProvider(initialValues: values)
            let log = LogRecorder()
            let resolver = try ClusterResolver(
                cluster.configuration,
                config: ConfigReader(provider: provider),
                logger: log.logger
            )
            try await withThrowingTaskGroup { group in
                group.addTask { await resolver.run() }
                defer { group.cancelAll() }
                try await body(resolver, provider, log)
            }
        }
    }

    @Test("Static peers come and go, for lookups and for handles, whether DNS had an answer or not")
    func staticPeers() async throws {
        try await running { resolver, provider, _ async throws in
            #expect(try await resolver.resolve("service-b").count == 3)
            let peers = resolver.peers("service-b", port: "http")
            let other = resolver.peers("service-b")
            var changes = peers.changes.makeAsyncIterator()
            #expect(try await changes.next()?.endpoints.count == 3)

            provider.setValue("service-b=127.0.0.1:8081", forKey: Self.staticPeers)
            #expect(try await changes.next()?.endpoints.map(\.description) == ["127.0.0.1:8081"])
            #expect(try await resolver.resolve("service-b").map(\.description) == ["127.0.0.1:8081"])
            #expect(try await resolver.resolve("service-b.default", port: "http").count == 1)
            for try await change in other.changes where change.endpoints.map(\.description) == ["127.0.0.1:8081"] {
                break
            }
            #expect(try await resolver.peers("service-b").next().description == "127.0.0.1:8081")

            provider.setValue(nil, forKey: Self.staticPeers)
            #expect(try await changes.next()?.endpoints.count == 3)
            #expect(try await resolver.resolve("service-b").count == 3)
        }
    }

    @Test("A handle made while its peers were static follows DNS when they are not")
    func noLongerStatic() async throws {
        try await running([Self.staticPeers: "service-b=127.0.0.1:8081"]) { resolver, provider, _ async throws in
            let peers = resolver.peers("service-b", port: "HTTP")
            #expect(peers.current?.count == 1)
            var changes = peers.changes.makeAsyncIterator()
            _ = try await changes.next()
            provider.setValue(nil, forKey: Self.staticPeers)
            #expect(try await changes.next()?.endpoints.count == 3)
        }
    }

    @Test("A handle whose name means nothing without its static peers has nobody when they are gone, and says why")
    func nothingWithout() async throws {
        try await running([Self.staticPeers: "service-b=127.0.0.1:8081"]) { resolver, provider, _ async throws in
            let peers = resolver.peers("service-b", port: .named("not a port"))
            #expect(try await peers.next().description == "127.0.0.1:8081")
            var changes = peers.changes.makeAsyncIterator()
            _ = try await changes.next()
            provider.setValue(nil, forKey: Self.staticPeers)
            let end = await #expect(throws: ClusterDNSError.self) { _ = try await changes.next() }
            #expect(end?.code == .invalidName)
            let error = await #expect(throws: ClusterDNSError.self) { _ = try await peers.next() }
            #expect(error?.code == .invalidName)
            #expect(peers.current?.isEmpty == true)
        }
    }

    @Test("A wrong value is told with its key, and changes nothing until it is mended")
    func wrong() async throws {
        try await running { resolver, provider, log async throws in
            let peers = resolver.peers("service-b")
            var changes = peers.changes.makeAsyncIterator()
            _ = try await changes.next()
            provider.setValue(0, forKey: "cluster.dns.limits.queueLength")
            let event = await log.next()
            #expect(event.level == .warning)
            #expect(event.text.contains("cluster.dns.limits.queueLength is \"0\""), "\(event.text)")
            provider.setValue("service-b=127.0.0.1:8081", forKey: Self.staticPeers)
            _ = await log.next()
            provider.setValue(1, forKey: "cluster.dns.limits.queueLength")
            #expect(try await changes.next()?.endpoints.count == 1)
        }
    }

    @Test("A change that needs a restart is told")
    func restart() async throws {
        try await running { _, provider, log async throws in
            provider.setValue("1s", forKey: "cluster.dns.timeout")
            let event = await log.next()
            #expect(event.level == .warning)
            #expect(event.text.contains("cluster.dns.timeout"), "\(event.text)")
        }
    }
}
