internal import DNSTransport
internal import HeapModule

/// What is to happen when.
///
/// Nothing is ever taken out before its time: an event whose reason has gone by then is passed over by whoever it is
/// for. Most lookups are answered within a millisecond, so most events are such leftovers, and are cleared away when
/// they are more than half of all.
struct Timers<Event: Hashable> {
    private struct Entry: Comparable {
        let time: MonotonicTime
        let event: Event

        static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }
        static func == (left: Entry, right: Entry) -> Bool { left.time == right.time }
    }

    private var heap = Heap<Entry>()
    private var sizeToCompactAt = 1024

    /// The next event's time.
    var earliest: MonotonicTime? { heap.min?.time }

    var count: Int { heap.count }

    mutating func add(_ event: Event, at time: MonotonicTime) {
        heap.insert(Entry(time: time, event: event))
    }

    /// The next event, if its time has come.
    mutating func takeDue(now: MonotonicTime) -> Event? {
        guard let time = heap.min?.time, time <= now else { return nil }
        return heap.popMin()?.event
    }

    /// Whether it is time to call ``compact(keeping:)``.
    var isLarge: Bool { heap.count >= sizeToCompactAt }

    /// Drops the events that have become pointless.
    ///
    /// - Parameter isLive: whether an event, at its time, is still wanted.
    mutating func compact(keeping isLive: (Event, MonotonicTime) -> Bool) {
        heap = Heap(heap.unordered.filter { isLive($0.event, $0.time) })
        sizeToCompactAt = max(1024, 2 * heap.count)
    }
}
