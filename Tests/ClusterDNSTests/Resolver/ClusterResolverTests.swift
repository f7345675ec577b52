import TestProcesses
import Testing

@Suite("A resolver")
struct ClusterResolverTests {
    #if os(Linux)
        @Test("Nothing is left of resolvers that were shut down or let go: no thread, no descriptor")
        func leftovers() async throws {
            let probe = try await Program.run(Program.built("ProcessProbe"), ["resolvers"])
            #expect(probe.status == 0, "\(probe.output)\(probe.errors)")
        }
    #endif
}
