import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("Timers")
struct TimersTests {
    private func time(_ nanoseconds: Int) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(nanoseconds)) }

    @Test("Events come in the order of their times, however they were set", arguments: 0..<5 as Range<UInt64>)
    func order(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var timers = Timers<Int>()
        let delays = [200, 250, 250, 5000, .random(in: 1...9000, using: &random)]
        var alarms: [(alarm: Timers<Int>.Alarm, number: Int)] = []
        var times: [Int: Int] = [:]
        for number in 0..<3000 {
            let at = number + (delays.randomElement(using: &random) ?? 0)
            alarms.append((timers.add(number, at: time(at)), number))
            times[number] = at
            let index = Int.random(in: 0..<alarms.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let (alarm, other) = alarms.remove(at: index)
                #expect(timers.time(of: alarm) == time(times[other] ?? 0))
                timers.cancel(alarm)
                times[other] = nil
            case 1:
                let moved = Int.random(in: 0..<12_000, using: &random)
                _ = timers.set(alarms[index].number, alarms[index].alarm, to: time(moved))
                times[alarms[index].number] = moved
            default: break
            }
            #expect(timers.count == times.count)
            #expect(timers.earliest == times.values.min().map(time))
        }
        #expect(timers.takeDue(now: time(-1)) == nil)
        var came: [Int] = []
        while let number = timers.takeDue(now: .distantFuture) {
            came.append(times.removeValue(forKey: number) ?? -1)
        }
        #expect(came == came.sorted() && came.first ?? 0 >= 0)
        #expect(times.isEmpty && timers.count == 0)
    }

    @Test("Nobody wakes up for what was taken back, and nothing holds it")
    func cancelled() {
        final class Event {}
        var timers = Timers<Event>()
        weak var held: Event?
        var alarm: Timers<Event>.Alarm?
        do {
            let event = Event()
            held = event
            alarm = timers.add(event, at: time(1))
        }
        _ = timers.add(Event(), at: time(2))
        #expect(held != nil)
        if let alarm { timers.cancel(alarm) }
        #expect(held == nil)
        #expect(timers.earliest == time(2))
        #expect(timers.takeDue(now: time(1)) == nil)
        #expect(timers.takeDue(now: time(2)) != nil)
        #expect(timers.earliest == nil)
    }
}
