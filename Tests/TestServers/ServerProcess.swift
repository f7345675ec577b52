import Foundation
import TestProcesses

/// A program that runs until it is stopped, or until this process is gone; then its directory goes with it.
final class ServerProcess: Sendable {
    // A server must not outlive the tests, however they end. The shell becomes the server, so that the process we started
    // is the server itself; the watcher it leaves behind sleeps on a pipe whose other end only we hold. The end of the
    // pipe is the end of us: the watcher removes the directory and kills the server. The end of the server is, by the
    // kernel's hand, the end of the watcher, so it never kills a process that has come to the server's id.
    private static let script = """
        exec 3<&0
        setpriv --pdeathsig KILL sh -c 'read -r line; rm -rf -- "$1"; kill -KILL "$PPID"' sh "$1" <&3 3<&- &
        shift
        exec "$@" </dev/null 3<&-
        """

    private let process: ChildProcess
    private let lifeline = Pipe()
    private let log: URL

    init(program: String, arguments: [String], directory: URL) throws {
        log = directory.appending(path: "log")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        process = try ChildProcess(
            "/bin/sh",
            ["-c", Self.script, "sh", directory.path, program] + arguments,
            input: lifeline.fileHandleForReading.fileDescriptor,
            output: output.fileDescriptor,
            errors: output.fileDescriptor
        )
    }

    var id: Int32 { process.id }

    var isRunning: Bool { process.isRunning }

    /// The last lines that the program wrote.
    var lastWords: String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    /// Ends the program: asks, and after two seconds kills. Blocks until it is gone, for at most four seconds.
    func stop() {
        for signal in [SIGTERM, SIGKILL] where process.isRunning {
            process.send(signal)
            _ = process.wait(for: .seconds(2))
        }
    }
}
