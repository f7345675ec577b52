internal import DNSTransport
internal import Synchronization

/// A live handle on the peers of a service.
///
///     let peers = resolver.peers("service-b", port: 8080)
///     let endpoint = try await peers.next()
///     for try await change in peers.changes { … }
///
/// While a handle exists, its name is kept fresh in the background, read or not; when the last handle of a name is let
/// go, so is its traffic. A sequence of ``changes`` keeps its handle alive.
///
/// The endpoints of a headless service are pods, and a caller that spreads over them does the work of a load balancer;
/// a service with a ClusterIP has that one endpoint, and its proxy spreads. A mesh (Istio, Linkerd) balances only what
/// goes to the service's own address: there, use a ClusterIP service.
public final class Peers: Sendable {
    @usableFromInline let live: LivePeers
    @usableFromInline let port: UInt16?
    private let balancing: Balancing
    private let timeout: Duration
    /// As it was given.
    private let name: String
    /// Keeps the thread alive that keeps the set fresh.
    private let resolver: ClusterResolver?
    private let padding = CacheLine()
    /// Counts the choices: a turn, or where in a sequence of numbers by chance the next choice begins. Who chooses writes
    /// here, so it is behind what all read.
    private let turn: Atomic<UInt64>

    init(
        _ live: LivePeers,
        name: String,
        port: UInt16?,
        balancing: Balancing,
        timeout: Duration,
        resolver: ClusterResolver?
    ) {
        self.live = live
        self.name = name
        self.port = port
        self.balancing = balancing
        self.timeout = timeout
        self.resolver = resolver
        self.turn =
            switch balancing {
            // Callers that start together are not to call the same endpoint first. In tests, without a resolver, they are.
            // A small number, since those of 32 bits are divided in half the time.
            case .roundRobin: Atomic(resolver == nil ? 0 : .random(in: 0...UInt64(UInt16.max)))
            case .random, .weighted: Atomic(.random(in: .min ... .max))
            }
    }

    // MARK: The set

    /// The set now, at once: `nil` before the first answer, empty for a service that is gone.
    ///
    /// While DNS fails it stays the last one, even longer than `cache.staleWindow` lets lookups use theirs: see
    /// ``EndpointSet/isStale``, ``timeSinceLastSuccess`` and ``lastError``.
    @inlinable public var current: EndpointSet? {
        if let contents = live.copiedContents { return EndpointSet(contents, port: port) }
        return original
    }

    /// In a function of its own: who finds a copy does without the registers that it takes.
    @inline(never) @usableFromInline var original: EndpointSet? {
        live.contents.map { EndpointSet($0, port: port) }
    }

    /// The set that is there, then each set that differs from the one before. A change of order alone does not count; a
    /// slow reader gets only the newest. Failures do not end the sequence, see ``lastError``; the resolver's end does. In a
    /// service of a `ServiceGroup` read `changes.cancelOnGracefulShutdown()`.
    public var changes: PeerChanges {
        PeerChanges(peers: self, port: port)
    }

    /// How long ago the newest query was sent that DNS answered with endpoints; `nil` before the first, and for what DNS is not
    /// asked (static peers, the hosts file, an address). It grows while any query of the name fails that was answered before,
    /// such as that for AAAA. NXDOMAIN and NODATA do not reset it.
    public var timeSinceLastSuccess: Duration? {
        live.health.lastSuccess.map { .now - $0 }
    }

    /// Why the last question failed; `nil` if it did not. The failure of one address family is left out while the other has
    /// answers and this one never had any.
    public var lastError: ClusterDNSError? {
        live.health.lastError
    }

    // MARK: One of the set

    /// One endpoint to call now.
    ///
    /// Waits for the first answer or failure only. After that it returns an endpoint at once, or throws ``lastError``: why
    /// no answer has come yet, or why the set is empty. After the resolver's shutdown it goes on choosing from the last
    /// set.
    ///
    /// - Parameter timeout: how long to wait for the first answer; `lookupTimeout` and 100 ms, if `nil`.
    /// - Throws: ``ClusterDNSError`` if there is no endpoint, and why; `CancellationError` if the task is cancelled.
    @inlinable
    public nonisolated(nonsending) func next(timeout: Duration? = nil) async throws -> Endpoint {
        if let endpoint = copiedEndpoint { return endpoint }
        return try await nextWithoutCopy(timeout: timeout)
    }

    /// By turns or by chance, from the thread's copy.
    @usableFromInline var copiedEndpoint: Endpoint? {
        live.copiedChoice.flatMap { choose(from: $0) }
    }

    /// In a function of its own: who finds a copy does without the memory that its wait takes.
    @inline(never) @usableFromInline
    nonisolated(nonsending) func nextWithoutCopy(timeout: Duration?) async throws -> Endpoint {
        if let choice = live.choice(port) { return try endpoint(of: choice) }
        let started = MonotonicTime.now
        // The handle's own question ends in the time of the configuration, too, and says why.
        let arrival = await withTimeout(timeout ?? self.timeout + .milliseconds(100)) {
            await self.live.arrival(after: nil, wantsFailure: true)
        }
        switch arrival {
        case .set(let choice, _): return try endpoint(of: choice)
        case .failed(var error):
            error.elapsed = .now - started
            throw error
        case .ended: throw ClusterDNSError.shutDown(name)
        case .cancelled: throw CancellationError()
        case nil:
            throw ClusterDNSError(
                code: .timedOut,
                message: "\(name.quoted): no answer has come yet",
                name: name,
                elapsed: .now - started
            )
        }
    }

    /// Reports that an endpoint could not be reached: for 5 s all handles with the same text of the name and the same port
    /// pass it over, and DNS is asked again, at most once a second. If all endpoints are passed over, all are used. One
    /// that is not in the set is ignored.
    public func reportFailure(of endpoint: Endpoint) {
        live.report(endpoint, port)
    }

    /// Has DNS asked again, at most once a second, where something went wrong that no endpoint can be blamed for.
    package func askAgain() {
        live.askAgain()
    }

    private func endpoint(of choice: PeerChoice) throws -> Endpoint {
        if let endpoint = choose(from: choice) { return endpoint }
        throw live.health.lastError
            ?? ClusterDNSError(
                code: .noSuchService,
                message: "\(choice.contents.absoluteName) has no endpoint",
                name: name,
                absoluteName: choice.contents.absoluteName.description
            )
    }

    /// `nil` for a set without endpoints.
    @inline(__always) private func choose(from choice: PeerChoice) -> Endpoint? {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        guard let position = choice.position(balancing, turn: turn) else { return nil }
        var endpoint = choice.contents.endpoints[position]
        if endpoint.port == nil { endpoint.port = port }
        return endpoint
    }
}

// MARK: Without a resolver

extension Peers {
    /// Peers that never change, for tests of code that holds ``Peers``, or where they are known.
    public static func fixed(_ endpoints: [Endpoint], balancing: Balancing = .roundRobin) -> Peers {
        makeControlled(endpoints, balancing: balancing).peers
    }

    /// Peers that change when the caller says so, for tests of code that holds ``Peers``.
    public static func makeControlled(
        _ endpoints: [Endpoint] = [],
        balancing: Balancing = .roundRobin
    ) -> (peers: Peers, update: @Sendable ([Endpoint]) -> Void) {
        let live = LivePeers()
        let update: @Sendable ([Endpoint]) -> Void = { [weak live] endpoints in
            live?.update(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text("fixed")), now: .now)
        }
        update(endpoints)
        let peers = Peers(live, name: "fixed", port: nil, balancing: balancing, timeout: .seconds(5), resolver: nil)
        return (peers, update)
    }
}

/// What `body` gives, or `nil` if that takes too long.
private func withTimeout<Result: Sendable>(
    _ timeout: Duration,
    _ body: @escaping @Sendable () async -> Result
) async -> Result? {
    await withTaskGroup(of: Result?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // In nanoseconds of 64 bits: of much more than these the system's sleep makes a crash.
            try? await Task.sleep(for: .nanoseconds(timeout.wholeNanoseconds))
            // A cancelled sleep is no timeout: the body knows better.
            return Task.isCancelled ? await body() : nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}
