import Foundation

/// The built command while it runs: for the verbs that go on until they are interrupted. It does not outlive the test.
final class RunningCommand: Sendable {
    let output: Lines
    let errors: Lines
    private let process = Process()
    private let end: AsyncStream<Never>

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let (output, errors) = (Pipe(), Pipe())
        self.output = Lines(output)
        self.errors = Lines(errors)
        process.executableURL = Command.executable
        process.arguments = arguments
        process.environment = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { given, _ in given }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        let (end, ended) = AsyncStream<Never>.makeStream()
        self.end = end
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: the exit status.
    func end(with signal: Int32) async -> Int32 {
        kill(process.processIdentifier, signal)
        return await status
    }

    /// The exit status, once there is one.
    var status: Int32 {
        get async {
            for await _ in end {}
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    /// What it writes, line by line as it comes.
    final class Lines: Sendable {
        struct Missing: Error {
            var text: String
            var found: [String]
        }

        private let lines: AsyncStream<String>

        fileprivate init(_ pipe: Pipe) {
            let (lines, continuation) = AsyncStream<String>.makeStream()
            self.lines = lines
            Thread.detachNewThread {
                var rest: [UInt8] = []
                while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                    rest += data
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                        continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                        rest.removeSubrange(...end)
                    }
                }
                continuation.finish()
            }
        }

        /// Waits for a line with the text in it, and passes over those before.
        @discardableResult
        func first(with text: String) async throws -> String {
            var found: [String] = []
            for await line in lines {
                if line.contains(text) { return line }
                found.append(line)
            }
            throw Missing(text: text, found: found)
        }

        /// All lines that are still to come.
        var rest: [String] {
            get async {
                var rest: [String] = []
                for await line in lines { rest.append(line) }
                return rest
            }
        }
    }
}
