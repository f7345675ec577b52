import TestProcesses
import Testing

@testable import ClusterDNS

@Suite("A resolver", .timeLimit(.minutes(5)))
struct ClusterResolverTests {
    #if os(Linux)
        @Test("Nothing is left of resolvers that were shut down or let go: no thread, no descriptor")
        func leftovers() async throws {
            let probe = try await Program.run(Program.built("ProcessProbe"), ["resolvers"])
            #expect(probe.status == 0, "\(probe.output)\(probe.errors)")
        }

        @Test("A process that may have no more descriptors is told so, and goes on when it has some again")
        func noDescriptors() async throws {
            let probe = try await Program.run(Program.built("ProcessProbe"), ["full"])
            let lines = probe.output.split(separator: "\n")
            #expect(lines.count == 3, "\(probe.output)\(probe.errors)")
            #expect(lines.first == "overloaded")
            #expect(lines.dropFirst().first?.hasPrefix("overloaded: ") == true)
            #expect(lines.dropFirst().first?.hasSuffix("the question could not be sent: Too many open files") == true)
            #expect(lines.last == "1")
        }
    #endif

    @Test("A port's name that breaks a rule is told with the name of the service")
    func invalidPortName() async throws {
        let environment = try ResolvedEnvironment(
            configuration: ResolverConfiguration(),
            variables: [:],
            hasFamily: [.ipv4],
            read: { _ in nil }
        )
        try await withClusterResolver(try ClusterResolver(environment: environment)) { resolver in
            let error = await #expect(throws: ClusterDNSError.self) {
                try await resolver.resolve("service-b", port: "8080")
            }
            #expect(error?.code == .invalidName && error?.name == "service-b")
            #expect(error?.message.hasPrefix("\"service-b\": \"8080\" is not a valid port name: ") == true)
        }
    }

    @Test("A handle on a name of the hosts file that has no address of our family is an empty set, and says why")
    func hostOfOtherFamily() async throws {
        var configuration = ResolverConfiguration()
        configuration.families = .ipv6
        let environment = try ResolvedEnvironment(
            configuration: configuration,
            variables: [:],
            hasFamily: [.ipv6],
            read: { $0 == "/etc/hosts" ? Array("10.1.2.3 legacy-db".utf8) : nil }
        )
        try await withClusterResolver(try ClusterResolver(environment: environment)) { resolver in
            let peers = resolver.peers("legacy-db")
            var changes = peers.changes.makeAsyncIterator()
            let first = try await changes.next()
            #expect(first?.endpoints.isEmpty == true)
            #expect(peers.lastError?.code == .noRecords)
            let error = await #expect(throws: ClusterDNSError.self) { try await peers.next() }
            #expect(error?.code == .noRecords)
        }
    }
}
