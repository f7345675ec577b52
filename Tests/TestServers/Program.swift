import Foundation

/// A program of the system.
public enum Program {
    /// Where a program is: on the search path or among the system's daemons, which the path of a user often leaves out.
    public static func path(of name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }
}

/// Runs a short program to its end and gives what it wrote.
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
