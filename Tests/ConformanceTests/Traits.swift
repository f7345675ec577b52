import TestServers
import Testing

/// A server that runs for as long as a suite.
struct RunningServer: SuiteTrait, TestScoping {
    @TaskLocal static var current: TestServer?

    let kind: ServerKind

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TestServer.run(kind) { server in
            try await Self.$current.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == RunningServer {
    static func running(_ kind: ServerKind) -> Self { Self(kind: kind) }
}

extension Trait where Self == ConditionTrait {
    /// Skips what needs a server, or `kdig`, that is not installed.
    static func needs(_ kinds: ServerKind...) -> Self {
        let missing = Set(kinds.flatMap(\.missing) + (Kdig.isInstalled ? [] : ["kdig"])).sorted()
        return .enabled(if: missing.isEmpty, "not installed: \(missing.joined(separator: ", "))")
    }
}
