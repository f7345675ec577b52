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
        /// The same for somebody who knows that the answers are of no use: he does not wait as long after a failure.
        case reported

        var isForced: Bool {
            switch self {
            case .normal, .refresh: false
            case .forced, .reported: true
            }
        }

        var isReported: Bool {
            if case .reported = self { true } else { false }
        }

        /// Whether it asks for an answer that is to be refreshed from `time` on.
        func asksAgain(at time: MonotonicTime) -> Bool {
            switch self {
            case .normal: false
            case .refresh(let end): time < end
            case .forced, .reported: true
            }
        }
    }

    /// What callers get rather than nothing.
    enum Compromise {
        /// The earlier answers to the questions that are overdue, or none to them.
        case overdue
        /// The earlier answers to all questions, or none to those that are overdue.
        case stale
        /// Whatever there is: one family's addresses; of the peers of a port, those whose addresses are known.
        case last
    }

    /// As it was asked for: that of `lookup` may be narrowed to one candidate.
    let plan: LookupPlan
    private(set) var lookup: Lookup
    private(set) var mode: Mode
    private let staleAfter: Duration
    /// When those who wait began to.
    private var began: MonotonicTime
    /// Questions whose answers have been waited for long enough, and their like among those asked after them.
    private(set) var overdue: Set<Question> = []
    /// When the next question may have been.
    private(set) var overdueAt = MonotonicTime.distantFuture
    /// When the first of the answers received expires, those aside that were stale already.
    private(set) var expires = MonotonicTime.distantFuture
    /// When the first of the answers, negatives and failures received may be asked for again.
    private(set) var refreshAt = MonotonicTime.distantFuture
    /// When the first of them is to be asked for again for somebody who asks then.
    private(set) var outdatedAt = MonotonicTime.distantFuture
    /// Whether there was no question that the cache could answer.
    var isAllNew = true
    /// Has begun again because what came first had expired before the last was there.
    private(set) var isProlonged = false
    /// Those who wait, and some who have given up.
    private(set) var waiters: [Waiter] = []
    private var abandoned = 0
    /// The earliest deadline of the waiters.
    private(set) var deadline: MonotonicTime?
    /// How long the most patient of the callers waits, those included who have waited.
    private(set) var patience = Duration.zero
    /// Runs although nobody waits, nor holds a handle, to have the answer at hand.
    var isWanted: Bool
    /// About how many attempts were made for it, those of flights still under way aside: one that was set aside and joined again
    /// counts twice, one that is of no use any more not at all.
    var attempts = 0
    var alarm: LookupEngine.Alarm?
    /// It has an outcome, or nobody wants one any more.
    var isOver = false

    /// How long a question is waited for if there is something without it: time for two retries.
    private static let patienceForQuestion = Duration.seconds(1)

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
        let (refreshAt, outdatedAt): (MonotonicTime, MonotonicTime)
        switch answer {
        case .records(_, let expires, let time):
            if expires > now { self.expires = min(self.expires, expires) }
            (refreshAt, outdatedAt) = (time, expires > now ? expires : time)
        case .negative(_, let time), .failed(_, let time):
            (refreshAt, outdatedAt) = (time, time)
        }
        self.refreshAt = min(self.refreshAt, refreshAt)
        // What could be asked for again at once would have everybody who comes do so.
        if outdatedAt > now { self.outdatedAt = min(self.outdatedAt, outdatedAt) }
        return lookup.receive(answer, for: question)
    }

    /// See ``Lookup/deny(_:with:unless:)``.
    func deny(_ name: DomainName, with answer: Lookup.Answer, unless isKept: (Question) -> Bool) {
        lookup.deny(name, with: answer, unless: isKept)
    }

    /// Whether there is something among what it has received that is asked for again in that mode.
    func hasReceived(whatIsAskedAgainIn mode: Mode) -> Bool {
        refreshAt < .distantFuture && mode.asksAgain(at: refreshAt)
    }

    /// A question has been on its way since `started`, for whomever.
    func awaits(_ question: Question, since started: MonotonicTime, now: MonotonicTime) {
        let time = started + Self.patienceForQuestion
        if time <= now { overdue.insert(question) } else { overdueAt = min(overdueAt, time) }
    }

    /// Looks again at which questions are overdue.
    ///
    /// - Parameter started: since when a question has been on its way.
    func reviewOverdue(now: MonotonicTime, started: (Question) -> MonotonicTime?) {
        guard now >= overdueAt else { return }
        overdueAt = .distantFuture
        for question in lookup.unanswered {
            if let started = started(question) { awaits(question, since: started, now: now) }
        }
    }

    /// Goes on without what is missing, where that will do. Of what it asks then, what is like it is as overdue.
    func settle() -> Lookup.Step {
        let missing = Set(lookup.unanswered.map(\.type))
        let step = lookup.settle()
        if case .ask = step { overdue.formUnion(lookup.unanswered.filter { missing.contains($0.type) }) }
        return step
    }

    /// Begins again.
    ///
    /// - Parameters:
    ///   - isFresh: whether what is waited for is to be waited for anew.
    ///   - isProlonged: whether that is because its answers have expired.
    func restart(_ lookup: Lookup, mode: Mode, isFresh: Bool, isProlonged: Bool, now: MonotonicTime) {
        overdue.formIntersection(isFresh ? [] : self.lookup.unanswered)
        overdueAt = .distantFuture
        // Who waits already waits no longer for it, unless it is flushed, or he was to be given something stale by now.
        if isFresh || waiters.isEmpty || now >= staleAt { began = now }
        self.lookup = lookup
        self.mode = mode
        self.isProlonged = isProlonged
        isAllNew = true
        expires = .distantFuture
        refreshAt = .distantFuture
        outdatedAt = .distantFuture
    }

    // MARK: Compromises

    /// When to make do with stale answers.
    private var staleAt: MonotonicTime { began + staleAfter }

    /// With what all callers would make do by now, as far as it is known which questions are overdue.
    func compromise(now: MonotonicTime) -> Compromise? {
        now >= staleAt ? .stale : overdue.isEmpty ? nil : .overdue
    }

    /// When there is something to look at: a deadline, not before `earliest`, or a better compromise.
    func nextCheck(after now: MonotonicTime, deadlineFrom earliest: MonotonicTime) -> MonotonicTime? {
        let deadline = deadline.map { max($0, earliest) } ?? .distantFuture
        let next = min(deadline, staleAt > now ? staleAt : .distantFuture, overdueAt)
        return next < .distantFuture ? next : nil
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
