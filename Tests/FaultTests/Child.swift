import Foundation
import TestProcesses

/// A program that was run to its end.
struct Child {
    var status: Int32?
    var output: String
    var errors: String

    /// - Parameter body: is given the process while it runs.
    static func run(
        _ program: String,
        _ arguments: [String],
        while body: (ChildProcess) -> Void = { _ in }
    ) throws -> Child {
        let (output, errors) = (Pipe(), Pipe())
        let process = try ChildProcess(
            program,
            arguments,
            output: output.fileHandleForWriting.fileDescriptor,
            errors: errors.fileHandleForWriting.fileDescriptor
        )
        // The program has these now; while we had them too, there would be no end to read.
        try output.fileHandleForWriting.close()
        try errors.fileHandleForWriting.close()
        body(process)
        // What goes to standard error fits a pipe's buffer, so that reading it second can not block the program.
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = errors.fileHandleForReading.readDataToEndOfFile()
        return Child(
            status: process.wait(for: .seconds(30)),
            output: String(decoding: outputData, as: UTF8.self),
            errors: String(decoding: errorData, as: UTF8.self)
        )
    }
}
