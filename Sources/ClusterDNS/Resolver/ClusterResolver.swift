internal import DNSTransport
public import Logging
public import Metrics
internal import Synchronization
public import Tracing

/// Finds the peers of a service by the names of the cluster's DNS.
///
///     let resolver = try ClusterResolver()
///     let peers = try await resolver.resolve("service-b")
///
/// A resolver has one thread, which sleeps until there is something to do, and one cache. Make one for a process, or use
/// ``shared``; every method may be called from any task. What is in the cache is answered on the caller's own thread.
public final class ClusterResolver: Sendable {
    let environment: ResolvedEnvironment
    let mailbox: Mailbox
    let handles = Handles()
    let planning: Mutex<LookupPlanner>
    /// Where the configuration comes from, and may change.
    let source: ConfigurationSource?
    let telemetry: Telemetry
    private let front: FrontTable
    let counters: Counters

    private static let sharedResolver = AtomicLazyReference<ClusterResolver>()

    /// The resolver of the whole process, made at its first use from the process' environment. Its metrics go to what
    /// `MetricsSystem` was bootstrapped with by then. Shutting it down, alone or with a `ServiceGroup`, ends it for everybody.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration` if an environment variable is wrong, or
    ///   `overloaded` if the process may have no more threads or descriptors: the next use tries again.
    public static var shared: ClusterResolver {
        get throws(ClusterDNSError) {
            if let resolver = sharedResolver.load() { return resolver }
            // Of two that are made at once, one is kept.
            return sharedResolver.storeIfNil(try ClusterResolver())
        }
    }

    /// A resolver for the place that the process runs in: what `configuration` leaves open comes from the environment
    /// variables `CLUSTER_DNS_…`, then from the pod's files, then from the defaults.
    ///
    /// - Parameters:
    ///   - metrics: where the metrics of `Docs/Telemetry.md` go: those of the process, if left out. Its instruments are made
    ///     once, here.
    ///   - tracer: gets a span for each question that a caller waits for; that of the process, if `nil`.
    ///   - logger: that of the task which looks a name up, if `nil`.
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration` for a setting that breaks a rule, or
    ///   `overloaded` if the process may have no more threads or descriptors.
    public convenience init(
        _ configuration: ResolverConfiguration = ResolverConfiguration(),
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: (any Tracer)? = nil,
        logger: Logger? = nil
    ) throws(ClusterDNSError) {
        let telemetry = Telemetry(metrics: metrics, tracer: tracer, logger: logger)
        try self.init(environment: .current(configuration), telemetry: telemetry)
    }

    /// A resolver of a program that says itself what happens: it logs nothing.
    package convenience init(
        environment: ResolvedEnvironment,
        tracer: any Tracer = NoOpTracer()
    ) throws(ClusterDNSError) {
        let silent = Logger(label: "cluster-dns") { _ in SwiftLogNoOpLogHandler() }
        let telemetry = Telemetry(metrics: MetricsSystem.factory, tracer: tracer, logger: silent)
        try self.init(environment: environment, telemetry: telemetry)
    }

    init(
        environment: ResolvedEnvironment,
        telemetry: Telemetry,
        source: ConfigurationSource? = nil
    ) throws(ClusterDNSError) {
        let planner = try LookupPlanner(environment)
        guard let waker = Waker() else { throw .noResources("a descriptor to wake the loop thread with") }
        let configuration = environment.configuration
        let mailbox = Mailbox(waker: waker, capacity: LookupEngine.maximumWaiters)
        let front = FrontTable(
            capacity: configuration.cache.capacity,
            failureCapacity: configuration.cache.negativeCapacity,
            onAwaitedRead: { _ = mailbox.post(.read($0)) }
        )
        let counters = Counters()
        let publisher = telemetry.publisher
        let settings = LookupEngine.Settings(
            configuration: configuration,
            nameServers: environment.nameServers,
            families: environment.recordTypes,
            usesTCP: environment.usesTCP
        )
        let isRunning = TransportLoop.start(
            settings: TransportLoop.Settings(
                sourcePorts: configuration.limits.sourcePorts,
                // A caller may be more patient than the configuration.
                attemptLifetime: max(configuration.lookupTimeout, .seconds(5))
            ),
            waker: waker
        ) {
            var watch = environment.watchesResolvConf ? ResolvConfWatch(environment) : nil
            return LookupEngine(
                settings: settings,
                mailbox: mailbox,
                front: front,
                counters: counters,
                seed: .random(in: .min ... .max),
                nameServerChange: { watch?.change() },
                report: publisher.map { publisher in { publisher.submit($0) } },
                warn: { error in Task.detached { telemetry.failing(error) } }
            )
        }
        guard isRunning else { throw .noResources("a thread") }
        self.environment = environment
        self.planning = Mutex(planner)
        self.source = source
        self.telemetry = telemetry
        self.mailbox = mailbox
        self.front = front
        self.counters = counters
        for variable in environment.unknownVariables { telemetry.logger.debug("\(variable) is no setting") }
        for note in environment.notes { telemetry.logger.debug("\(note)") }
    }

    /// What turns names into plans, as of now.
    var planner: LookupPlanner { planning.withLock { $0 } }

    deinit {
        _ = mailbox.post(.shutDown)
    }

    // MARK: Looking up

    /// The endpoints of a service.
    ///
    /// The name is one of a service (`service-b`, `service-b.payments`, the full name with or without its last dot), of a
    /// pod of a headless service (`web-0.nginx`), an alias outside, an address, or a name of the hosts file. It is looked
    /// for where its shape says, in most cases with one query for each address family.
    ///
    /// - Parameters:
    ///   - name: the name, of at most 253 characters.
    ///   - port: filled in if it is a number, asked for if it is a name; see ``Port``.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled.
    @inlinable
    public nonisolated(nonsending) func resolve(
        _ name: String,
        port: Port? = nil,
        timeout: Duration? = nil
    ) async throws -> EndpointSet {
        // A hit stays on the caller's executor, and on the thread that gets a copy for its next read: to change to another
        // would cost more than the hit. It is inlined, so that a hit does without a call of an `async` function, too.
        if let endpoints = copy(of: name, port) { return endpoints }
        return try await resolveUncopied(name, port: port, timeout: timeout)
    }

    /// `nil` where the thread has none, or the port has to be looked at.
    @usableFromInline func copy(of name: String, _ port: Port?) -> EndpointSet? {
        switch port?.value {
        case nil: front.copy(of: name).map { EndpointSet($0) }
        case .number(let number) where number > 0: front.copy(of: name).map { EndpointSet($0, port: number) }
        case .number, .named, .all: nil
        }
    }

    /// The names of an address (PTR, RFC 1035 section 3.5): the address with one of its names as `hostname` in each
    /// endpoint.
    ///
    /// - Parameters:
    ///   - address: the address, of either family.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled.
    public nonisolated(nonsending) func names(of address: IPAddress, timeout: Duration? = nil) async throws
        -> EndpointSet
    {
        let key = LookupKey(name: address.description, kind: .pointers)
        return EndpointSet(try await find(LookupPlan(key: key, candidates: [address.reverseName]), timeout))
    }

    /// The TXT records of a name, the strings of each joined. `dns-version.cluster.local.` has the version of the
    /// Kubernetes DNS specification that the cluster follows.
    ///
    /// - Parameters:
    ///   - name: as for ``resolve(_:port:timeout:)-(String,_,_)``.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled.
    public nonisolated(nonsending) func text(of name: String, timeout: Duration? = nil) async throws -> [String] {
        try await textSet(of: name, timeout: timeout).contents.text
    }

    /// The TXT records with the names and the TTL that they came with; a set without endpoints.
    package func textSet(of name: String, timeout: Duration? = nil) async throws -> EndpointSet {
        EndpointSet(
            try await find(try counted { () throws(ClusterDNSError) in try planner.prepareText(name) }, timeout)
        )
    }

    // MARK: The cache

    /// Looks a name up in the background, so that it is in the cache when it is needed. One that nobody reads is not asked
    /// for again.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidName`, or `noRecords` for a name of the hosts file without an
    ///   address of the families in use. How the lookup goes is seen by who asks for it.
    public func prefetch(_ name: String, port: Port? = nil) throws(ClusterDNSError) {
        guard case .ask(let plan) = try planner.prepare(name, port) else { return }
        _ = mailbox.post(.look(plan, nil))
    }

    /// Forgets what is known of a name, in all the ways in which it can be written, and of its named ports.
    ///
    /// The next lookup asks DNS, and one that is under way asks again. What the name is an alias for is forgotten only if it
    /// came in the same answer. Handles keep their sets, and what their names stand for. For addresses and `localhost`, which
    /// are not asked of DNS, nothing happens. It takes a look at each name in the cache: where a connection fails,
    /// ``Peers/reportFailure(of:)`` is the better call.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidName`.
    public func flush(_ name: String) throws(ClusterDNSError) {
        let names = Set(try planner.absoluteNames(name))
        // Here as well as by the loop thread, so that the caller's own next lookup does not come too early.
        front.flush(names)
        _ = mailbox.post(.flush(names))
    }

    /// Forgets all names. Handles keep their sets.
    public func flush() {
        front.flushAll()
        _ = mailbox.post(.flushAll)
    }

    // MARK: The resolver itself

    /// Numbers about the resolver, as of its last turn.
    public struct Statistics: Hashable, Sendable {
        /// DNS messages sent since the resolver was made, retries included.
        public var messagesSent = 0
        /// Names with an answer in the cache.
        public var names = 0
        /// Negative answers and failures in the cache.
        public var negatives = 0
        /// Names and negatives that had to go for others.
        public var evictions = 0
        /// Messages whose answer is awaited.
        public var attemptsInFlight = 0
        /// Questions that wait for their turn.
        public var questionsQueued = 0
    }

    /// As of the resolver's last turn.
    public var statistics: Statistics { counters.statistics }

    // MARK: Not among the thread's copies

    /// Still on the caller's thread, which gets a copy of what is in the front table. Kept out of the way of hits.
    ///
    /// - Parameter isForced: asks again although it is known that there is nothing.
    @inline(never) @usableFromInline
    nonisolated(nonsending) func resolveUncopied(
        _ name: String,
        port: Port?,
        timeout: Duration?,
        isForced: Bool = false
    ) async throws -> EndpointSet {
        // By the name and the port as they are written; the plan has them in their canonical form.
        let key = LookupKey(name: name, port)
        let known = try known(key, isForced: isForced)
        let contents = if let known { known } else { try await lookUp(key, port, timeout, isForced) }
        return EndpointSet(contents, port: port?.number)
    }

    // A miss stays on the caller's executor, too, but for the wait itself: the body of `withTaskCancellationHandler` runs on
    // the global one (swift 6.3).
    private nonisolated(nonsending) func lookUp(
        _ key: LookupKey,
        _ port: Port?,
        _ timeout: Duration?,
        _ isForced: Bool
    ) async throws -> EndpointSet.Contents {
        switch try counted({ () throws(ClusterDNSError) in try planner.prepare(key.name, port) }) {
        case .known(let contents):
            telemetry.known()
            return contents
        case .ask(let plan):
            if plan.key != key, let contents = try known(plan.key, isForced: isForced) { return contents }
            return try await ask(plan, timeout, isForced: isForced)
        }
    }

    /// A name that is refused is a lookup that has failed.
    private func counted<Preparation>(
        _ prepare: () throws(ClusterDNSError) -> Preparation
    ) throws(ClusterDNSError) -> Preparation {
        do {
            return try prepare()
        } catch {
            telemetry.failed(error)
            throw error
        }
    }

    private func known(_ key: LookupKey, isForced: Bool = false) throws(ClusterDNSError) -> EndpointSet.Contents? {
        switch front.outcome(of: key) {
        case .success(let contents): return contents
        case .failure(let error) where !isForced:
            telemetry.failed(error)
            throw error
        case .failure, nil: return nil
        }
    }

    private nonisolated(nonsending) func find(
        _ plan: LookupPlan,
        _ timeout: Duration?
    ) async throws -> EndpointSet.Contents {
        if let contents = try known(plan.key) { return contents }
        return try await ask(plan, timeout)
    }

    private nonisolated(nonsending) func ask(
        _ plan: LookupPlan,
        _ timeout: Duration?,
        isForced: Bool = false
    ) async throws -> EndpointSet.Contents {
        try Task.checkCancellation()
        let now = MonotonicTime.now
        let tracer = telemetry.tracer(now: now)
        let waiter = Waiter(
            name: plan.key.name,
            started: now,
            deadline: now + (timeout ?? environment.configuration.lookupTimeout),
            trace: tracer == nil ? nil : QueryTrace()
        )
        do {
            let contents = try await wait(for: plan, waiter, isForced: isForced)
            telemetry.found(contents, by: waiter)
            telemetry.trace(waiter, with: tracer)
            return contents
        } catch {
            if let error = error as? ClusterDNSError { telemetry.failed(error) }
            telemetry.trace(waiter, with: tracer)
            throw error
        }
    }

    private nonisolated(nonsending) func wait(
        for plan: LookupPlan,
        _ waiter: Waiter,
        isForced: Bool
    ) async throws -> EndpointSet.Contents {
        try await withTaskCancellationHandler {
            switch mailbox.post(.look(plan, waiter, isForced: isForced)) {
            case .accepted: return try await waiter.wait()
            case .full: throw ClusterDNSError.overloaded(waiter, now: waiter.started)
            case .closed: throw ClusterDNSError.shutDown(waiter.name)
            }
        } onCancel: {
            waiter.end(with: .failure(CancellationError()))
            _ = mailbox.post(.abandon(plan.key, waiter))
        }
    }
}

extension ClusterDNSError {
    fileprivate static func noResources(_ what: String) -> ClusterDNSError {
        ClusterDNSError(code: .overloaded, message: "the system did not give \(what)", name: "")
    }
}
