internal import DNSTransport

/// A lookup in progress, for all who ask for the same. It belongs to the engine.
final class ActiveLookup {
    /// What a lookup asks for although the cache has it.
    enum Mode {
        case normal
        /// Answers whose time to be refreshed comes before this.
        case refresh(before: MonotonicTime)
        /// All that may have changed: answers and negatives, whatever their TTL.
        case forced

        var isForced: Bool {
            if case .forced = self { true } else { false }
        }

        /// Whether it asks for an answer that is to be refreshed from `time` on.
        func asksAgain(at time: MonotonicTime) -> Bool {
            switch self {
            case .normal: false
            case .refresh(let end): time < end
            case .forced: true
            }
        }
    }

    /// What callers get rather than nothing, each including those before it.
    enum Compromise: Int, Comparable {
        case stale
        case oneFamily
        /// At a caller's own deadline: of the peers of a port, those whose addresses are known.
        case anything

        static func < (left: Compromise, right: Compromise) -> Bool { left.rawValue < right.rawValue }
    }

    var lookup: Lookup
    let mode: Mode
    /// When to make do with stale answers.
    let staleAt: MonotonicTime
    /// When to make do with the answers of one address family.
    let partialAt: MonotonicTime
    /// Those who wait, and some who have given up.
    private(set) var waiters: [Waiter] = []
    private var abandoned = 0
    /// The earliest deadline of the waiters.
    private(set) var deadline: MonotonicTime?
    /// Runs although nobody waits, to have the answer at hand.
    var isWanted: Bool
    /// Attempts that were made for it, those of flights still under way aside.
    var attempts = 0
    var alarm: LookupEngine.Alarm?
    /// It has an outcome, or nobody wants one any more.
    var isOver = false

    init(_ lookup: Lookup, mode: Mode, staleAt: MonotonicTime, partialAt: MonotonicTime, isWanted: Bool) {
        self.lookup = lookup
        self.mode = mode
        self.staleAt = staleAt
        self.partialAt = partialAt
        self.isWanted = isWanted
    }

    var key: LookupKey { lookup.plan.key }

    /// How long the most patient of the callers waits.
    var patience: Duration {
        waiters.reduce(.zero) { max($0, $1.patience) }
    }

    /// With what all callers would make do by now.
    func compromise(now: MonotonicTime) -> Compromise? {
        now >= partialAt ? .oneFamily : now >= staleAt ? .stale : nil
    }

    /// When there is something to look at: a deadline, which may be past, or a better compromise.
    func nextCheck(after now: MonotonicTime) -> MonotonicTime? {
        var next: MonotonicTime?
        if staleAt > now { next = staleAt } else if partialAt > now { next = partialAt }
        if let deadline { next = min(next ?? deadline, deadline) }
        return next
    }

    // MARK: Those who wait

    func add(_ waiter: Waiter) {
        waiters.append(waiter)
        deadline = min(deadline ?? waiter.deadline, waiter.deadline)
    }

    /// One has given up. He is taken out together with others, so that thousands who give up cost no more than as many.
    ///
    /// - Returns: how many were taken out.
    func abandon() -> Int {
        abandoned += 1
        return abandoned * 2 > waiters.count ? dropAbandoned() : 0
    }

    /// - Returns: how many were taken out.
    func dropAbandoned() -> Int {
        guard abandoned > 0 else { return 0 }
        abandoned = 0
        let count = waiters.count
        waiters.removeAll(where: \.isOver)
        deadline = waiters.lazy.map(\.deadline).min()
        return count - waiters.count
    }

    /// Takes those out whose deadline has come.
    func takeOverdue(now: MonotonicTime) -> [Waiter] {
        let overdue = waiters.filter { $0.deadline <= now }
        if !overdue.isEmpty { waiters.removeAll { $0.deadline <= now } }
        deadline = waiters.lazy.map(\.deadline).min()
        return overdue
    }

    /// Takes all out.
    func takeWaiters() -> [Waiter] {
        defer {
            waiters = []
            abandoned = 0
            deadline = nil
        }
        return waiters
    }
}
