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
        /// What there is without the answers to questions that are overdue.
        case overdue
        /// The earlier answers to those that are under way.
        case stale
        /// One family's addresses; of the peers of a port, those whose addresses are known.
        case partial

        static func < (left: Compromise, right: Compromise) -> Bool { left.rawValue < right.rawValue }
    }

    /// With all candidates: that of `lookup` may be narrowed to one.
    let plan: LookupPlan
    private(set) var lookup: Lookup
    private(set) var mode: Mode
    private let staleAfter: Duration
    /// When it was begun, the last time.
    private var began: MonotonicTime
    /// Questions that had been waited for long enough when the others were asked again.
    private(set) var overdue: Set<Question> = []
    /// When the first of the answers received expires, those aside that were stale already.
    private(set) var expires = MonotonicTime.distantFuture
    /// When the first of the answers and failures received may be asked for again.
    private(set) var refreshAt = MonotonicTime.distantFuture
    /// Whether there was a question that the cache could not answer.
    var hasAsked = false
    /// Has begun again because what came first had expired before the last was there.
    var isProlonged = false
    /// Those who wait, and some who have given up.
    private(set) var waiters: [Waiter] = []
    private var abandoned = 0
    /// The earliest deadline of the waiters.
    private(set) var deadline: MonotonicTime?
    /// How long the most patient of the callers waits, those included who have waited.
    private(set) var patience = Duration.zero
    /// Runs although nobody waits, to have the answer at hand.
    var isWanted: Bool
    /// Attempts that were made for it, those of flights still under way aside.
    var attempts = 0
    var alarm: LookupEngine.Alarm?
    /// It has an outcome, or nobody wants one any more.
    var isOver = false

    /// How long a caller waits for one address family after the other has answered: time for two retries.
    private static let partialAfter = Duration.seconds(1)

    /// - Parameter staleAfter: how long a caller waits for a new answer where there is a stale one.
    init(
        _ plan: LookupPlan,
        _ lookup: Lookup,
        mode: Mode,
        staleAfter: Duration,
        isWanted: Bool,
        now: MonotonicTime
    ) {
        self.plan = plan
        self.lookup = lookup
        self.mode = mode
        self.staleAfter = staleAfter
        self.began = now
        self.isWanted = isWanted
    }

    var key: LookupKey { plan.key }

    // MARK: Answers

    func start() -> Lookup.Step {
        lookup.start()
    }

    func receive(_ answer: Lookup.Answer, for question: Question, now: MonotonicTime) -> Lookup.Step {
        switch answer {
        case .records(_, let expires, let refreshAt):
            if expires > now { self.expires = min(self.expires, expires) }
            self.refreshAt = min(self.refreshAt, refreshAt)
        case .failed(_, let askAgainAt):
            refreshAt = min(refreshAt, askAgainAt)
        case .negative:
            break
        }
        return lookup.receive(answer, for: question)
    }

    /// Begins again.
    ///
    /// - Parameter isFresh: whether what is waited for is to be waited for anew.
    func restart(_ lookup: Lookup, mode: Mode, isFresh: Bool, now: MonotonicTime) {
        if isFresh {
            overdue = []
        } else if now >= partialAt {
            overdue.formUnion(self.lookup.unanswered)
        }
        self.lookup = lookup
        self.mode = mode
        began = now
        expires = .distantFuture
        refreshAt = .distantFuture
    }

    // MARK: Compromises

    /// When to make do with stale answers.
    private var staleAt: MonotonicTime { began + staleAfter }

    /// When to make do without the answers that are missing.
    private var partialAt: MonotonicTime { began + Self.partialAfter }

    /// With what all callers would make do by now.
    func compromise(now: MonotonicTime) -> Compromise? {
        now >= partialAt ? .partial : now >= staleAt ? .stale : overdue.isEmpty ? nil : .overdue
    }

    /// When there is something to look at: a deadline, which may be past, or a better compromise.
    func nextCheck(after now: MonotonicTime) -> MonotonicTime? {
        var next = deadline
        if staleAt > now { next = min(next ?? staleAt, staleAt) }
        if partialAt > now { next = min(next ?? partialAt, partialAt) }
        return next
    }

    // MARK: Those who wait

    /// - Returns: whether the caller is more patient than those before.
    @discardableResult
    func add(_ waiter: Waiter) -> Bool {
        waiters.append(waiter)
        deadline = min(deadline ?? waiter.deadline, waiter.deadline)
        defer { patience = max(patience, waiter.patience) }
        return waiter.patience > patience
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
