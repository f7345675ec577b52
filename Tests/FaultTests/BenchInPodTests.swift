import Foundation
import TestProcesses
import Testing

/// `cluster-dns bench` with a pod's resolv.conf, which is what `getaddrinfo` goes by.
@Suite("The benchmark in a pod", .timeLimit(.minutes(5)), .needsNetworks)
struct BenchInPodTests {
    private struct Row: Decodable {
        var mode: String
        var lookups: Int
        var p50: Double?
        var errors: Int
    }

    private func bench(_ arguments: [String], fault: String) async throws -> [Row] {
        let command = try await FaultyNetwork.run(
            Program.built("cluster-dns"),
            ["bench", "--json"] + arguments,
            fault: fault
        )
        #expect(command.status == 0, "\(command.errors)")
        return try command.output.split(separator: "\n").map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    @Test("Every mode finds services")
    func found() async throws {
        let rows = try await bench(["service-a", "service-b", "--duration", "8s", "--concurrency", "2"], fault: "none")
        #expect(rows.map(\.mode) == ["handle", "cached", "uncached", "getaddrinfo"])
        // On a busy machine each of the two callers may still have waited at the end.
        #expect(rows.allSatisfy { $0.lookups > 0 && $0.errors <= 2 }, "\(rows)")
        #expect(rows.allSatisfy { $0.p50 != nil }, "\(rows)")
    }

    @Test("A name server that does not answer holds up no mode, the C library's neither")
    func silence() async throws {
        let rows = try await bench(["service-a", "--duration", "4s", "--concurrency", "2"], fault: "dead")
        #expect(rows.map(\.mode) == ["handle", "cached", "uncached", "getaddrinfo"])
        // One for each caller, if a busy machine has let him wait for long enough.
        #expect(rows.allSatisfy { $0.lookups == 0 && $0.errors <= 2 && $0.p50 == nil }, "\(rows)")
        #expect(rows.contains { $0.errors == 2 }, "\(rows)")
    }
}
