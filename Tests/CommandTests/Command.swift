import Foundation

/// The built command, run as a user runs it.
struct Command {
    var status: Int32
    var output: String
    var errors: String

    var outputLines: [Substring] { output.split(separator: "\n") }

    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
        try run(executable, arguments, environment)
    }

    /// Runs a line of shell in which `$0` is the command and `$@` are the arguments.
    static func runShell(_ line: String, _ arguments: [String]) throws -> Command {
        try run(URL(fileURLWithPath: "/bin/sh"), ["-c", line, executable.path] + arguments, [:])
    }

    private static func run(
        _ executable: URL,
        _ arguments: [String],
        _ environment: [String: String]
    ) throws -> Command {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = executable
        process.arguments = arguments
        // The backtrace of a crash is made by a process of its own, which would hold the pipes.
        process.environment = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { given, _ in given }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // What the command writes fits a pipe's buffer, so that reading one after the other can not block it.
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus,
            output: String(decoding: outputData, as: UTF8.self),
            errors: String(decoding: errorData, as: UTF8.self)
        )
    }

    /// Beside the tests in the build folder.
    private static let executable: URL = {
        #if canImport(Darwin)
            let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        #else
            let tests = Bundle.main.executableURL
        #endif
        return URL(fileURLWithPath: "cluster-dns", relativeTo: tests?.deletingLastPathComponent())
    }()
}
