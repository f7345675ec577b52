import TestProcesses

/// The built command, run as a user runs it.
enum Command {
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program.Result {
        try await run(executable, arguments, environment)
    }

    /// Runs a line of shell in which `$0` is the command and `$@` are the arguments.
    static func runShell(_ line: String, _ arguments: [String]) async throws -> Program.Result {
        try await run("/bin/sh", ["-c", line, executable] + arguments, [:])
    }

    private static func run(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String]
    ) async throws -> Program.Result {
        // The backtrace of a crash would be made by a process of its own, which may stay behind.
        let backtrace = ["SWIFT_BACKTRACE": "enable=no"]
        return try await Program.run(
            program,
            arguments,
            environment: environment.merging(backtrace) { given, _ in given }
        )
    }

    static let executable = Program.built("cluster-dns")
}

extension Program.Result {
    var outputLines: [Substring] { output.split(separator: "\n") }
}
