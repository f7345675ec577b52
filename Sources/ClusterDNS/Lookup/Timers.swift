internal import DNSTransport
internal import DequeModule
internal import HeapModule

/// Something that happens at a time.
protocol TimedEvent {
    /// Whether it still has a point at that time. Most lookups are answered within a millisecond, so most events have
    /// lost theirs when their time comes.
    func isLive(at time: MonotonicTime) -> Bool
}

/// What is to happen when.
///
/// Nothing is taken out of the middle: an event whose reason has gone is passed over when it comes first, so that nobody
/// wakes up for it. Most events are set with one of a few delays and so come in order; they stand in runs, where putting
/// one at the end and taking one from the front costs little. The heap has the rest.
struct Timers<Event: TimedEvent> {
    private struct Entry: Comparable {
        let time: MonotonicTime
        let event: Event

        var isLive: Bool { event.isLive(at: time) }

        static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }
        static func == (left: Entry, right: Entry) -> Bool { left.time == right.time }
    }

    private var runs: [Deque<Entry>] = Array(repeating: [], count: 4)
    private var heap = Heap<Entry>()
    private var sizeToCompactAt = 1024

    var count: Int { runs.reduce(heap.count) { $0 + $1.count } }

    mutating func add(_ event: Event, at time: MonotonicTime) {
        if count >= sizeToCompactAt { compact() }
        let entry = Entry(time: time, event: event)
        // The run that ends the latest before it, so that events of one delay follow each other.
        var best: Int?
        var bestEnd = MonotonicTime(nanoseconds: .min)
        for index in runs.indices {
            let end = runs[index].last?.time ?? MonotonicTime(nanoseconds: .min)
            if end <= time, end >= bestEnd {
                best = index
                bestEnd = end
            }
        }
        if let best { runs[best].append(entry) } else { heap.insert(entry) }
    }

    /// When the next event is that still has a point.
    mutating func earliest() -> MonotonicTime? {
        dropPointless()
        var time = heap.min?.time
        for run in runs { if let first = run.first?.time { time = min(time ?? first, first) } }
        return time
    }

    /// The next event, if its time has come.
    mutating func takeDue(now: MonotonicTime) -> Event? {
        guard let time = earliest(), time <= now else { return nil }
        for index in runs.indices where runs[index].first?.time == time { return runs[index].popFirst()?.event }
        return heap.popMin()?.event
    }

    private mutating func dropPointless() {
        for index in runs.indices {
            while let first = runs[index].first, !first.isLive { runs[index].removeFirst() }
        }
        while let first = heap.min, !first.isLive { heap.removeMin() }
    }

    private mutating func compact() {
        for index in runs.indices { runs[index].removeAll { !$0.isLive } }
        heap = Heap(heap.unordered.filter(\.isLive))
        sizeToCompactAt = max(1024, 2 * count)
    }
}
