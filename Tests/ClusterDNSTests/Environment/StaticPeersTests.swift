import Testing

@testable import ClusterDNS

@Suite("Static peers", .timeLimit(.minutes(5)))
struct StaticPeersTests {
    private func environment(
        _ variables: [String: String] = [:],
        _ change: (inout ResolverConfiguration) -> Void = { _ in }
    ) throws -> ResolvedEnvironment {
        var configuration = ResolverConfiguration()
        change(&configuration)
        return try ResolvedEnvironment(
            configuration: configuration,
            variables: variables,
            hasFamily: [.ipv4],
            read: { _ in nil }
        )
    }

    private func known(_ planner: LookupPlanner, _ name: String, _ port: Port? = nil) throws -> EndpointSet.Contents? {
        if case .known(let contents) = try planner.prepare(name, port) { contents } else { nil }
    }

    @Test("They are written in an environment variable")
    func variable() throws {
        let text = "service-b = 127.0.0.1:8081, 127.0.0.1:8082; service-c.payments=[::1]:9000;"
        let peers = try environment(["CLUSTER_DNS_STATIC_PEERS": text]).configuration.staticPeers
        #expect(
            peers == [
                "service-b": [try Endpoint("127.0.0.1:8081"), try Endpoint("127.0.0.1:8082")],
                "service-c.payments": [try Endpoint("[::1]:9000")],
            ]
        )
    }

    @Test(
        "What is no list of them is refused, and the variable named",
        arguments: ["service-b", "=127.0.0.1", "b=host:80", "b=127.0.0.1:0", "b=127.0.0.1:80=c", "b=1.1.1.1;b=2.2.2.2"]
    )
    func wrong(text: String) {
        let error = #expect(throws: ClusterDNSError.self) {
            try environment(["CLUSTER_DNS_STATIC_PEERS": text])
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("CLUSTER_DNS_STATIC_PEERS") == true)
    }

    @Test("Two lists for one service are refused, however its name is written")
    func twice() {
        let endpoints = [Endpoint(address: IPAddress(ipv4: 0x7F00_0001))]
        let error = #expect(throws: ClusterDNSError.self) {
            try LookupPlanner(
                environment { $0.staticPeers = ["service-b": endpoints, "service-b.default": endpoints] }
            )
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("service-b") == true)
    }

    @Test(
        "A service has them however its name is written, and whatever port is asked for",
        arguments: [
            "service-b", "Service-B", "service-b.default", "service-b.default.svc.cluster.local",
            "service-b.default.svc",
        ]
    )
    func spelling(name: String) throws {
        let planner = try LookupPlanner(
            environment {
                $0.staticPeers = ["service-b": [Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 8081)]]
            }
        )
        for port in [nil, 80, "http", .all] as [Port?] {
            let contents = try known(planner, name, port)
            #expect(contents?.endpoints.map(\.description) == ["127.0.0.1:8081"])
            #expect(contents?.absoluteName.description == "service-b.default.svc.cluster.local.")
        }
        #expect(try known(planner, "service-c") == nil)
    }

    @Test("A service of nobody is none, and its handles have an empty set")
    func empty() async throws {
        let resolver = try ClusterResolver(environment: environment { $0.staticPeers = ["service-b": []] })
        let error = await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-b", port: 80) }
        #expect(error?.code == .noSuchService)
        let peers = resolver.peers("service-b", port: 80)
        #expect(peers.current?.isEmpty == true)
        #expect(await #expect(throws: ClusterDNSError.self) { try await peers.next() }?.code == .noSuchService)
        await resolver.shutdown()
    }

    @Test("A name that is none is refused", arguments: ["", "a..b", "10.0.0.1", "localhost"])
    func wrongName(name: String) throws {
        let environment = try environment { $0.staticPeers = [name: []] }
        let error = #expect(throws: ClusterDNSError.self) { try LookupPlanner(environment) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("staticPeers") == true)
    }

    @Test("A resolver with static peers sends nothing, and its handles have them at once")
    func resolver() async throws {
        let environment = try environment {
            $0.nameServers = [NameServer(address: IPAddress(ipv4: 0x7F00_0001), port: 9)]
            $0.staticPeers = ["service-b": [Endpoint(address: IPAddress(ipv4: 0x7F00_0001))]]
        }
        let resolver = try ClusterResolver(environment: environment)
        #expect(try await resolver.resolve("service-b", port: 8080).map(\.description) == ["127.0.0.1:8080"])
        let peers = resolver.peers("service-b", port: 8080)
        #expect(peers.current?.map(\.description) == ["127.0.0.1:8080"])
        #expect(try await peers.next().description == "127.0.0.1:8080")
        await resolver.shutdown()
        #expect(resolver.statistics.messagesSent == 0)
    }
}
