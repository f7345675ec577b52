import Foundation

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

    private let process = Process()
    private let lifeline = Pipe()
    private let end = DispatchGroup()
    private let log: URL

    init(program: String, arguments: [String], directory: URL) throws {
        log = directory.appending(path: "log")
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", directory.path, program] + arguments
        process.standardInput = lifeline
        process.standardOutput = output
        process.standardError = output
        end.enter()
        process.terminationHandler = { [end] _ in end.leave() }
        do {
            try process.run()
        } catch {
            end.leave()
            throw error
        }
    }

    var id: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    /// The last lines that the program wrote.
    var lastWords: String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    /// Ends the program, at first by asking. Blocks for at most four seconds.
    func stop() {
        for signal in [SIGTERM, SIGKILL] where process.isRunning {
            kill(id, signal)
            _ = end.wait(timeout: .now() + 2)
        }
    }
}

/// Runs a short program to its end and gives what it wrote to standard output.
func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    guard let path = Program.path(of: name) else { throw ServerFailure("\(name) is not installed") }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    end.wait()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// Does work that blocks on a thread that may block, away from those that run Swift's tasks.
func blocking<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
}

/// Why a server could not be started or asked.
public struct ServerFailure: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
