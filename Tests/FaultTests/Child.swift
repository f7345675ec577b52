import Foundation

/// A program that was run to its end.
struct Child {
    var status: Int32
    var output: String
    var errors: String

    /// A program of this package, which lies beside the tests.
    static func built(_ name: String) -> URL {
        #if canImport(Darwin)
            let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        #else
            let tests = Bundle.main.executableURL
        #endif
        return URL(filePath: name, relativeTo: tests?.deletingLastPathComponent()).absoluteURL
    }

    /// - Parameter body: is given the process while it runs.
    static func run(
        _ program: URL,
        _ arguments: [String],
        while body: (Process) -> Void = { _ in }
    ) throws -> Child {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        body(process)
        // What goes to standard error fits a pipe's buffer, so that reading it second can not block the program.
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Child(
            status: process.terminationStatus,
            output: String(decoding: outputData, as: UTF8.self),
            errors: String(decoding: errorData, as: UTF8.self)
        )
    }
}
