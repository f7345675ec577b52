import ClusterDNS
import Foundation
import NIOCore
import NIOPosix
import TestProcesses
import Testing

@testable import LocalCluster

@Suite("A cluster that runs", .timeLimit(.minutes(5)))
struct LocalClusterTests {
    private let db = "db.default.svc.cluster.local"

    private func running<Result: Sendable>(
        _ faults: [Fault] = [],
        _ body: (LocalCluster, Client) async throws -> Result
    ) async throws -> Result {
        try await LocalCluster.with(manifests: [.yaml(Fixtures.shop)], faults: faults) { cluster in
            try await body(cluster, Client(port: cluster.port))
        }
    }

    @Test("It answers over UDP and over TCP on the same port")
    func transports() async throws {
        try await running { cluster, client async throws in
            #expect(try await client.udp(Client.query(db), replies: 1).first?.answers.count == 2)
            #expect(try await client.tcp(Client.query(db), replies: 1).first?.answers.count == 2)
            #expect(try cluster.queryCount(for: "db") == 2)
            #expect(try cluster.queryCount(for: db, type: .a) == 2)
            #expect(cluster.queryCount == 2)
        }
    }

    @Test("It hands out the settings of a resolver that asks it")
    func resolver() async throws {
        try await running { cluster, _ async throws in
            var configuration = cluster.configuration
            // Or queries would be repeated, on a machine that is slow.
            configuration.retry.firstInterval = configuration.lookupTimeout
            configuration.retry.maximumInterval = configuration.lookupTimeout
            let resolver = try ClusterResolver(configuration)
            #expect(try await resolver.resolve("service-b.payments", port: .named("http")).map(\.port) == [80])
            #expect(try cluster.queryCount(for: "_http._tcp.service-b.payments.svc.cluster.local.", type: .srv) == 1)
            try await cluster.scale("db", to: 3)
            #expect(try await resolver.resolve("db").count == 3)
            await resolver.shutdown()
        }
    }

    @Test("Queries on one connection may follow each other at once")
    func pipelining() async throws {
        try await running { _, client async throws in
            let replies = try await client.tcp(
                Client.query(db, id: 1),
                Client.query("missing." + db, id: 2),
                Client.query(db, .srv, id: 3),
                replies: 3
            )
            #expect(replies.map(\.id) == [1, 2, 3])
            #expect(replies.map(\.responseCode) == [.noError, .nameError, .noError])
        }
    }

    @Test("Changes show in the next answer")
    func changes() async throws {
        try await running { cluster, client async throws in
            func addresses() async throws -> Int {
                try await client.udp(Client.query(db), replies: 1).first?.answers.count ?? -1
            }
            try await cluster.scale("db", to: 5)
            #expect(try await addresses() == 5)
            try await cluster.setReady(false, pod: "db-0")
            #expect(try await addresses() == 4)
            try await cluster.delete(service: "db.default")
            #expect(try await addresses() == 0)
            let service = """
                {apiVersion: v1, kind: Service, metadata: {name: db},
                 spec: {clusterIP: 10.0.0.5, ports: [{port: 1}]}}
                """
            try await cluster.apply(.yaml(service))
            #expect(try await addresses() == 1)
            try await cluster.reload([.yaml(Fixtures.shop)])
            #expect(try await addresses() == 1)
            try await cluster.setReady(true, pod: "db-0")
            #expect(try await addresses() == 2)
        }
    }

    @Test("A manifest with an error changes nothing")
    func badManifest() async throws {
        try await running { cluster, client async throws in
            let good = "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {clusterIP: None}}"
            await #expect(throws: ManifestError.self) { try await cluster.apply(.yaml(good), .yaml("kind: [")) }
            await #expect(throws: ManifestError.self) { try await cluster.reload([.file("/nonexistent.yaml")]) }
            #expect(try await client.udp(Client.query(db), replies: 1).first?.answers.count == 2)
        }
    }

    @Test("A manifest may be a file")
    func file() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path()
        try Fixtures.shop.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let count = try await LocalCluster.with(manifests: [.file(path)]) { await $0.services.count }
        #expect(count == 11)
    }

    @Test("What cannot be read again is no file to serve")
    func pipe() async throws {
        for path in ["/dev/null", FileManager.default.temporaryDirectory.path()] {
            await #expect(throws: ManifestError.self) { try await LocalCluster.start(manifests: [.file(path)]) }
        }
    }

    @Test("The zone has another serial if something is different, even if it cannot be seen in the services")
    func serial() async throws {
        try await running { cluster, _ async throws in
            let serial = await cluster.serial
            try await cluster.reload([.yaml(Fixtures.shop)])
            #expect(await cluster.serial == serial)
            let rows = await cluster.services
            let other = Fixtures.shop.replacingOccurrences(of: "containerPort: 8080", with: "containerPort: 8081")
            try await cluster.reload([.yaml(other)])
            #expect(await cluster.serial == serial + 1)
            #expect(await cluster.services == rows)
        }
    }

    @Test("Answers that are late and held back come after those that came later", .timeLimit(.minutes(1)))
    func lateAndHeld() async throws {
        let queries = (Client.query(db, id: 1), Client.query("sliced.default.svc.cluster.local", id: 2))
        let faults: [Fault] = [.duplicate("db"), .reorder("db"), .delay("db", by: .milliseconds(1))]
        try await running(faults) { _, client async throws in
            #expect(try await client.tcp(queries.0, queries.1, replies: 3).map(\.id) == [2, 1, 1])
        }
    }

    @Test("Domain, namespace and TTL are settings")
    func settings() async throws {
        let manifest = Manifest.yaml(
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 1}]}}"
        )
        try await LocalCluster.with(
            manifests: [manifest],
            clusterDomain: "corp.test",
            namespace: "team",
            ttl: .seconds(30)
        ) { cluster in
            let replies = try await Client(port: cluster.port).udp(Client.query("a.team.svc.corp.test"), replies: 1)
            #expect(replies.first?.answers.first?.ttl == 30)
            #expect(await cluster.services.map(\.dnsName) == ["a.team.svc.corp.test."])
        }
        await #expect(throws: LocalClusterError.self) { try await LocalCluster.start(clusterDomain: "a..b") }
        await #expect(throws: LocalClusterError.self) { try await LocalCluster.start(namespace: "A") }
    }

    @Test("The table has each service with its addresses, ports and endpoints")
    func table() async throws {
        try await running { cluster, _ async throws in
            let rows = await cluster.services
            let b = try #require(rows.first { $0.name == "service-b" })
            #expect(b.type == "ClusterIP" && b.namespace == "payments")
            #expect(b.addresses == [IPAddress("10.96.0.10")])
            #expect(b.ports.map(\.description) == ["http 80/TCP", "metrics 9090/UDP"])
            #expect(b.endpoints.count == 3)
            #expect(rows.first { $0.name == "outside" }?.externalName == "api.example.com")
            #expect(await cluster.pods.map(\.name) == ["db-0", "db-1", "service-b-0", "service-b-1", "service-b-2"])
        }
    }

    @Test("A query that is dropped is not answered, those around it are")
    func drop() async throws {
        try await running([.drop("db")]) { cluster, client async throws in
            let queries = (Client.query(db, id: 1), Client.query("sliced.default.svc.cluster.local", id: 2))
            #expect(try await client.udp(queries.0, queries.1, replies: 1).map(\.id) == [2])
            #expect(try await client.tcp(queries.0, queries.1, replies: 1).map(\.id) == [2])
            try await cluster.setFaults([])
            #expect(try await client.udp(queries.0, replies: 1).map(\.id) == [1])
        }
    }

    @Test("Answers that come twice, late, or in another order")
    func disorder() async throws {
        let queries = (Client.query(db, id: 1), Client.query("sliced.default.svc.cluster.local", id: 2))
        try await running([.duplicate("db")]) { _, client async throws in
            #expect(try await client.udp(queries.0, queries.1, replies: 3).map(\.id) == [1, 1, 2])
        }
        // Longer than a busy machine takes between the two queries.
        try await running([.delay("db", by: .seconds(2))]) { _, client async throws in
            #expect(try await client.udp(queries.0, queries.1, replies: 2).map(\.id) == [2, 1])
        }
        try await running([.reorder("db")]) { _, client async throws in
            // Over TCP the two come at once, however busy the machine is.
            #expect(try await client.tcp(queries.0, queries.1, replies: 2).map(\.id) == [2, 1])
            #expect(try await client.udp(queries.0, replies: 1).map(\.id) == [1])
        }
    }

    @Test("A TCP connection is closed, refused, and accepted again")
    func tcpFaults() async throws {
        try await running([.closeTCP("db")]) { cluster, client async throws in
            #expect(try await client.tcp(Client.query(db), replies: 1).isEmpty)
            try await cluster.setFaults([.refuseTCP])
            await #expect(throws: (any Error).self) { try await client.tcp(Client.query(db), replies: 1) }
            #expect(try await client.udp(Client.query(db), replies: 1).count == 1)
            try await cluster.setFaults([])
            #expect(try await client.tcp(Client.query(db), replies: 1).count == 1)
        }
        try await running([.refuseTCP]) { _, client async throws in
            _ = await #expect(throws: (any Error).self) { try await client.tcp(Client.query(db), replies: 1) }
        }
    }

    @Test("A port that is taken is an error, and free again after a stop")
    func ports() async throws {
        // An address that nobody else uses, and a port that the kernel gives to nobody who asks for any.
        let address = IPAddress(ipv4: 0x7F60_0000 | UInt32.random(in: 1..<0xFF00))
        func start() async throws -> LocalCluster { try await LocalCluster.start(address: address, port: 12_053) }
        let first = try await start()
        let error = await #expect(throws: LocalClusterError.self) { try await start() }
        #expect(error?.code == .unavailable)
        await first.stop()
        await first.stop()
        await #expect(throws: LocalClusterError.self) { try await first.apply(.yaml("")) }
        await (try start()).stop()
    }

    #if os(Linux)
        @Test("Nothing is left of a cluster that was stopped: no thread, no socket")
        func leftovers() async throws {
            let probe = try await Program.run(Program.built("ProcessProbe"), ["clusters"])
            #expect(probe.status == 0, "\(probe.output)\(probe.errors)")
        }
    #endif
}

/// What an actor's own state is used for in the body must compile.
@Suite("A local cluster of an actor") actor ActorsClusterTests {
    private var names: [String] = []

    @Test func `runs a body that uses the actor's state`() async throws {
        try await LocalCluster.with { cluster in names.append(cluster.namespace) }
        #expect(names == ["default"])
    }
}
