import Foundation

/// A program that is run to its end.
public enum Program {
    /// What is left of a program.
    public struct Result: Sendable {
        /// Its exit status, or as a shell has it 128 and the number of the signal that ended it.
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// Where a program is: on the search path or among the system's daemons, which the path of a user often leaves out.
    public static func path(of name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }

    /// Where an executable of this package is: beside the tests in the build folder.
    public static func built(_ name: String) -> String {
        #if canImport(Darwin)
            let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        #else
            let tests = Bundle.main.executableURL
        #endif
        return URL(filePath: name, relativeTo: tests?.deletingLastPathComponent()).path
    }

    /// Runs a program, and kills it when it takes too long.
    ///
    /// - Parameters:
    ///   - program: Its path, or its name on the search path.
    ///   - environment: All of its variables; ours, if nothing.
    ///   - timeLimit: How long it may take after `body`.
    ///   - body: What to do while it runs, which may block.
    /// - Throws: ``ProcessFailure`` if it cannot be started or does not end in time.
    public static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String]? = nil,
        timeLimit: Duration = .seconds(60),
        while body: @escaping @Sendable (ChildProcess) -> Void = { _ in }
    ) async throws -> Result {
        guard let path = program.contains("/") ? program : path(of: program) else {
            throw ProcessFailure("\(program) is not installed")
        }
        return try await blocking {
            places.wait()
            defer { places.signal() }
            // Files and not pipes: they take all that is written, and nobody has to wait for an end of them.
            let (output, errors) = (try Capture(), try Capture())
            let child = try ChildProcess(
                path,
                arguments,
                environment: environment,
                output: output.descriptor,
                errors: errors.descriptor
            )
            body(child)
            if let status = child.wait(for: timeLimit) {
                return try Result(status: status, output: output.text, errors: errors.text)
            }
            child.send(SIGKILL)
            _ = child.wait(for: .seconds(10))
            throw ProcessFailure("\(program) did not end in \(timeLimit):\n\(try output.text)\(try errors.text)")
        }
    }

    /// Tests are all run at once. Were all their programs too, each would take longer than its time limit.
    private static let places = DispatchSemaphore(value: 8)
}

/// A file without a name, for what a program writes.
private final class Capture {
    private let file: UnsafeMutablePointer<FILE>

    init() throws {
        guard let file = tmpfile() else { throw ProcessFailure("no file can be made for a program's output") }
        self.file = file
    }

    deinit { fclose(file) }

    var descriptor: Int32 { fileno(file) }

    var text: String {
        get throws {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try handle.seek(toOffset: 0)
            return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        }
    }
}

/// Does work that blocks on a thread of its own, away from those that run Swift's tasks.
public func blocking<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
}

/// Why a program could not be run.
public struct ProcessFailure: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
