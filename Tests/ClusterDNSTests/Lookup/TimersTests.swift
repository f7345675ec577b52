import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("Timers")
struct TimersTests {
    private final class Event: TimedEvent {
        let number: Int
        var isLive = true

        init(_ number: Int) { self.number = number }

        func isLive(at time: MonotonicTime) -> Bool { isLive }
    }

    @Test("Events come in the order of their times, however they were set", arguments: 0..<5 as Range<UInt64>)
    func order(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var timers = Timers<Event>()
        let delays: [Int64] = [200, 250, 250, 5000, .random(in: 1...9000, using: &random)]
        var expected: [Int64] = []
        for step in 0..<3000 {
            let time = Int64(step) + (delays.randomElement(using: &random) ?? 0)
            let event = Event(Int(time))
            event.isLive = Int.random(in: 0..<3, using: &random) > 0
            timers.add(event, at: MonotonicTime(nanoseconds: time))
            if event.isLive { expected.append(time) }
        }
        #expect(timers.takeDue(now: MonotonicTime(nanoseconds: 0)) == nil)
        var came: [Int64] = []
        while let event = timers.takeDue(now: .distantFuture) { came.append(Int64(event.number)) }
        #expect(came == expected.sorted())
        #expect(timers.count == 0)
    }

    @Test("Nobody wakes up for what has lost its point")
    func pointless() {
        var timers = Timers<Event>()
        let events = (1...3).map(Event.init)
        for event in events { timers.add(event, at: MonotonicTime(nanoseconds: Int64(event.number))) }
        events[0].isLive = false
        #expect(timers.earliest() == MonotonicTime(nanoseconds: 2))
        events[1].isLive = false
        events[2].isLive = false
        #expect(timers.earliest() == nil)
        #expect(timers.count == 0)
    }

    @Test("What has lost its point does not pile up behind what has not")
    func bounded() {
        var timers = Timers<Event>()
        let live = Event(0)
        timers.add(live, at: MonotonicTime(nanoseconds: 0))
        for number in 1...100_000 {
            let event = Event(number)
            event.isLive = false
            timers.add(event, at: MonotonicTime(nanoseconds: Int64(number)))
        }
        #expect(timers.count <= 2048)
        #expect(timers.takeDue(now: .distantFuture) === live)
    }
}
