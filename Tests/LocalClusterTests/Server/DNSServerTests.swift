import ClusterDNS
import NIOCore
import Testing

@testable import LocalCluster

@Suite("TCP connections", .timeLimit(.minutes(5)))
struct DNSServerTests {
    private func running(
        _ limits: DNSServer.Limits,
        faults: [Fault] = [],
        _ body: (Client) async throws -> Void
    ) async throws {
        let names = LocalNames(domain: .root, namespace: "default")
        let plan = try FaultPlan(faults, seed: 1, expand: names.absolute)
        let responder = Responder(try Fixtures.zone(Fixtures.state()), plan, seed: 1)
        let loopback = IPAddress(ipv4: 0x7F00_0001)
        let server = try await DNSServer.start(loopback, port: 0, responder, limits: limits)
        do { try await body(Client(port: server.port)) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test("One that is idle is closed")
    func idle() async throws {
        try await running(DNSServer.Limits(idleTime: .milliseconds(20))) { client async throws in
            #expect(try await client.tcp(replies: 1).isEmpty)
        }
    }

    @Test("One that waits for a delayed answer is not idle")
    func delayed() async throws {
        let limits = DNSServer.Limits(idleTime: .milliseconds(20))
        try await running(limits, faults: [.delay(by: .milliseconds(200))]) { client async throws in
            #expect(try await client.tcp(Client.query("cluster.local", .soa), replies: 1).count == 1)
        }
    }

    @Test("One too many is closed at once")
    func tooMany() async throws {
        try await running(DNSServer.Limits(connections: 0)) { client async throws in
            let query = Client.query("cluster.local", .soa)
            // It may be closed before the query is written, which is an error to whoever writes.
            let replies = (try? await client.tcp(query, replies: 1)) ?? []
            #expect(replies.isEmpty)
            #expect(try await client.udp(query, replies: 1).count == 1)
        }
    }
}
