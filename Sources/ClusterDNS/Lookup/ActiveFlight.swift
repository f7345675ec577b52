internal import DNSTransport

/// A question on its way, for all lookups that need it. It belongs to the engine.
final class ActiveFlight {
    /// What the transport knows it by.
    let id: UInt64
    var query: QueryFlight
    var lookups: [ActiveLookup]
    /// Waits for a place at a name server.
    var isQueued = false
    var alarm: LookupEngine.Alarm?
    /// There is an outcome. Attempts may still be answered, for the cache.
    var isOver = false
    /// It goes on although no lookup waits for it any more: that it fails is worth knowing.
    var isForCache = false
    /// Its name was flushed: what its attempts still bring is not kept.
    var isForgotten = false

    init(id: UInt64, _ query: consuming QueryFlight, for lookup: ActiveLookup) {
        self.id = id
        self.query = query
        self.lookups = [lookup]
    }

    var question: Question { query.question }
    var isInside: Bool { query.isInside }

    func join(_ lookup: ActiveLookup) {
        if !lookups.contains(where: { $0 === lookup }) { lookups.append(lookup) }
    }

    func leave(_ lookup: ActiveLookup) {
        lookups.removeAll { $0 === lookup }
    }

    /// Lets it go on for as long as the most patient of its callers wants one to last. One that joins late gets the
    /// outcome of what is under way, or callers who come one after the other would keep a hopeless flight alive.
    func extend(to patience: Duration) {
        query.deadline = max(query.deadline, query.started + patience)
    }
}

/// A message on its way.
struct ActiveAttempt {
    let flight: ActiveFlight
    /// The name server's number in the pool.
    let server: Int
    let transport: Attempt.Transport
    let hasEDNS: Bool
    let sent: MonotonicTime
    /// Whether it was sent because the one before had not been answered in its interval.
    let isHedge: Bool
    /// Whether it counts as in flight: until its retry interval ends.
    var hasPlace = true
}
