internal import DNSTransport

/// What is to happen when.
///
/// A heap with four children to a node, which knows where each event stands: most lookups are answered within a
/// millisecond, so most events are taken back long before their time. One that is leaves nothing behind, neither an
/// object that is held nor a wake-up.
struct Timers<Event> {
    /// An event that is to happen. It is over once the event was taken or taken back.
    struct Alarm {
        fileprivate let slot: Int
    }

    private struct Entry {
        let time: MonotonicTime
        let slot: Int
    }

    private struct Slot {
        var event: Event?
        /// Where the entry stands in the heap; the next free slot, if this one is free.
        var place: Int
    }

    private static var degree: Int { 4 }

    private var entries: [Entry] = []
    private var slots: [Slot] = []
    /// The first free slot; -1 if there is none.
    private var free = -1

    var count: Int { entries.count }

    /// When the next event is.
    var earliest: MonotonicTime? { entries.first?.time }

    func time(of alarm: Alarm) -> MonotonicTime {
        entries[slots[alarm.slot].place].time
    }

    mutating func add(_ event: Event, at time: MonotonicTime) -> Alarm {
        let slot: Int
        if free >= 0 {
            slot = free
            free = slots[slot].place
            slots[slot].event = event
        } else {
            slot = slots.count
            slots.append(Slot(event: event, place: 0))
        }
        let entry = Entry(time: time, slot: slot)
        entries.append(entry)
        rise(entry, from: entries.count - 1)
        return Alarm(slot: slot)
    }

    /// Sets the time of an event, in the place of the one that it had.
    mutating func set(_ event: Event, _ alarm: Alarm?, to time: MonotonicTime) -> Alarm {
        guard let alarm else { return add(event, at: time) }
        settle(Entry(time: time, slot: alarm.slot), at: slots[alarm.slot].place)
        return alarm
    }

    /// Takes an event back.
    mutating func cancel(_ alarm: Alarm) {
        _ = remove(alarm.slot)
    }

    /// The next event, if its time has come.
    mutating func takeDue(now: MonotonicTime) -> Event? {
        guard let first = entries.first, first.time <= now else { return nil }
        return remove(first.slot)
    }

    private mutating func remove(_ slot: Int) -> Event? {
        let event = slots[slot].event.take()
        let place = slots[slot].place
        slots[slot].place = free
        free = slot
        let last = entries.removeLast()
        if last.slot != slot { settle(last, at: place) }
        return event
    }

    // MARK: The heap

    /// Puts an entry where another was.
    private mutating func settle(_ entry: Entry, at place: Int) {
        if place > 0, entry.time < entries[(place - 1) / Self.degree].time {
            rise(entry, from: place)
        } else {
            sink(entry, from: place)
        }
    }

    private mutating func rise(_ entry: Entry, from start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / Self.degree
            guard entry.time < entries[parent].time else { break }
            put(entries[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func sink(_ entry: Entry, from start: Int) {
        var place = start
        while true {
            let first = place * Self.degree + 1
            guard first < entries.count else { break }
            var least = first
            for child in first + 1..<min(first + Self.degree, entries.count)
            where entries[child].time < entries[least].time {
                least = child
            }
            guard entries[least].time < entry.time else { break }
            put(entries[least], at: place)
            place = least
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        slots[entry.slot].place = place
    }
}
