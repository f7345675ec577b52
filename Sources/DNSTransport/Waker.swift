internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Ends the loop thread's sleep from any thread.
package final class Waker: Sendable {
    /// What the loop waits on.
    let readEnd: Int32
    private let writeEnd: Int32

    /// `nil` if the process has no descriptor left.
    package init?() {
        #if os(Linux)
            let descriptor = shim_eventfd()
            guard descriptor >= 0 else { return nil }
            readEnd = descriptor
            writeEnd = descriptor
        #else
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return nil }
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            readEnd = ends[0]
            writeEnd = ends[1]
        #endif
    }

    deinit {
        close(readEnd)
        if writeEnd != readEnd { close(writeEnd) }
    }

    /// Wakes the loop, now or, if it is awake, at its next attempt to sleep.
    package func wake() {
        var one: UInt64 = 1
        // A full counter or pipe means that the loop is being woken already. Sound: eight octets of a local variable.
        _ = write(writeEnd, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes note of all wake-ups so far.
    func clear() {
        var count: UInt64 = 0
        #if os(Linux)
            _ = read(readEnd, &count, MemoryLayout<UInt64>.size)
        #else
            while read(readEnd, &count, MemoryLayout<UInt64>.size) > 0 {}
        #endif
    }
}
