internal import DNSTransport
internal import Synchronization

/// What all handles of one name share: the set now, how it went lately, and who waits for the next.
///
/// The loop thread updates it, callers read it. Nothing is called while the lock is held.
final class LivePeers: Sendable {
    /// What comes to somebody who waits.
    enum Arrival: Sendable {
        /// A set, and its number: another number, another set.
        case set(PeerChoice, UInt64)
        /// There is no set, and why.
        case failed(ClusterDNSError)
        case ended
        case cancelled
    }

    struct Health: Sendable {
        var lastSuccess: MonotonicTime?
        var lastError: ClusterDNSError?
    }

    fileprivate struct Wait {
        let seen: UInt64?
        let wantsFailure: Bool
        let pending: Pending<Arrival>
    }

    fileprivate struct State {
        var choice: PeerChoice?
        var number: UInt64 = 0
        var health = Health()
        var passedOver: [Endpoint.Identity: MonotonicTime] = [:]
        /// When the first of these is used again.
        var nextReturn: MonotonicTime?
        var isEnded = false
        var waits: [UInt64: Wait] = [:]
        var lastWait: UInt64 = 0
    }

    /// What one thread has read of the state.
    private struct Copy: Sendable {
        var edition: UInt64 = 0
        var contents: EndpointSet.Contents?
        /// Nothing while an endpoint is passed over, which needs a look at the clock.
        var choice: PeerChoice?
    }

    private let state = Mutex(State())
    /// Counts up, under the lock, when there is another choice than before.
    private let edition = Atomic<UInt64>(0)
    /// Many tasks read the set of one handle, and most of them find it here, as their thread left it.
    private let copies = ThreadPlaces { _ in Copy() }
    /// Called once, when the last handle has gone.
    private let onLastRelease: @Sendable () -> Void
    /// Called when an endpoint was reported, to look for better ones.
    private let onReport: @Sendable () -> Void

    /// How long an endpoint is passed over after a caller could not reach it.
    static let passingOver = Duration.seconds(5)

    init(
        onLastRelease: @escaping @Sendable () -> Void = {},
        onReport: @escaping @Sendable () -> Void = {}
    ) {
        self.onLastRelease = onLastRelease
        self.onReport = onReport
    }

    deinit {
        onLastRelease()
    }

    // MARK: Reading

    /// The set now; nothing before the first answer.
    var contents: EndpointSet.Contents? {
        let edition = edition.load(ordering: .acquiring)
        return copies.withValue { $0.edition == edition ? $0.contents : nil } ?? original().choice?.contents
    }

    /// The set now, and those of it that may be chosen; nothing before the first answer.
    var choice: PeerChoice? {
        let edition = edition.load(ordering: .acquiring)
        if let choice = copies.withValue({ $0.edition == edition ? $0.choice : nil }) { return choice }
        let (choice, nextReturn) = original()
        guard let nextReturn else { return choice }
        // The clock is read only while an endpoint is passed over.
        let now = MonotonicTime.now
        return nextReturn > now ? choice : change { $0.choose(now: now) }
    }

    /// Read from the state itself, and copied for the thread's next read.
    private func original() -> (choice: PeerChoice?, nextReturn: MonotonicTime?) {
        let (choice, nextReturn, edition) = state.withLock {
            ($0.choice, $0.nextReturn, self.edition.load(ordering: .relaxed))
        }
        guard let choice else { return (nil, nextReturn) }
        let copy = PeerChoice(copying: choice)
        _ = copies.withValue { place -> Void? in
            place = Copy(edition: edition, contents: copy.contents, choice: nextReturn == nil ? copy : nil)
        }
        return (choice, nextReturn)
    }

    var health: Health { state.withLock { $0.health } }

    /// Whether somebody waits for the first set, or for why there is none.
    var isAwaited: Bool {
        state.withLock { state in
            state.choice == nil && state.waits.values.contains { $0.wantsFailure && !$0.pending.isOver }
        }
    }

    /// Waits for a set other than the one numbered `seen`, or the end.
    ///
    /// - Parameter wantsFailure: whether a failure ends the wait while there is no set.
    func arrival(after seen: UInt64?, wantsFailure: Bool) async -> Arrival {
        let wait = Wait(seen: seen, wantsFailure: wantsFailure, pending: Pending())
        let id = state.withLock { state in
            if let arrival = state.arrival(for: wait) { wait.pending.end(with: arrival) }
            state.lastWait += 1
            state.waits[state.lastWait] = wait
            return state.lastWait
        }
        defer { state.withLock { $0.waits[id] = nil } }
        return await withTaskCancellationHandler {
            await wait.pending.wait()
        } onCancel: {
            wait.pending.end(with: .cancelled)
        }
    }

    // MARK: Feedback

    /// A caller could not reach an endpoint.
    func report(_ endpoint: Endpoint) {
        let now = MonotonicTime.now
        let isKnown = change { state in
            // A handle may have filled in a port that the set does not have.
            let known = (state.choice?.contents.endpoints ?? []).filter {
                $0.address == endpoint.address && ($0.port == nil || $0.port == endpoint.port)
            }
            for endpoint in known { state.passedOver[endpoint.identity] = now + Self.passingOver }
            if !known.isEmpty { _ = state.choose(now: now) }
            return !known.isEmpty
        }
        if isKnown { onReport() }
    }

    // MARK: Updates

    /// - Parameter error: why the set is an old one, or an empty one.
    /// - Returns: whether there was another set before.
    @discardableResult
    func update(_ contents: EndpointSet.Contents, now: MonotonicTime, error: ClusterDNSError? = nil) -> Bool {
        var isChange = false
        change { state in
            // A stale set that nothing better has replaced yet is no success.
            if error == nil, contents.expires.map({ $0 > now }) ?? true { state.health.lastSuccess = now }
            state.health.lastError = error
            // The order of records says nothing.
            let isSame = state.choice.map { Set($0.contents.endpoints) == Set(contents.endpoints) } ?? false
            isChange = state.choice != nil && !isSame
            if !isSame { state.number += 1 }
            state.choice = PeerChoice(contents)
            _ = state.choose(now: now)
        }
        return isChange
    }

    func update(_ error: ClusterDNSError) {
        change { $0.health.lastError = error }
    }

    func end() {
        change { $0.isEnded = true }
    }

    private func change<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        let (result, arrivals) = state.withLock { state in
            let choice = state.choice
            let result = change(&state)
            if state.choice !== choice { edition.wrappingAdd(1, ordering: .releasing) }
            let arrivals = state.waits.values.compactMap { wait in
                state.arrival(for: wait).map { (wait.pending, $0) }
            }
            return (result, arrivals)
        }
        for (pending, arrival) in arrivals { pending.end(with: arrival) }
        return result
    }
}

extension LivePeers.State {
    fileprivate func arrival(for wait: LivePeers.Wait) -> LivePeers.Arrival? {
        if isEnded { return .ended }
        if let choice { return number == wait.seen ? nil : .set(choice, number) }
        return wait.wantsFailure ? health.lastError.map { .failed($0) } : nil
    }

    /// Passes over those whose time is not over yet.
    fileprivate mutating func choose(now: MonotonicTime) -> PeerChoice? {
        guard let contents = choice?.contents, nextReturn != nil || !passedOver.isEmpty else { return choice }
        passedOver = passedOver.filter { $0.value > now }
        nextReturn = passedOver.values.min()
        choice = PeerChoice(contents) { passedOver[$0.identity] != nil }
        return choice
    }
}
