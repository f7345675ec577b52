import ClusterDNS
import LocalCluster
import TestServers
import Testing

@Suite("Conformance with LocalCluster", .timeLimit(.minutes(5)), .needs(), .runningLocalClusters, .serialized)
struct LocalClusterConformanceTests {
    @Test(
        "LocalCluster says what the table says",
        arguments: ConformanceCase.ofLocalCluster.filter { !$0.asked.isEmpty }
    )
    func server(wanted: ConformanceCase) async throws {
        try await askServer(wanted, port(wanted)).check(against: wanted, from: .localCluster)
    }

    @Test("The resolver gives what the table says", arguments: ConformanceCase.ofLocalCluster)
    func resolver(wanted: ConformanceCase) async throws {
        try await askResolver(wanted, nameServerPort: port(wanted)).check(
            against: wanted.ofResolver,
            from: .localCluster
        )
    }

    private func port(_ wanted: ConformanceCase) throws -> UInt16 {
        let clusters = try #require(RunningLocalClusters.current)
        let ofName = clusters.first { wanted.asked.last?.hasSuffix(".\($0.clusterDomain).") == true }
        return try #require(ofName ?? clusters.first { $0.clusterDomain == wanted.clusterDomain }).port
    }
}

extension ConformanceCase {
    /// All cases but those that a LocalCluster is not meant for: it has one TTL for all, and knows names outside the
    /// cluster only by their addresses.
    static let ofLocalCluster = all.filter { wanted in
        wanted.timeToLive.map { $0 == RunningLocalClusters.ttl } ?? true
            && wanted.asked.allSatisfy { isOfLocalCluster($0, wanted.query) }
    }

    private static func isOfLocalCluster(_ name: String, _ query: Query) -> Bool {
        let domains = ["cluster.local.", "clusterset.local.", "k8s.corp.example.", "arpa."]
        if domains.contains(where: { name == $0 || name.hasSuffix(".\($0)") }) { return true }
        switch query {
        case .addresses, .port: return RunningLocalClusters.outside[name] != nil || name == "host.nowhere.example."
        default: return false
        }
    }
}

/// The clusters of the tests, each started from manifests, for as long as a suite runs.
struct RunningLocalClusters: SuiteTrait, TestScoping {
    static let ttl = 30
    @TaskLocal static var current: [LocalCluster]?

    /// The addresses of the world outside.
    static let outside = Dictionary(
        grouping: TestCluster.outside.filter { ["A", "AAAA"].contains($0.type) },
        by: \.owner
    ).mapValues { $0.compactMap { IPAddress($0.data) } }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let domains = [
            ("cluster.local", TestCluster.services), ("clusterset.local", TestCluster.multiClusterServices),
            ("k8s.corp.example", TestCluster.otherDomainServices),
        ]
        var clusters: [LocalCluster] = []
        for (domain, services) in domains {
            let cluster = try await LocalCluster.start(
                manifests: [.yaml(services.map(\.manifest).joined(separator: "---\n"))],
                clusterDomain: domain,
                ttl: .seconds(Self.ttl),
                externalNames: Self.outside
            )
            clusters.append(cluster)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await Self.$current.withValue(clusters) { try await function() }) } catch {
            result = .failure(error)
        }
        for cluster in clusters { await cluster.stop() }
        try result.get()
    }
}

extension Trait where Self == RunningLocalClusters {
    static var runningLocalClusters: Self { Self() }
}
