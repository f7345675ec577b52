internal import DequeModule

/// Questions that wait for a place at a name server, in the order in which they came.
struct FlightQueue {
    private var flights: Deque<ActiveFlight> = []
    /// How many wait.
    private(set) var count = 0

    mutating func append(_ flight: ActiveFlight) {
        // Flights that were dropped stay behind.
        if flights.count > 2 * count + 1024 { flights.removeAll(where: \.isOver) }
        flight.isQueued = true
        flights.append(flight)
        count += 1
    }

    /// Takes out the one that has waited longest.
    mutating func popFirst() -> ActiveFlight? {
        while let flight = flights.popFirst() {
            guard !flight.isOver else { continue }
            drop(flight)
            return flight
        }
        return nil
    }

    /// It waits no longer.
    mutating func drop(_ flight: ActiveFlight) {
        guard flight.isQueued else { return }
        flight.isQueued = false
        count -= 1
    }
}

/// One queue for names in the cluster, and one for all others, which wait behind those: name servers far away may be slow or
/// silent, and their names come from anywhere.
struct FlightQueues {
    private var inside = FlightQueue()
    private var outside = FlightQueue()

    /// How many wait.
    var count: Int { inside.count + outside.count }

    func count(isInside: Bool) -> Int { isInside ? inside.count : outside.count }

    mutating func append(_ flight: ActiveFlight) {
        if flight.isInside { inside.append(flight) } else { outside.append(flight) }
    }

    mutating func popFirst(isInside: Bool) -> ActiveFlight? {
        isInside ? inside.popFirst() : outside.popFirst()
    }

    mutating func drop(_ flight: ActiveFlight) {
        if flight.isInside { inside.drop(flight) } else { outside.drop(flight) }
    }
}

extension ResolverConfiguration.Limits {
    /// How many queries may be in flight to one server: for names outside the cluster half of all.
    func queriesInFlight(isInside: Bool) -> Int {
        isInside ? queriesInFlight : max(1, queriesInFlight / 2)
    }

    /// How many queries may wait: for names outside the cluster half of all.
    func queueLength(isInside: Bool) -> Int {
        isInside ? queueLength : max(1, queueLength / 2)
    }
}
