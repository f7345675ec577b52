public import DNSTransport
public import Synchronization

/// What all handles of one name share: the set now, how it went lately, and who waits for the next.
///
/// The loop thread updates it, callers read it. Nothing is called while the lock is held.
@usableFromInline final class LivePeers: Sendable {
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

    fileprivate final class Wait: Sendable {
        let seen: UInt64?
        let wantsFailure: Bool
        let pending = Pending<Arrival>()

        init(seen: UInt64?, wantsFailure: Bool) {
            self.seen = seen
            self.wantsFailure = wantsFailure
        }
    }

    /// What is passed over by the handles of one port.
    fileprivate struct PassingOver {
        var until: [Endpoint.Identity: MonotonicTime] = [:]
        /// When the first of these is used again.
        var nextReturn: MonotonicTime
        /// Of the others.
        var choice: PeerChoice
    }

    fileprivate struct State {
        /// Of all.
        var choice: PeerChoice?
        var number: UInt64 = 0
        var health = Health()
        /// By the port that a handle fills in: a pod that does not listen on one may do so on another.
        var passingOver: [UInt16?: PassingOver] = [:]
        var isEnded = false
        var waits: [ObjectIdentifier: Wait] = [:]
    }

    /// What one thread has read of the state. It is read in the caller's own code, and so is the edition.
    @usableFromInline struct Copy: Sendable {
        @usableFromInline var edition: UInt64 = 0
        @usableFromInline var contents: EndpointSet.Contents?
        /// `nil` while an endpoint is passed over, which needs a look at the clock.
        var choice: PeerChoice?
    }

    private let state = Mutex(State())
    /// Counts up, under the lock, when there is another choice than before.
    @usableFromInline let edition = Atomic<UInt64>(0)
    /// Many tasks read the set of one handle, and most of them find it here, as their thread left it.
    @usableFromInline let copies: ThreadPlaces<Copy> = ThreadPlaces { _ in Copy() }
    /// Called once, when the last handle has gone.
    private let onLastRelease: @Sendable () -> Void
    /// Called to look for better ones, when an endpoint was reported.
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

    /// The set now; `nil` before the first answer.
    var contents: EndpointSet.Contents? { copiedContents ?? original()?.contents }

    /// The same, if the thread has a copy of it that still counts.
    @inlinable var copiedContents: EndpointSet.Contents? {
        copies.withValue { $0.edition == edition.load(ordering: .acquiring) ? $0.contents : nil }
    }

    /// The same as ``choice(_:)``, if the thread has a copy of it that still counts.
    @inline(__always) var copiedChoice: PeerChoice? {
        copies.withValue { $0.edition == edition.load(ordering: .acquiring) ? $0.choice : nil }
    }

    /// The set now, and those of it that a handle may choose; `nil` before the first answer.
    ///
    /// - Parameter port: that the handle fills in.
    func choice(_ port: UInt16?) -> PeerChoice? {
        if let copiedChoice { return copiedChoice }
        let (choice, nextReturn) = state.withLock { ($0.choice(port), $0.nextReturn) }
        guard let nextReturn else { return original() }
        // The clock is read only while an endpoint is passed over.
        let now = MonotonicTime.now
        guard nextReturn <= now else { return choice }
        return change { state in
            state.reconsider(now: now)
            return state.choice(port)
        }
    }

    /// Read from the state itself, and copied for the thread's next read.
    @inline(never) private func original() -> PeerChoice? {
        let (choice, isPassingOver, edition) = state.withLock {
            ($0.choice, !$0.passingOver.isEmpty, self.edition.load(ordering: .relaxed))
        }
        guard let choice else { return nil }
        _ = copies.withValue { place -> Void? in
            let copy = PeerChoice(copying: choice)
            place = Copy(edition: edition, contents: copy.contents, choice: isPassingOver ? nil : copy)
            return nil
        }
        return choice
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
        let wait = Wait(seen: seen, wantsFailure: wantsFailure)
        state.withLock { state in
            if let arrival = state.arrival(for: wait) { wait.pending.end(with: arrival) }
            state.waits[ObjectIdentifier(wait)] = wait
        }
        defer { state.withLock { $0.waits[ObjectIdentifier(wait)] = nil } }
        return await withTaskCancellationHandler {
            await wait.pending.wait()
        } onCancel: {
            wait.pending.end(with: .cancelled)
        }
    }

    // MARK: Feedback

    /// A caller could not reach an endpoint.
    ///
    /// - Parameter port: that his handle fills in.
    func report(_ endpoint: Endpoint, _ port: UInt16?) {
        let now = MonotonicTime.now
        let isKnown = change { state in
            guard let choice = state.choice else { return false }
            // A handle may have filled in a port that the set does not have.
            let known = choice.contents.endpoints.filter {
                $0.address == endpoint.address && ($0.port == nil || $0.port == endpoint.port)
            }
            guard !known.isEmpty else { return false }
            let end = now + Self.passingOver
            var passingOver = state.passingOver[port] ?? PassingOver(nextReturn: end, choice: choice)
            for endpoint in known { passingOver.until[endpoint.identity] = end }
            state.passingOver[port] = passingOver
            state.reconsider(now: now)
            return true
        }
        if isKnown { askAgain() }
    }

    /// Has DNS asked for better ones.
    func askAgain() {
        onReport()
    }

    // MARK: Updates

    /// - Parameters:
    ///   - answered: when the question was sent that DNS has answered last; `nil` for what DNS is not asked for.
    ///   - error: why the set is an old one, or an empty one.
    /// - Returns: whether there was another set before.
    @discardableResult
    func update(
        _ contents: EndpointSet.Contents,
        now: MonotonicTime,
        answered: MonotonicTime? = nil,
        error: ClusterDNSError? = nil
    ) -> Bool {
        var isChange = false
        // Sorted before callers have to wait for it.
        let choice = PeerChoice(contents)
        change { state in
            if error == nil, let answered {
                state.health.lastSuccess = max(state.health.lastSuccess ?? answered, answered)
            }
            state.health.lastError = error
            // The order of records says nothing.
            let isSame = state.choice.map { Set($0.contents.endpoints) == Set(contents.endpoints) } ?? false
            isChange = state.choice != nil && !isSame
            if !isSame { state.number += 1 }
            state.choice = choice
            state.reconsider(now: now)
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
            let (choice, wasPassingOver) = (state.choice, !state.passingOver.isEmpty)
            let result = change(&state)
            if state.choice !== choice || state.passingOver.isEmpty == wasPassingOver {
                edition.wrappingAdd(1, ordering: .releasing)
            }
            let arrivals = state.waits.values.compactMap { wait in
                state.arrival(for: wait).map { (wait, $0) }
            }
            return (result, arrivals)
        }
        for (wait, arrival) in arrivals { wait.pending.end(with: arrival) }
        return result
    }
}

extension LivePeers.State {
    fileprivate func arrival(for wait: LivePeers.Wait) -> LivePeers.Arrival? {
        if isEnded { return .ended }
        // A name that cannot stand for anything never has a set.
        let isFinal = health.lastError?.code == .invalidName
        if let choice, !isFinal { return number == wait.seen ? nil : .set(choice, number) }
        return wait.wantsFailure || isFinal ? health.lastError.map { .failed($0) } : nil
    }

    /// When the first of those that are passed over is used again.
    fileprivate var nextReturn: MonotonicTime? { passingOver.values.lazy.map(\.nextReturn).min() }

    fileprivate func choice(_ port: UInt16?) -> PeerChoice? { passingOver[port]?.choice ?? choice }

    /// Passes over those whose time is not over yet.
    fileprivate mutating func reconsider(now: MonotonicTime) {
        guard let contents = choice?.contents else { return }
        passingOver = passingOver.compactMapValues { passingOver in
            let until = passingOver.until.filter { $0.value > now }
            guard let nextReturn = until.values.min() else { return nil }
            let choice = PeerChoice(contents) { until[$0.identity] != nil }
            return LivePeers.PassingOver(until: until, nextReturn: nextReturn, choice: choice)
        }
    }
}
