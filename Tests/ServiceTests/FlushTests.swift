import ClusterDNS
import LocalCluster
import Testing

@Suite("Flushing names", .timeLimit(.minutes(2)))
struct FlushTests {
    @Test("The next lookup of a flushed name asks DNS, whichever way it is written", arguments: [true, false])
    func asksAgain(isAll: Bool) async throws {
        try await withCluster { cluster in
            try await withClusterResolver(try ClusterResolver(cluster.configuration)) { resolver in
                for _ in 0..<100 {
                    _ = try await resolver.resolve("service-b.default")
                    _ = try await resolver.resolve("service-b", port: "http")
                    let sent = cluster.queryCount
                    if isAll { resolver.flush() } else { try resolver.flush("service-b") }
                    _ = try await resolver.resolve("service-b.default")
                    #expect(cluster.queryCount > sent)
                    let sentForAddresses = cluster.queryCount
                    _ = try await resolver.resolve("service-b", port: "http")
                    #expect(cluster.queryCount > sentForAddresses)
                }
            }
        }
    }
}
