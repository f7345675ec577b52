internal import DNSTransport
internal import DequeModule

/// All lookups, questions and attempts in progress, and the cache under them: the one place where things are decided.
///
/// It belongs to the loop thread and is asked in turns: what has happened goes in, messages to send and the time of the
/// next turn come out, callers are let go and the front table is kept true. It reads no clock and touches no socket, so
/// a test can take it through an hour in a millisecond.
struct LookupEngine: TransportClient, ~Copyable {
    struct Settings: Sendable {
        var configuration: ResolverConfiguration
        var nameServers: [NameServer]
        var clusterDomain: DomainName
        /// A, AAAA or both.
        var families: [RecordType]
        var usesTCP: Bool
    }

    enum Event {
        case lookup(ActiveLookup)
        case flight(ActiveFlight)
        case publication(Publication)
        case watch(Watch)
        case sweep
        case report
    }

    typealias Alarm = Timers<Event>.Alarm

    /// Callers who may wait at once, one more is told `overloaded`.
    static let maximumWaiters = 65_536
    /// Commands obeyed in one turn. What is asked is sent at the turn's end, and timed from its beginning: a turn that obeyed
    /// tens of thousands would find its own questions overdue.
    static let commandsPerTurn = 1024
    /// Events that happen in one turn. None brings another of the same moment for ever; were it so, all else would go on.
    var eventsPerTurn = 65_536

    private(set) var settings: Settings
    let mailbox: Mailbox
    let front: FrontTable
    let counters: Counters

    var cache: AnswerCache
    var servers: NameServerPool
    var lookups = HashTable<LookupKey, ActiveLookup>()
    var flights = HashTable<Question, ActiveFlight>()
    var attempts = HashTable<UInt64, ActiveAttempt>()
    /// Flights that wait for a place at a name server.
    var queues = FlightQueues()
    var publications = HashTable<LookupKey, Publication>()
    var watches = HashTable<LookupKey, Watch>()
    /// What is to happen to lookups and questions in progress: few, and most are taken back within a millisecond.
    var waits = Timers<Event>()
    /// What is to happen to what is known: thousands, and few before their time.
    var timers = Timers<Event>()
    var random: SplitMix64
    /// Callers who wait, and some who have given up.
    var waiterCount = 0
    /// Gives the name servers when they have become others.
    let nameServerChange: () -> [NameServer]?
    /// When to look at them again.
    var checkNameServersAt = MonotonicTime(nanoseconds: 0)
    /// Takes what there is to tell; `nil` where nobody listens.
    let report: ((LoopReport) -> Void)?
    /// Takes what an operator should know of; `nil` where nobody does.
    let warn: ((ClusterDNSError) -> Void)?
    var warnAt = MonotonicTime(nanoseconds: 0)
    var tally = LoopReport()
    var isReportScheduled = false
    /// That of the plans whose outcome may be put into the front table.
    private(set) var planVersion = 0
    private var lastID: UInt64 = 0
    private var messagesSent = 0
    private var isSweepScheduled = false
    private var isFinishing = false
    private var isShutDown = false
    /// Those that the turn before left.
    private var commands: Deque<Mailbox.Command> = []
    /// Callers whose wait is over. They are told together: between one and the next, the thread that runs them would fall
    /// asleep and have to be woken again.
    private var released: [(waiter: Waiter, outcome: Waiter.Outcome)] = []

    /// - Parameters:
    ///   - seed: of the jitter.
    ///   - nameServerChange: asked now and then before a question is sent.
    ///   - report: called on the loop thread, and must not block it.
    ///   - warn: called on the loop thread, too, when the questions of a handle fail.
    init(
        settings: Settings,
        mailbox: Mailbox,
        front: FrontTable,
        counters: Counters,
        seed: UInt64,
        nameServerChange: @escaping () -> [NameServer]? = { nil },
        report: ((LoopReport) -> Void)? = nil,
        warn: ((ClusterDNSError) -> Void)? = nil
    ) {
        self.settings = settings
        self.mailbox = mailbox
        self.front = front
        self.counters = counters
        self.cache = AnswerCache(settings.configuration.cache)
        self.servers = NameServerPool(
            settings.nameServers,
            limits: settings.configuration.limits
        )
        self.random = SplitMix64(seed: seed)
        self.nameServerChange = nameServerChange
        self.report = report
        self.warn = warn
    }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    // MARK: A turn

    mutating func turn(now: MonotonicTime, completions: [Completion], orders: inout Orders) {
        messagesSent = orders.messagesSent
        // What the network brought comes before any deadline: an answer that lay in the socket while the process was
        // stopped still counts.
        for completion in completions { ended(completion, now: now, orders: &orders) }
        // The places that are free now belong to those who have waited for one.
        sendQueued(now: now, orders: &orders)
        if commands.isEmpty { mailbox.take(into: &commands) }
        if !completions.isEmpty || !commands.isEmpty { scheduleReport(now: now) }
        for _ in 0..<Self.commandsPerTurn {
            guard let command = commands.popFirst() else { break }
            obey(command, now: now, orders: &orders)
        }
        for _ in 0..<eventsPerTurn {
            guard let event = waits.takeDue(now: now) ?? timers.takeDue(now: now) else { break }
            happen(event, now: now, orders: &orders)
        }
        sendQueued(now: now, orders: &orders)
        counters.statistics = statistics
        defer { tellReleased() }
        if isShutDown || isFinishing && !isAwaited {
            end()
            orders.isFinished = true
            return
        }
        orders.wakeUp = waits.earliest.map { min($0, timers.earliest ?? $0) } ?? timers.earliest
    }

    var statistics: ClusterResolver.Statistics {
        ClusterResolver.Statistics(
            messagesSent: messagesSent,
            names: cache.counts.names,
            negatives: cache.counts.negatives,
            evictions: cache.evictions,
            attemptsInFlight: attempts.count,
            questionsQueued: queues.count
        )
    }

    func mayFallAsleep() -> Bool {
        commands.isEmpty && mailbox.mayFallAsleep()
    }

    private mutating func obey(_ command: Mailbox.Command, now: MonotonicTime, orders: inout Orders) {
        switch command {
        case .look(_, let waiter, _) where isFinishing:
            if let waiter { release(waiter, with: .failure(ClusterDNSError.shutDown(waiter.name))) }
        case .watch(_, _, let peers) where isFinishing:
            peers.end()
        case .look(let plan, let waiter, let isForced):
            look(plan, for: waiter, isForced: isForced, now: now, orders: &orders)
        case .abandon(let key):
            abandon(key)
        case .watch(let plan, let id, let peers):
            watch(Watch(plan, id: id, peers), now: now, orders: &orders)
        case .unwatch(let key, let id):
            unwatch(key, id)
        case .know(let key, let peers, let contents, let error):
            removeWatch(key)
            peers.update(contents, now: now, error: error)
        case .reconfigure(let limits, let version):
            reconfigure(limits, version: version, orders: &orders)
        case .read(let key):
            wasRead(key, now: now, orders: &orders)
        case .reported(let key):
            reported(key, now: now)
        case .flush(let names):
            flush(now: now, orders: &orders) { $0.isOrBelongsTo(names) }
        case .flushAll:
            flush(now: now, orders: &orders) { _ in true }
        case .finish:
            isFinishing = true
        case .shutDown:
            isShutDown = true
        }
    }

    private mutating func reconfigure(_ limits: ResolverConfiguration.Limits, version: Int, orders: inout Orders) {
        settings.configuration.limits = limits
        servers.limits = limits
        orders.sourcePorts = limits.sourcePorts
        guard version != planVersion else { return }
        planVersion = version
        unpublishAll()
    }

    private mutating func happen(_ event: Event, now: MonotonicTime, orders: inout Orders) {
        event.alarm = nil
        switch event {
        case .lookup(let active): checkDeadlines(active, now: now, orders: &orders)
        case .flight(let flight): advance(flight, now: now, orders: &orders)
        case .publication(let publication): review(publication, now: now, orders: &orders)
        case .watch(let watch): askAgain(watch, now: now, orders: &orders)
        case .report:
            isReportScheduled = false
            makeReport()
        case .sweep:
            isSweepScheduled = false
            unpublish(cache.sweep(now: now))
            scheduleSweep(now: now)
        }
    }

    /// Sets the time of an event, in the place of the one that it had.
    mutating func schedule(_ event: Event, at time: MonotonicTime) {
        if event.isInProgress {
            event.alarm = waits.set(event, event.alarm, to: time)
        } else {
            event.alarm = timers.set(event, event.alarm, to: time)
        }
    }

    /// Takes an event back, if it has a time.
    mutating func cancel(_ event: Event) {
        guard let alarm = event.alarm else { return }
        event.alarm = nil
        if event.isInProgress { waits.cancel(alarm) } else { timers.cancel(alarm) }
    }

    /// What is past its use is cleared away now and then, and never while the cache is empty: an idle process sleeps.
    mutating func scheduleSweep(now: MonotonicTime) {
        guard !isSweepScheduled, cache.counts.names + cache.counts.negatives > 0 else { return }
        isSweepScheduled = true
        _ = timers.add(.sweep, at: now + settings.configuration.cache.unusedLifetime)
    }

    mutating func jitter() -> Double {
        Double.random(in: -1...1, using: &random)
    }

    /// Ends the wait of a caller, at the end of the turn.
    mutating func release(_ waiter: Waiter, with outcome: Waiter.Outcome) {
        released.append((waiter, outcome))
    }

    private mutating func tellReleased() {
        guard !released.isEmpty else { return }
        for (waiter, outcome) in released { waiter.end(with: outcome) }
        released.removeAll(keepingCapacity: true)
    }

    // MARK: The end

    /// Whether somebody waits for a lookup: one of the callers, or of those who hold a handle that has no set yet. Each has
    /// a deadline.
    private var isAwaited: Bool {
        waiterCount > 0 || watches.values.contains { lookups[$0.plan.key] != nil && $0.peers?.isAwaited == true }
    }

    private mutating func end() {
        front.removeAll()
        var waiters = lookups.values.flatMap { $0.takeWaiters() }
        var ended = watches.values.compactMap(\.peers)
        for command in commands + mailbox.close() {
            if case .look(_, let waiter?, _) = command { waiters.append(waiter) }
            if case .watch(_, _, let peers) = command { ended.append(peers) }
        }
        for flight in flights.values { flight.lookups = [] }
        lookups = HashTable()
        flights = HashTable()
        attempts = HashTable()
        watches = HashTable()
        queues = FlightQueues()
        // The last that is told of the resolver: nothing is under way any more.
        counters.statistics = statistics
        makeReport()
        for peers in ended { peers.end() }
        for waiter in waiters { release(waiter, with: .failure(ClusterDNSError.shutDown(waiter.name))) }
    }

    func hasEnded() {
        counters.ended()
    }
}

extension LookupEngine.Event {
    /// Whether it is about a lookup or a question in progress.
    fileprivate var isInProgress: Bool {
        switch self {
        case .lookup, .flight: true
        case .publication, .watch, .sweep, .report: false
        }
    }

    /// When it is to happen; `nil` while it is not.
    var alarm: LookupEngine.Alarm? {
        get {
            switch self {
            case .lookup(let active): active.alarm
            case .flight(let flight): flight.alarm
            case .publication(let publication): publication.alarm
            case .watch(let watch): watch.alarm
            case .sweep, .report: nil
            }
        }
        nonmutating set {
            switch self {
            case .lookup(let active): active.alarm = newValue
            case .flight(let flight): flight.alarm = newValue
            case .publication(let publication): publication.alarm = newValue
            case .watch(let watch): watch.alarm = newValue
            case .sweep, .report: break
            }
        }
    }
}
