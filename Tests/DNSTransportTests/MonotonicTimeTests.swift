import DNSTransport
import Testing

@Suite("Moments and durations")
struct MonotonicTimeTests {
    @Test(
        "A duration is as many whole nanoseconds as it has, towards zero",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1),
            (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
            (Duration(secondsComponent: 0, attosecondsComponent: -999_999_999), 0),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
            (.seconds(30), 30_000_000_000), (.seconds(-30), -30_000_000_000),
            // About where a duration in units of 512 attoseconds no longer fits into a word.
            (.nanoseconds(4_722_366_482_869), 4_722_366_482_869), (.nanoseconds(4_722_366_482_870), 4_722_366_482_870),
            (.nanoseconds(Int64.max), Int64.max), (.nanoseconds(Int64.min), Int64.min),
            (.seconds(Int64.max), Int64.max), (.seconds(Int64.min), Int64.min),
        ] as [(Duration, Int64)]
    )
    func wholeNanoseconds(_ duration: Duration, nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }

    @Test("What would be beyond the last moment is the last")
    func bounds() {
        let now = MonotonicTime(nanoseconds: 1)
        #expect(now + .seconds(Int64.max) == .distantFuture)
        #expect(now + .seconds(Int64.min) < now)
        #expect(MonotonicTime.distantFuture - MonotonicTime(nanoseconds: -1) == .nanoseconds(Int64.max))
        #expect(MonotonicTime(nanoseconds: .min) - now == .nanoseconds(Int64.min))
        #expect(now + .nanoseconds(2) - now == .nanoseconds(2))
    }
}
