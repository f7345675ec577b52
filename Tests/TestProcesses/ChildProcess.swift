import Foundation
import Synchronization

/// A program that runs beside us, and has nothing of ours but the three streams it is given.
///
/// Foundation's `Process` hands down what another thread has just opened, such as the pipes of a sibling: a child that runs
/// for long then keeps them open, and who reads them waits for an end that does not come.
public final class ChildProcess: Sendable {
    public let id: Int32
    private let ending = Ending()

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: Where the program is.
    ///   - environment: All of its variables; ours, if nothing.
    ///   - input: The descriptor to read from; as those to write to, the null device if nothing.
    public init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String]? = nil,
        input: Int32? = nil,
        output: Int32? = nil,
        errors: Int32? = nil
    ) throws {
        id = try spawn(
            path,
            arguments,
            (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" },
            streams: [input, output, errors]
        )
        Thread.detachNewThread { [id, ending] in ending.await(id) }
    }

    public var isRunning: Bool { ending.status == nil }

    /// Sends a signal, unless the program has ended.
    public func send(_ signal: Int32) { ending.send(signal, to: id) }

    /// Blocks until the program has ended, but not for longer than a limit.
    ///
    /// - Returns: its exit status, or as a shell has it 128 and the number of the signal that ended it; nothing if it runs.
    public func wait(for limit: Duration) -> Int32? { ending.wait(for: limit) }
}

/// The end of a program, awaited by a thread of its own.
private final class Ending: Sendable {
    private let result = Mutex<Int32?>(nil)
    private let end = DispatchGroup()

    init() { end.enter() }

    var status: Int32? { result.withLock(\.self) }

    /// The program's id stays its own until we take notice of its end: that is done under the lock, so that no signal goes
    /// to a process which has come to the id.
    func send(_ signal: Int32, to id: Int32) {
        result.withLock { if $0 == nil { kill(id, signal) } }
    }

    func wait(for limit: Duration) -> Int32? {
        _ = end.wait(timeout: .now() + limit / .seconds(1))
        return status
    }

    func await(_ id: Int32) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        result.withLock {
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            $0 = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
        end.leave()
    }
}
