#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A moment on the machine's monotonic clock, which goes on while the machine is suspended and does not care about the
/// wall clock. Decisions take moments as parameters; the loop thread, and what callers call, read the clock.
///
/// Public, because what is `package` is not inlined in other modules, and a lookup compares moments a hundred times.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since some fixed moment.
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than all others.
    @inlinable
    public static var distantFuture: MonotonicTime { MonotonicTime(nanoseconds: .max) }

    /// The moment of the call.
    public static var now: MonotonicTime {
        var time = timespec()
        // The call cannot fail: the clock exists on every supported system and the pointer is to a local variable.
        #if os(Linux)
            clock_gettime(CLOCK_BOOTTIME, &time)
        #else
            clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    @inlinable
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment `duration` later; the last moment there is, if that would be beyond it.
    @inlinable
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return MonotonicTime(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// How much later `left` is than `right`.
    @inlinable
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        return .nanoseconds(overflow ? (left > right ? .max : .min) : difference)
    }
}

extension Duration {
    /// The duration in nanoseconds; the nearest that fits in 64 bits (292 years).
    @inlinable
    public var wholeNanoseconds: Int64 {
        // A word is divided in a tenth of the time that two take. From zero to 78 minutes the upper bits are enough:
        // 1_000_000_000 is 1_953_125 << 9.
        if attoseconds >= 0, let upper = Int64(exactly: attoseconds >> 9) { return upper / 1_953_125 }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }
}
