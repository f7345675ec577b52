import ClusterDNS
import LocalCluster
import TestServers
import Testing

@Suite("Live handles on real servers", .timeLimit(.minutes(5)))
struct PeersTests {
    private static let manifest = Manifest.yaml(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          clusterIP: None
          selector: {app: web}
          ports: [{name: http, port: 80, targetPort: 8080}, {name: metrics, port: 9090}]
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: web}
        spec:
          replicas: 3
          serviceName: web
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, ports: [{containerPort: 8080}]}]}
        """
    )

    private func resolver(_ cluster: LocalCluster, refreshFloor: Duration = .seconds(1)) throws -> ClusterResolver {
        var configuration = cluster.configuration
        configuration.cache.handleRefreshFloor = refreshFloor
        return try ClusterResolver(configuration)
    }

    @Test("A handle sees its set scaled up and down, and its reader what was added and removed")
    func scaled() async throws {
        try await LocalCluster.with(manifests: [Self.manifest], ttl: .seconds(1)) { cluster async throws in
            let resolver = try resolver(cluster)
            let peers = resolver.peers("web", port: "http")
            var changes = peers.changes.makeAsyncIterator()
            let first = try #require(try await changes.next())
            #expect(first.endpoints.count == 3)
            #expect(first.added.count == 3)
            #expect(first.endpoints.allSatisfy { $0.port == 8080 })
            #expect(first.endpoints.compactMap(\.hostname).contains("web-0.web.default.svc.cluster.local."))

            try await cluster.scale("web", to: 5)
            let second = try #require(try await changes.next())
            #expect(second.added.count == 2)
            #expect(second.removed.isEmpty)

            try await cluster.scale("web", to: 1)
            let third = try #require(try await changes.next())
            #expect(third.removed.count == 4)
            #expect(try await peers.next().hostname == "web-0.web.default.svc.cluster.local.")

            try await cluster.delete(service: "web")
            let fourth = try #require(try await changes.next())
            #expect(fourth.endpoints.isEmpty)
            #expect(peers.lastError?.code == .noSuchService)
            await #expect(throws: ClusterDNSError.self) { _ = try await peers.next() }
            await resolver.shutdown()
            #expect(try await changes.next() == nil)
        }
    }

    @Test("The first of a handle waits for the first answer, and fails as the lookup does")
    func firstNext() async throws {
        try await LocalCluster.with(manifests: [Self.manifest]) { cluster async throws in
            let resolver = try resolver(cluster)
            var seen: Set<String> = []
            let peers = resolver.peers("web", port: 9000)
            for _ in 0..<3 { seen.insert(try await peers.next().description) }
            #expect(seen.count == 3)
            #expect(seen.allSatisfy { $0.hasSuffix(":9000") })
            for (name, code) in [("missing", ClusterDNSError.Code.noSuchService), ("a..b", .invalidName)] {
                let error = await #expect(throws: ClusterDNSError.self) {
                    _ = try await resolver.peers(name).next()
                }
                #expect(error?.code == code)
            }
            await resolver.shutdown()
            let error = await #expect(throws: ClusterDNSError.self) { _ = try await resolver.peers("other").next() }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("Who waits for a service gets it when it is there, in spite of negative answers")
    func waitUntilResolvable() async throws {
        try await LocalCluster.with(
            manifests: [.yaml("{apiVersion: v1, kind: Namespace, metadata: {name: default}}")],
            ttl: .seconds(600)
        ) {
            cluster async throws in
            var configuration = cluster.configuration
            configuration.cache.maximumNegativeTTL = .seconds(600)
            let resolver = try ClusterResolver(configuration)
            for name in ["web", "never"] {
                await #expect(throws: ClusterDNSError.self) { _ = try await resolver.resolve(name) }
            }
            let waiting = Task { try await resolver.waitUntilResolvable("web", timeout: .seconds(60)) }
            // The negative answer is asked past, again and again.
            while try cluster.queryCount(for: "web.default.svc.cluster.local.") < 4 {
                try Task.checkCancellation()
                await Task.yield()
            }
            try await cluster.apply(Self.manifest)
            #expect(try await waiting.value.count == 3)

            let error = await #expect(throws: ClusterDNSError.self) {
                try await resolver.waitUntilResolvable("never", timeout: .milliseconds(50))
            }
            #expect(error?.code == .noSuchService)
            await #expect(throws: ClusterDNSError.self) {
                try await resolver.waitUntilResolvable("a..b", timeout: .seconds(20))
            }
            await resolver.shutdown()
        }
    }

    @Test("A handle on Knot sees its zone change", .needs(.knot))
    func knotZone() async throws {
        try await TestServer.run(.knot) { server in
            var configuration = ResolverConfiguration()
            configuration.namespace = "default"
            configuration.families = .ipv4
            configuration.nameServers = [try NameServer("127.0.0.1:\(server.port)")]
            configuration.cache.maximumTTL = .seconds(1)
            configuration.cache.handleRefreshFloor = .seconds(1)
            let resolver = try ClusterResolver(configuration)
            let name = "nginx.default.svc.cluster.local."
            var changes = resolver.peers("nginx").changes.makeAsyncIterator()
            let first = try #require(try await changes.next())
            #expect(first.endpoints.count == 3)
            try await server.change("cluster.local.", [.add(name, ttl: 5, type: "A", data: "10.244.1.99")])
            let second = try #require(try await changes.next())
            #expect(second.added.map(\.description) == ["10.244.1.99"])
            await resolver.shutdown()
        }
    }

    @Test("A thousand endpoints are a thousand, over TCP", .needs(.knot))
    func thousand() async throws {
        try await TestServer.run(.knot) { server in
            var configuration = ResolverConfiguration()
            configuration.namespace = "default"
            configuration.families = .ipv4
            configuration.nameServers = [try NameServer("127.0.0.1:\(server.port)")]
            let resolver = try ClusterResolver(configuration)
            let set = try await resolver.resolve("thousand", timeout: .seconds(20))
            #expect(Set(set.addresses).count == 1000)
            await resolver.shutdown()
        }
    }
}
