import Testing

@testable import ClusterDNS

@Suite("The estimate of a name server's round trips")
struct RoundTripTimeTests {
    @Test("It is that of RFC 6298: the smoothed time and four times its variation")
    func estimate() {
        var time = RoundTripTime()
        #expect(time.timeout == .zero)
        time.note(.milliseconds(800))
        // 800 + 4 · 400
        #expect(time.timeout == .milliseconds(2400))
        time.note(.milliseconds(800))
        // 800 + 4 · 300
        #expect(time.timeout == .milliseconds(2000))
        time.note(.milliseconds(0))
        // 700 + 4 · (3/4 · 300 + 1/4 · 800)
        #expect(time.timeout == .milliseconds(2400))
    }

    @Test("One slow answer is forgotten within eight quick ones")
    func decay() {
        var time = RoundTripTime()
        for _ in 0..<10 { time.note(.milliseconds(1)) }
        #expect(time.timeout < .milliseconds(2))
        time.note(.milliseconds(600))
        #expect(time.timeout > .milliseconds(600))
        for _ in 0..<8 { time.note(.milliseconds(1)) }
        #expect(time.timeout < .milliseconds(250))
    }

    @Test("A time beyond all sense, and one before its beginning, do no harm")
    func nonsense() {
        var time = RoundTripTime()
        time.note(.nanoseconds(Int64.max))
        time.note(.nanoseconds(Int64.min))
        time.note(.seconds(Int64.max))
        #expect(time.timeout > .zero)
    }
}
