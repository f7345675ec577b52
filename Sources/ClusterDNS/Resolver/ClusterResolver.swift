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
/// ``shared``; every method may be called from any task. What is in the cache is answered on the caller's own thread. A
/// resolver that is let go shuts down; with ``shutdown()`` its last metrics are told, too.
///
/// It works from the moment that it is made. As a `Service` it also ends with the others:
///
///     let group = ServiceGroup(
///         services: [resolver, server],
///         gracefulShutdownSignals: [.sigterm],
///         logger: logger
///     )
///
/// A group ends its services in reverse order, one after the other: list the resolver before those that use it. In a
/// service of the group read `changes.cancelOnGracefulShutdown()`: ``Peers/changes`` alone ends only with the resolver,
/// which would wait for its reader for ever.
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
    ///   `overloaded` if the process is out of threads or descriptors: the next use tries again.
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
    ///   `overloaded` if the process is out of threads or descriptors.
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
            clusterDomain: environment.clusterDomain,
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
    /// The name is that of a service (`service-b`, `service-b.payments`, the full name with or without its last dot) or of a
    /// headless service's pod (`web-0.nginx`), one outside (`example.com.`), an address, or one of the hosts file. Its labels
    /// say what is asked: mostly one name, one query for each address family.
    ///
    /// - Parameters:
    ///   - name: the name, of at most 253 characters.
    ///   - port: a number is only filled in, a name is looked up (SRV); see ``Port``.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Returns: one endpoint at least, in the order of the answer, IPv4 first; past its TTL (``EndpointSet/isStale``) while
    ///   DNS fails.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled while it waits.
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

    /// The names of an address (PTR, RFC 1035 section 3.5), each ending in a dot.
    ///
    /// - Parameters:
    ///   - address: the address, of either family.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled while it waits.
    public nonisolated(nonsending) func names(of address: IPAddress, timeout: Duration? = nil) async throws
        -> [String]
    {
        try await nameSet(of: address, timeout: timeout).compactMap(\.hostname)
    }

    /// The names with the TTL that they came with: the address with one of them as `hostname` in each endpoint.
    package nonisolated(nonsending) func nameSet(of address: IPAddress, timeout: Duration? = nil) async throws
        -> EndpointSet
    {
        let name = address.description
        let key = LookupKey(name: name, kind: .pointers)
        return EndpointSet(try await find(LookupPlan(key: key, candidates: [address.reverseName]), name, timeout))
    }

    /// The TXT records of a name, the strings of each joined. `dns-version.cluster.local.` has the version of the
    /// Kubernetes DNS specification that the cluster follows. The hosts file and static peers have none, so DNS is asked.
    ///
    /// - Parameters:
    ///   - name: as for ``resolve(_:port:timeout:)-(String,_,_)``; an address and `localhost` are `invalidName`.
    ///   - timeout: how long the call may take; that of the configuration, if `nil`.
    /// - Throws: ``ClusterDNSError``, or `CancellationError` if the task is cancelled while it waits.
    public nonisolated(nonsending) func text(of name: String, timeout: Duration? = nil) async throws -> [String] {
        try await textSet(of: name, timeout: timeout).contents.text
    }

    /// The TXT records with the names and the TTL that they came with; a set without endpoints.
    package nonisolated(nonsending) func textSet(of name: String, timeout: Duration? = nil) async throws -> EndpointSet
    {
        let plan = try counted { () throws(ClusterDNSError) in try planner.prepareText(name) }
        return EndpointSet(try await find(plan, name, timeout))
    }

    // MARK: The cache

    /// Looks a name up in the background, so that it is in the cache when it is needed. One that nobody reads is not asked
    /// for again.
    ///
    /// After the shutdown nothing happens.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidName`, or `noRecords` or `noSuchService` for a name of the hosts
    ///   file or of static peers without an address in use. How the lookup goes is seen by who asks for it.
    public func prefetch(_ name: String, port: Port? = nil) throws(ClusterDNSError) {
        guard case .ask(let plan) = try planner.prepare(name, port) else { return }
        _ = mailbox.post(.look(plan, nil))
    }

    /// Forgets what is known of a name, in all the ways in which it can be written, and of its named ports.
    ///
    /// The next lookup asks DNS, and one that is under way asks again. The target of an alias is forgotten only if it came in
    /// the same answer. Handles keep their sets, and the names that these came from. Of an address the names are forgotten, of `localhost`
    /// there is nothing to forget. It scans the whole cache: where a connection fails, call
    /// ``Peers/reportFailure(of:)`` instead.
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

    /// The namespace that a name of one label is looked for in, as found out at the start.
    public var namespace: String { environment.namespace }
    /// The domain of the cluster, as found out at the start: `cluster.local`.
    public var clusterDomain: String { environment.clusterDomain.withoutLastDot }

    /// Counts, as of its thread's last wake-up.
    public struct Statistics: Hashable, Sendable {
        /// DNS messages sent since the resolver was made, retries included.
        public var messagesSent = 0
        /// Names with an answer in the cache.
        public var names = 0
        /// Negative answers and failures in the cache.
        public var negatives = 0
        /// Names and negatives evicted for others.
        public var evictions = 0
        /// Messages whose answer is awaited.
        public var attemptsInFlight = 0
        /// Questions that wait for their turn.
        public var questionsQueued = 0
    }

    /// Of its thread's last wake-up.
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
        let known = try known(LookupKey(name: name, port), name, isForced: isForced)
        let contents = if let known { known } else { try await lookUp(name, port, timeout, isForced) }
        return EndpointSet(contents, port: port?.number)
    }

    // A miss stays on the caller's executor, too, but for the wait itself: the body of `withTaskCancellationHandler` runs on
    // the global one (swift 6.3).
    private nonisolated(nonsending) func lookUp(
        _ name: String,
        _ port: Port?,
        _ timeout: Duration?,
        _ isForced: Bool
    ) async throws -> EndpointSet.Contents {
        switch try counted({ () throws(ClusterDNSError) in try planner.prepare(name, port) }) {
        case .known(let contents):
            telemetry.known()
            return contents
        case .ask(let plan):
            return try await ask(plan, name, timeout, isForced: isForced)
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

    /// - Parameter name: as the caller wrote it.
    private func known(
        _ key: LookupKey,
        _ name: String,
        isForced: Bool = false
    ) throws(ClusterDNSError) -> EndpointSet.Contents? {
        switch front.outcome(of: key, writtenAs: name) {
        case .success(let contents): return contents
        case .failure(var error) where !isForced:
            error.name = name
            telemetry.failed(error)
            throw error
        case .failure, nil: return nil
        }
    }

    private nonisolated(nonsending) func find(
        _ plan: LookupPlan,
        _ name: String,
        _ timeout: Duration?
    ) async throws -> EndpointSet.Contents {
        if let contents = try known(plan.key, name) { return contents }
        return try await ask(plan, name, timeout)
    }

    private nonisolated(nonsending) func ask(
        _ plan: LookupPlan,
        _ name: String,
        _ timeout: Duration?,
        isForced: Bool = false
    ) async throws -> EndpointSet.Contents {
        try Task.checkCancellation()
        let now = MonotonicTime.now
        let tracer = telemetry.tracer(now: now)
        let waiter = Waiter(
            name: name,
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
            _ = mailbox.post(.abandon(plan.key))
        }
    }
}

extension ClusterDNSError {
    fileprivate static func noResources(_ what: String) -> ClusterDNSError {
        ClusterDNSError(code: .overloaded, message: "the system gave no \(what)", name: "")
    }
}
