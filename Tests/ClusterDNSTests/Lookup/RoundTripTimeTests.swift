import Testing

@testable import ClusterDNS

@Suite("The estimate of a name server's round trips")
struct RoundTripTimeTests {
    private let millisecond: Int64 = 1_000_000

    @Test("It is that of RFC 6298: the smoothed time and four times its variation")
    func estimate() {
        var time = RoundTripTime()
        #expect(time.timeout == 0)
        time.note(800 * millisecond)
        // 800 + 4 · 400
        #expect(time.timeout == 2400 * millisecond)
        time.note(800 * millisecond)
        // 800 + 4 · 300
        #expect(time.timeout == 2000 * millisecond)
        time.note(0)
        // 700 + 4 · (3/4 · 300 + 1/4 · 800)
        #expect(time.timeout == 2400 * millisecond)
    }

    @Test("One slow answer is forgotten within eight quick ones")
    func decay() {
        var time = RoundTripTime()
        for _ in 0..<10 { time.note(millisecond) }
        #expect(time.timeout < 2 * millisecond)
        time.note(600 * millisecond)
        #expect(time.timeout > 600 * millisecond)
        for _ in 0..<8 { time.note(millisecond) }
        #expect(time.timeout < 250 * millisecond)
    }

    @Test("A time beyond all sense, and one before its beginning, do no harm")
    func nonsense() {
        var time = RoundTripTime()
        time.note(.max)
        time.note(.min)
        time.note(.max)
        #expect(time.timeout > 0)
    }
}
