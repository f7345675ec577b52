import Foundation
import TestProcesses

/// The built command while it runs: for the verbs that go on until they are interrupted. It does not outlive the test.
final class RunningCommand: Sendable {
    let output: Lines
    let errors: Lines
    private let child: ChildProcess

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let (output, errors) = (Pipe(), Pipe())
        child = try ChildProcess(
            Command.executable,
            arguments,
            environment: environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { given, _ in given },
            output: output.fileHandleForWriting.fileDescriptor,
            errors: errors.fileHandleForWriting.fileDescriptor
        )
        // The program has these now; while we had them too, there would be no end to read.
        try output.fileHandleForWriting.close()
        try errors.fileHandleForWriting.close()
        self.output = Lines(output)
        self.errors = Lines(errors)
    }

    deinit {
        child.send(SIGKILL)
    }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: the exit status.
    func end(with signal: Int32) async -> Int32? {
        child.send(signal)
        return await status
    }

    /// The exit status, once there is one; nothing if it takes half a minute.
    var status: Int32? {
        get async {
            await blocking { [child] in child.wait(for: .seconds(30)) }
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

        /// Waits for the next line.
        var next: String {
            get async throws {
                for await line in lines { return line }
                throw Missing(text: "any line", found: [])
            }
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
