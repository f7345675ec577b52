import TestServers
import Testing

// One suite for each kind of server, which runs for as long as the suite does. In each, the table is held against what the
// server says, and the resolver against the table.

@Suite("Conformance with Knot", .timeLimit(.minutes(5)), .needs(.knot), .running(.knot), .serialized)
struct KnotConformanceTests {
    @Test("Knot says what the table says", arguments: ConformanceCase.sent)
    func server(wanted: ConformanceCase) async throws { try await checkServer(wanted) }

    @Test("The resolver gives what the table says", arguments: ConformanceCase.all)
    func resolver(wanted: ConformanceCase) async throws { try await checkResolver(wanted) }
}

@Suite("Conformance with BIND", .timeLimit(.minutes(5)), .needs(.bind), .running(.bind), .serialized)
struct BINDConformanceTests {
    @Test("BIND says what the table says", arguments: ConformanceCase.sent)
    func server(wanted: ConformanceCase) async throws { try await checkServer(wanted) }

    @Test("The resolver gives what the table says", arguments: ConformanceCase.all)
    func resolver(wanted: ConformanceCase) async throws { try await checkResolver(wanted) }
}

@Suite("Conformance with Unbound", .timeLimit(.minutes(5)), .needs(.unbound), .running(.unbound), .serialized)
struct UnboundConformanceTests {
    @Test("Unbound says what the table says", arguments: ConformanceCase.sent)
    func server(wanted: ConformanceCase) async throws { try await checkServer(wanted) }

    @Test("The resolver gives what the table says", arguments: ConformanceCase.all)
    func resolver(wanted: ConformanceCase) async throws { try await checkResolver(wanted) }
}

@Suite("Conformance with dnsmasq", .timeLimit(.minutes(5)), .needs(.dnsmasq), .running(.dnsmasq), .serialized)
struct DnsmasqConformanceTests {
    @Test("dnsmasq says what the table says", arguments: ConformanceCase.sent)
    func server(wanted: ConformanceCase) async throws { try await checkServer(wanted) }

    @Test("The resolver gives what the table says", arguments: ConformanceCase.all)
    func resolver(wanted: ConformanceCase) async throws { try await checkResolver(wanted) }
}

private func checkServer(_ wanted: ConformanceCase) async throws {
    let server = try #require(RunningServer.current)
    try await askServer(wanted, server.port).check(against: wanted, from: Respondent(server.kind))
}

private func checkResolver(_ wanted: ConformanceCase) async throws {
    let server = try #require(RunningServer.current)
    try await askResolver(wanted, nameServerPort: server.port)
        .check(against: wanted.ofResolver, from: Respondent(server.kind))
}
