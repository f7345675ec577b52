import ClusterDNS
import ClusterDNSNIO
import LocalCluster
import NIOCore
import NIOPosix
import Testing

@Suite("A NIO bootstrap with our resolver", .timeLimit(.minutes(2)))
struct NIOBootstrapTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func bootstrap(_ resolver: ClusterResolver) -> ClientBootstrap {
        ClientBootstrap(group: group).resolver(resolver.nioResolver())
    }

    @Test func `spreads its connections over the pods of a headless service, and passes over a dead one`() async throws
    {
        try await withFreePort { port in
            let service = TestService("nio-echo", port: port)
            try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 3))]) { cluster in
                let resolver = try cluster.resolver()
                let addresses = await service.addresses(in: cluster)
                var servers: [any Channel] = []
                for address in addresses { servers.append(try await HTTPEcho.start(address, port: port)) }

                var answers: [String: Int] = [:]
                // By chance one of three is never first in 60 connections once in 10¹⁰ runs.
                for _ in 0..<60 {
                    answers[try await HTTPEcho.get("nio-echo", port: port, bootstrap(resolver)), default: 0] += 1
                }
                #expect(Set(answers.keys) == Set(addresses.map { "\($0) nio-echo:\(port)" }))

                try await servers.removeFirst().close()
                for _ in 0..<20 {
                    let answer = try await HTTPEcho.get("nio-echo.default.svc", port: port, bootstrap(resolver))
                    #expect(!answer.hasPrefix("\(addresses[0]) "))
                }
                for server in servers { try await server.close() }
                await resolver.shutdown()
            }
        }
    }

    @Test func `has the code of the failed lookup`() async throws {
        try await LocalCluster.with { cluster in
            let resolver = try cluster.resolver()
            let error = await #expect(throws: NIOConnectionError.self) {
                try await bootstrap(resolver).connect(host: "missing", port: 80).get()
            }
            #expect((error?.dnsAError as? ClusterDNSError)?.code == .noSuchService)
            #expect((error?.dnsAAAAError as? ClusterDNSError)?.code == .noSuchService)
            await resolver.shutdown()
        }
    }

    @Test(arguments: [-1, 65536, .max])
    func `refuses a port that is none`(_ port: Int) async throws {
        try await LocalCluster.with { cluster in
            let resolver = try cluster.resolver()
            let error = await #expect(throws: NIOConnectionError.self) {
                try await bootstrap(resolver).connect(host: "10.0.0.1", port: port).get()
            }
            let reason = try #require(error?.dnsAError as? ClusterDNSError)
            #expect(reason.code == .invalidName && reason.message.contains("\(port)"), "\(reason)")
            await resolver.shutdown()
        }
    }
}

@Suite("The resolver of a connection", .timeLimit(.minutes(2)))
struct ConnectionResolverTests {
    private static let manifest = Manifest.yaml(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: one-family}
        spec: {clusterIP: 10.96.0.20, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: two-families}
        spec: {clusterIPs: [10.96.0.21, "fd00:96::21"], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}
        """
    )

    @Test(arguments: [
        ("one-family", ["10.96.0.20"], []), ("two-families", ["10.96.0.21"], ["fd00:96::21"]),
        ("192.0.2.1", ["192.0.2.1"], []), ("2001:db8::1", [], ["2001:db8::1"]),
    ])
    func `answers both families with one lookup, an absent one empty`(
        _ host: String,
        ipv4: [String],
        ipv6: [String]
    ) async throws {
        try await LocalCluster.with(manifests: [Self.manifest]) { cluster in
            var configuration = cluster.configuration
            // Or queries would be repeated, on a machine that is slow.
            configuration.retry.firstInterval = configuration.lookupTimeout
            configuration.retry.maximumInterval = configuration.lookupTimeout
            let resolver = try ClusterResolver(configuration)
            let connection = resolver.nioResolver()
            let late = connection.initiateAAAAQuery(host: host, port: 81)
            let answer = connection.initiateAQuery(host: host, port: 81)
            #expect(try await answer.get().map(\.ipAddress) == ipv4)
            #expect(try await late.get().map(\.ipAddress) == ipv6)
            #expect(try await answer.get().allSatisfy { $0.port == 81 })
            #expect(resolver.statistics.messagesSent == (IPAddress(host) == nil ? 2 : 0))
            await resolver.shutdown()
        }
    }

    @Test func `leaves the lookups of others alone when a connection gives up`() async throws {
        try await LocalCluster.with(manifests: [Self.manifest], faults: [.drop()]) { cluster in
            let resolver = try cluster.resolver()
            let shared = resolver.nioResolver()
            let answer = shared.initiateAQuery(host: "one-family", port: 80)
            shared.cancelQueries()
            try await cluster.setFaults([])
            #expect(try await answer.get().map(\.ipAddress) == ["10.96.0.20"])
            await resolver.shutdown()
        }
    }
}

@Suite("An endpoint as a socket address")
struct SocketAddressTests {
    @Test(arguments: [("10.0.0.1", "10.0.0.1"), ("2001:db8::1", "2001:db8::1")])
    func `has its address and its port, and there is none without a port`(_ text: String, ipAddress: String) throws {
        let address = try #require(IPAddress(text))
        let socketAddress = try #require(SocketAddress(Endpoint(address: address, port: 8080)))
        #expect(socketAddress.ipAddress == ipAddress)
        #expect(socketAddress.port == 8080)
        #expect(SocketAddress(Endpoint(address: address)) == nil)
    }
}
