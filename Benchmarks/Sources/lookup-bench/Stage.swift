import ClusterDNS
import Foundation
import TestServers

/// What all rows use: a name server on the loopback interface, and the names that it knows.
struct Stage: Sendable {
    let server: TestServer
    /// Whether `resolv.conf` is a pod's and names our servers.
    let pod: Pod?

    /// Services with one address each. Every lookup of them is a miss if every resolver asks for each once.
    static let names = (0..<10_000).map { "s\($0)" }
    /// Services with ten addresses each.
    static let services = (0..<10_000).map { "m\($0)" }
    /// Headless services with 1000 endpoints each.
    static let large = (0..<20).map { "large\($0)" }
    /// Services at an address that a connection can be made to.
    static let reachable = (0..<1000).map { "here\($0)" }
    /// Services whose answers are kept for a second.
    static let brief = (0..<100).map { "brief\($0)" }

    static let namespace = "bench"

    static func absolute(_ name: String) -> String { "\(name).\(namespace).svc.cluster.local" }

    static func start() async throws -> Stage {
        let pod = Pod.current
        let zone = Zone("cluster.local.", records)
        let server = try await TestServer.start(
            .knot,
            port: pod == nil ? nil : 53,
            zones: [zone],
            patience: .seconds(60)
        )
        try pod?.use("127.0.0.1")
        return Stage(server: server, pod: pod)
    }

    var port: UInt16 { server.port }

    /// A resolver that knows nothing yet.
    func resolver(_ change: (inout ResolverConfiguration) -> Void = { _ in }) throws -> ClusterResolver {
        try Self.resolver(NameServer("127.0.0.1:\(port)"), change)
    }

    static func resolver(
        _ server: NameServer,
        _ change: (inout ResolverConfiguration) -> Void = { _ in }
    ) throws -> ClusterResolver {
        var configuration = ResolverConfiguration()
        configuration.namespace = namespace
        configuration.clusterDomain = "cluster.local"
        configuration.nameServers = [server]
        configuration.families = .ipv4
        change(&configuration)
        return try ClusterResolver(configuration)
    }

    /// Runs `body` with a resolver that knows nothing yet.
    func withResolver<Result>(
        families: Families = .ipv4,
        _ body: (ClusterResolver) async throws -> Result
    ) async throws -> Result {
        try await withClusterResolver(try resolver { $0.families = families }) { try await body($0) }
    }

    private static var records: [ZoneRecord] {
        func addresses(_ name: String, _ block: Int, _ count: Int, ttl: Int = 30) -> [ZoneRecord] {
            (0..<count).map { number in
                ZoneRecord("\(absolute(name)).", ttl, "A", "10.\(block & 255).\(number >> 8 & 255).\(number & 255)")
            }
        }
        return names.enumerated().flatMap { addresses($1, $0, 1) }
            + services.enumerated().flatMap { addresses($1, $0, 10) }
            + large.enumerated().flatMap { addresses($1, $0, 1000) }
            + reachable.map { ZoneRecord("\(absolute($0)).", 30, "A", "127.0.0.1") }
            + brief.enumerated().flatMap { addresses($1, $0, 1, ttl: 1) }
    }
}
