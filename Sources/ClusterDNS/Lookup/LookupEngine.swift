internal import DNSTransport
internal import DequeModule

/// All lookups, questions and attempts in progress, and the cache under them: the one place where things are decided.
///
/// It belongs to the loop thread and is asked in turns: what has happened goes in, messages to send and the time of the
/// next turn come out, callers are let go and the front table is kept true. It reads no clock and touches no socket, so
/// a test can take it through an hour in a millisecond.
final class LookupEngine: TransportClient {
    struct Settings: Sendable {
        var configuration: ResolverConfiguration
        var nameServers: [NameServer]
        /// A, AAAA or both.
        var families: [RecordType]
        var usesTCP: Bool
    }

    /// What a lookup asks for although the cache has it.
    enum Mode {
        case normal
        /// Answers whose time to be refreshed has come.
        case refresh
        /// All that may have changed: answers and negatives, whatever their TTL.
        case forced
    }

    /// What callers get rather than nothing, each including those before it.
    enum Compromise: Int, Comparable {
        case nothing
        case stale
        case oneFamily
        /// At the deadline: of the peers of a port, those whose addresses are known.
        case anything

        static func < (left: Compromise, right: Compromise) -> Bool { left.rawValue < right.rawValue }
    }

    /// A lookup in progress, for all who ask for the same.
    struct ActiveLookup {
        var lookup: Lookup
        let started: MonotonicTime
        var waiters: [UInt64: Waiter] = [:]
        /// The earliest deadline of the waiters.
        var deadline: MonotonicTime?
        /// When to make do with stale answers.
        let staleAt: MonotonicTime
        /// When to make do with the answers of one address family.
        let partialAt: MonotonicTime
        /// Runs although nobody waits, to have the answer at hand.
        var isWanted: Bool
        let mode: Mode
        /// Attempts that were made for it, those of flights still under way aside.
        var attempts = 0

        /// How long the most patient of the callers waits.
        var patience: Duration { waiters.values.map(\.patience).max() ?? .zero }

        /// With what the callers would make do by now.
        func compromise(now: MonotonicTime) -> Compromise {
            if let deadline, deadline <= now { return .anything }
            return now >= partialAt ? .oneFamily : now >= staleAt ? .stale : .nothing
        }

        /// When there is something to look at: a deadline, or a better compromise.
        func nextCheck(after now: MonotonicTime) -> MonotonicTime? {
            [staleAt, partialAt, deadline].compactMap { $0 }.filter { $0 > now }.min()
        }
    }

    /// A question on its way, for all lookups that need it.
    struct ActiveFlight {
        var flight: QueryFlight
        let id: UInt64
        var lookups: Set<UInt64> = []
        var isQueued = false
    }

    /// A message on its way.
    struct ActiveAttempt {
        let question: Question
        let flight: UInt64
        let server: ServerAddress
        let transport: Attempt.Transport
        let hasEDNS: Bool
        let sent: MonotonicTime
        /// Whether it counts as in flight: until its retry interval ends.
        var hasPlace = true
    }

    /// An outcome in the front table.
    struct Publication {
        var name: DomainName
        var usage: Usage?
        /// When to ask again if it was used; never if nothing.
        var refreshAt: MonotonicTime?
        var until: MonotonicTime
        let plan: LookupPlan
    }

    enum Event: Hashable {
        case lookup(UInt64)
        case flight(UInt64)
        case publication(LookupKey)
        case watch(LookupKey)
        case sweep
    }

    /// Callers who may wait at once, one more is told `overloaded`.
    static let maximumWaiters = 65_536

    let settings: Settings
    let mailbox: Mailbox
    let front: FrontTable
    let counters: Counters

    var cache: AnswerCache
    var servers: NameServerPool
    var lookups: [UInt64: ActiveLookup] = [:]
    var lookupIDs: [LookupKey: UInt64] = [:]
    var flights: [Question: ActiveFlight] = [:]
    var flightQuestions: [UInt64: Question] = [:]
    var attempts: [UInt64: ActiveAttempt] = [:]
    /// Flights that wait for a place at a name server, by their number; those that are gone are passed over.
    var queue: Deque<UInt64> = []
    var queuedFlights = 0
    var publications: [LookupKey: Publication] = [:]
    var watches: [LookupKey: Watch] = [:]
    var timers = Timers<Event>()
    var random: SplitMix64
    var waiterCount = 0
    /// Gives the name servers when they have become others.
    let nameServerChange: () -> [NameServer]?
    /// When to look at them again.
    var checkNameServersAt = MonotonicTime(nanoseconds: 0)
    private var lastID: UInt64 = 0
    private var sweepAt: MonotonicTime?
    private var isShutDown = false
    private var commands: [Mailbox.Command] = []

    /// - Parameters:
    ///   - seed: of the jitter.
    ///   - nameServerChange: asked now and then before a question is sent.
    init(
        settings: Settings,
        mailbox: Mailbox,
        front: FrontTable,
        counters: Counters,
        seed: UInt64,
        nameServerChange: @escaping () -> [NameServer]? = { nil }
    ) {
        self.settings = settings
        self.mailbox = mailbox
        self.front = front
        self.counters = counters
        self.cache = AnswerCache(settings.configuration.cache)
        self.servers = NameServerPool(
            settings.nameServers,
            maximumInFlight: settings.configuration.limits.queriesInFlight
        )
        self.random = SplitMix64(state: seed)
        self.nameServerChange = nameServerChange
    }

    func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    // MARK: A turn

    func turn(now: MonotonicTime, completions: [Completion], orders: inout Orders) {
        counters.messagesSent = orders.messagesSent
        // What the network brought comes before any deadline: an answer that lay in the socket while the process was
        // stopped still counts.
        for completion in completions { ended(completion, now: now, orders: &orders) }
        mailbox.take(into: &commands)
        for command in commands { obey(command, now: now, orders: &orders) }
        commands.removeAll(keepingCapacity: true)
        while let event = timers.takeDue(now: now) { happen(event, now: now, orders: &orders) }
        if isShutDown {
            end(now: now)
            orders.isFinished = true
            return
        }
        sendQueued(now: now, orders: &orders)
        if timers.isLarge { timers.compact { isLive($0, at: $1) } }
        orders.wakeUp = timers.earliest
        counters.update(cache: cache, inFlight: attempts.count, queued: queuedFlights)
    }

    func mayFallAsleep() -> Bool {
        mailbox.mayFallAsleep()
    }

    private func obey(_ command: Mailbox.Command, now: MonotonicTime, orders: inout Orders) {
        switch command {
        case .look(let plan, let waiter, let isForced):
            look(plan, for: waiter, isForced: isForced, now: now, orders: &orders)
        case .abandon(let key, let waiter):
            abandon(key, waiter: waiter)
        case .watch(let plan, let id, let peers):
            watch(Watch(plan: plan, id: id, peers: peers), now: now, orders: &orders)
        case .unwatch(let key, let id):
            unwatch(key, id)
        case .reported(let key):
            reported(key, now: now, orders: &orders)
        case .flush(let names):
            flush(names)
        case .flushAll:
            cache.removeAll()
            front.removeAll()
            publications = [:]
        case .shutDown:
            isShutDown = true
        }
    }

    private func happen(_ event: Event, now: MonotonicTime, orders: inout Orders) {
        switch event {
        case .lookup(let id):
            checkDeadlines(id, now: now)
        case .flight(let id):
            guard let question = flightQuestions[id] else { return }
            advance(question, now: now, orders: &orders)
        case .publication(let key):
            review(key, now: now, orders: &orders)
        case .watch(let key):
            if let next = watches[key]?.next, next <= now { refresh(key, now: now, orders: &orders) }
        case .sweep:
            sweepAt = nil
            _ = cache.sweep(now: now)
            scheduleSweep(now: now)
        }
    }

    /// Whether an event would still do something at its time.
    private func isLive(_ event: Event, at time: MonotonicTime) -> Bool {
        switch event {
        case .lookup(let id): lookups[id] != nil
        case .flight(let id): flightQuestions[id] != nil
        case .publication(let key): publications[key].map { $0.refreshAt == time || $0.until == time } ?? false
        case .watch(let key): watches[key]?.next == time
        case .sweep: true
        }
    }

    /// What is past its use is cleared away now and then, and never while the cache is empty: an idle process sleeps.
    func scheduleSweep(now: MonotonicTime) {
        guard sweepAt == nil, cache.counts.names + cache.counts.negatives > 0 else { return }
        let at = now + settings.configuration.cache.unusedLifetime
        sweepAt = at
        timers.add(.sweep, at: at)
    }

    func jitter() -> Double {
        Double.random(in: -1...1, using: &random)
    }

    // MARK: The end

    private func end(now: MonotonicTime) {
        front.removeAll()
        var waiters = lookups.values.flatMap { Array($0.waiters.values) }
        var ended = watches.values.compactMap(\.peers)
        for command in mailbox.close() {
            if case .look(_, let waiter?, _) = command { waiters.append(waiter) }
            if case .watch(_, _, let peers) = command { ended.append(peers) }
        }
        lookups = [:]
        flights = [:]
        watches = [:]
        for peers in ended { peers.end() }
        for waiter in waiters { waiter.end(with: .failure(ClusterDNSError.shutDown(waiter.name))) }
    }

    func hasEnded() {
        counters.ended()
    }
}

/// Steele, Lea and Flood's generator (OOPSLA 2014), for jitter: quick, and the same from the same seed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
