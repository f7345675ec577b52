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

    @Test("An address has its names, until they are flushed")
    func names() async throws {
        try await withCluster { cluster in
            try await withClusterResolver(try ClusterResolver(cluster.configuration)) { resolver in
                #expect(resolver.namespace == "default" && resolver.clusterDomain == "cluster.local")
                let address = try #require(try await resolver.resolve("service-b").addresses.first)
                for _ in 0..<2 {
                    let names = try await resolver.names(of: address)
                    #expect(names.count == 1)
                    #expect(names.first?.hasSuffix(".service-b.default.svc.cluster.local.") == true)
                }
                let sent = cluster.queryCount
                try resolver.flush("\(address)")
                _ = try await resolver.names(of: address)
                #expect(cluster.queryCount > sent)
            }
        }
    }
}
