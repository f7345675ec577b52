internal import DNSTransport

/// Lookups: begun, joined, answered, abandoned.
extension LookupEngine {
    mutating func look(
        _ plan: LookupPlan,
        for waiter: Waiter?,
        isForced: Bool,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        if let waiter {
            // A cancelled task may be heard of before it asks.
            guard !waiter.isOver else { return }
            guard waiterCount < Self.maximumWaiters else {
                release(waiter, with: .failure(ClusterDNSError.overloaded(waiter, now: now)))
                return
            }
            waiterCount += 1
        }
        if let active = underWay(plan.key, now: now, orders: &orders) {
            join(active, waiter, now: now)
        } else if waiter != nil || publications[plan.key] == nil {
            let mode = isForced && !isNew(plan, now: now) ? ActiveLookup.Mode.forced : .normal
            begin(plan, for: waiter, isWanted: waiter == nil, mode: mode, now: now, orders: &orders)
        }
    }

    /// However many wait for a service to come, each of them now and then: what one has just learned will do for the others.
    private func isNew(_ plan: LookupPlan, now: MonotonicTime) -> Bool {
        let name = held(plan).candidates[0]
        return plan.key.kind.types(of: settings.families).allSatisfy { type in
            cache.isKnown(Question(name: name, type: type), later: now + .milliseconds(-500))
        }
    }

    /// The lookup that somebody can join who asks now: what it has received is as new as what he would get without it.
    mutating func underWay(_ key: LookupKey, now: MonotonicTime, orders: inout Orders) -> ActiveLookup? {
        guard let active = lookups[key] else { return nil }
        if active.outdatedAt <= now { restart(active, mode: active.mode, now: now, orders: &orders) }
        return active.isOver ? nil : active
    }

    /// - Parameter isWanted: whether it is to end although nobody waits for it, nor holds a handle.
    mutating func begin(
        _ plan: LookupPlan,
        for waiter: Waiter? = nil,
        isWanted: Bool,
        mode: ActiveLookup.Mode,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let active = ActiveLookup(
            plan,
            lookup(plan),
            mode: mode,
            staleAfter: settings.configuration.cache.staleAnswerDelay,
            isWanted: isWanted,
            now: now
        )
        if let waiter { active.add(waiter) }
        lookups[plan.key] = active
        start(active, now: now, orders: &orders)
    }

    private func lookup(_ plan: LookupPlan) -> Lookup {
        Lookup(held(plan), families: settings.families)
    }

    private mutating func start(_ active: ActiveLookup, now: MonotonicTime, orders: inout Orders) {
        take(active.start(), active, now: now, orders: &orders)
        // Most lookups that the cache can answer are over by now.
        if !active.isOver { scheduleCheck(active, now: now) }
    }

    /// Has what it received looked at again, and asked for where the mode says so. What is under way is waited for as
    /// before.
    ///
    /// - Parameters:
    ///   - isFlushed: whether nothing counts that was asked so far.
    ///   - isProlonged: whether that is because its answers have expired.
    mutating func restart(
        _ active: ActiveLookup,
        mode: ActiveLookup.Mode,
        isFlushed: Bool = false,
        isProlonged: Bool = false,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let earlier = active.lookup.unanswered
        let lookup = lookup(active.plan)
        active.restart(lookup, mode: mode, isFresh: isFlushed, isProlonged: isProlonged, now: now)
        start(active, now: now, orders: &orders)
        let later = active.isOver ? [] : Set(active.lookup.unanswered)
        for question in earlier where !later.contains(question) { leave(question, active) }
    }

    /// Asks again for those who have something already.
    ///
    /// - Parameter isWanted: as for a new one.
    mutating func refresh(
        _ plan: LookupPlan,
        isWanted: Bool,
        mode: ActiveLookup.Mode,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard let active = lookups[plan.key] else {
            return begin(plan, isWanted: isWanted, mode: mode, now: now, orders: &orders)
        }
        // It is to end for them, too, whatever becomes of the caller who began it.
        if isWanted { active.isWanted = true }
        if active.hasReceived(whatIsAskedAgainIn: mode) { restart(active, mode: mode, now: now, orders: &orders) }
    }

    /// Has what came first asked for again if it has expired meanwhile: once, or slow answers could go on expiring for ever.
    private mutating func prolongIfExpired(_ active: ActiveLookup, now: MonotonicTime, orders: inout Orders) -> Bool {
        guard active.expires <= now, !active.isProlonged else { return false }
        restart(active, mode: active.mode, isProlonged: true, now: now, orders: &orders)
        return true
    }

    /// Has it looked at when there is something to look at, once a turn however many have joined.
    mutating func scheduleCheck(_ active: ActiveLookup, now: MonotonicTime) {
        let isDue = active.compromise(now: now) != nil || now >= active.overdueAt
        guard let check = isDue ? now : active.nextCheck(after: now, deadlineFrom: now) else { return }
        if check < active.alarm.map(waits.time) ?? .distantFuture { schedule(.lookup(active), at: check) }
    }

    /// A name that once resolved stays with its candidate: NXDOMAIN there is nobody, not another name. But for one outside the
    /// cluster, where it is only because it was not inside: its pod may be there by now.
    private func held(_ plan: LookupPlan) -> LookupPlan {
        guard plan.candidates.count > 1 else { return plan }
        if let watched = watches[plan.key]?.plan.candidates, watched.count == 1, plan.candidates.contains(watched[0]) {
            return plan.narrowed(to: watched[0])
        }
        let held = plan.candidates.first { $0 != plan.outside && holds($0, for: plan.key) }
        return held.map { plan.narrowed(to: $0) } ?? plan
    }

    /// Whether `key` came to an answer of that name.
    private func holds(_ name: DomainName, for key: LookupKey) -> Bool {
        key.kind.types(of: settings.families).contains { cache.holds(Question(name: name, type: $0), for: key) }
    }

    mutating func join(_ active: ActiveLookup, _ waiter: Waiter?, now: MonotonicTime) {
        if let waiter {
            if active.add(waiter) {
                for question in active.lookup.unanswered { flights[question]?.extend(to: waiter.patience) }
            }
        } else {
            active.isWanted = true
        }
        // The time to wait for a better answer may have run out before this caller came.
        scheduleCheck(active, now: now)
    }

    // MARK: Steps

    private mutating func take(_ step: Lookup.Step, _ active: ActiveLookup, now: MonotonicTime, orders: inout Orders) {
        var step = step
        // Each step asks for something else, along a list of candidates, aliases or targets that is bounded itself.
        while true {
            switch step {
            case .wait:
                return
            case .finished(let result):
                if case .found = result, prolongIfExpired(active, now: now, orders: &orders) { return }
                finish(active, outside(insteadOf: result, active, now: now) ?? result, now: now)
                return
            case .ask:
                step = .wait
                var index = 0
                // The last answer may bring the next phase, and to ask may bring the end of it all.
                while case .wait = step, !active.isOver, index < active.lookup.questionCount {
                    let question = active.lookup.question(index)
                    if let answer = ask(question, for: active, now: now, orders: &orders), !active.isOver {
                        active.isAllNew = false
                        step = active.receive(answer, for: question, now: now)
                    }
                    index += 1
                }
            }
        }
    }

    /// An answer has come for a question that the lookup waits for.
    mutating func deliver(
        _ answer: Lookup.Answer,
        to question: Question,
        _ active: ActiveLookup,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard !active.isOver else { return }
        take(active.receive(answer, for: question, now: now), active, now: now, orders: &orders)
        // Past the time to wait for something better, what has come now may do.
        if !active.isOver { scheduleCheck(active, now: now) }
    }

    /// Gives what there is, or goes on with it, if that will do by now.
    private mutating func settle(_ active: ActiveLookup, now: MonotonicTime, orders: inout Orders) {
        active.reviewOverdue(now: now) { flights[$0]?.query.started }
        // Each round but the first is another phase.
        while !active.isOver, let compromise = active.compromise(now: now), isAwaited(active, despite: compromise) {
            if prolongIfExpired(active, now: now, orders: &orders) { continue }
            if case .found(let found)? = makeDo(active, with: compromise, now: now) {
                return give(found, active, now: now)
            }
            guard isEnough(active.lookup, active, with: compromise) else { return }
            let earlier = active.lookup
            let step = active.settle()
            if case .wait = step { return }
            for waiter in active.waiters { observe(waiter, leaving: earlier, now: now) }
            for question in earlier.unanswered { setAside(question, active) }
            take(step, active, now: now, orders: &orders)
        }
    }

    /// To all who wait now. The lookup goes on for the cache.
    private mutating func give(_ found: Lookup.Found, _ active: ActiveLookup, now: MonotonicTime) {
        active.isWanted = true
        let waiters = active.takeWaiters()
        waiterCount -= waiters.count
        publish(found, active.plan, now: now)
        inform(active, found, now: now)
        for waiter in waiters {
            observe(waiter, leaving: active.lookup, now: now)
            release(waiter, with: .success(found.contents))
        }
    }

    /// Whether somebody would have a compromise: callers who wait, and those who hold a handle or read the front table,
    /// who have what is stale already.
    private func isAwaited(_ active: ActiveLookup, despite compromise: ActiveLookup.Compromise) -> Bool {
        let watch = watches[active.key]
        guard active.waiters.isEmpty, watch?.hasAnswer ?? true else { return true }
        guard compromise == .last || !active.overdue.isEmpty else { return false }
        return watch != nil || publications[active.key] != nil
    }

    /// What a lookup comes to if it ends now.
    private func makeDo(
        _ active: ActiveLookup,
        with compromise: ActiveLookup.Compromise,
        now: MonotonicTime
    ) -> Lookup.Result? {
        let result = makeDo(active.lookup, active, with: compromise, now: now)
        return outside(insteadOf: result, active, now: now) ?? result
    }

    /// The answer that a name has had outside the cluster, where the result says nothing of the name: so it is given for as
    /// long as nobody says whether there is one inside.
    private func outside(
        insteadOf result: Lookup.Result?,
        _ active: ActiveLookup,
        now: MonotonicTime
    ) -> Lookup.Result? {
        var askAgainAt = now
        switch result {
        case .found: return nil
        case .failed(let failure) where failure.reason.code.isNegative: return nil
        case .failed(let failure): askAgainAt = failure.expires
        case nil: break
        }
        // One that stays with a candidate inside is not looked for outside.
        guard let outside = active.plan.outside, active.lookup.plan.candidates.count > 1,
            active.lookup.candidate != outside, holds(outside, for: active.key)
        else { return nil }
        var lookup = Lookup(active.plan.narrowed(to: outside), families: settings.families)
        _ = lookup.start()
        guard case .found(var found)? = makeDo(lookup, active, with: .last, now: now) else { return nil }
        found.refreshAt = max(found.refreshAt, askAgainAt)
        return .found(found)
    }

    private func makeDo(
        _ lookup: Lookup,
        _ active: ActiveLookup,
        with compromise: ActiveLookup.Compromise,
        now: MonotonicTime
    ) -> Lookup.Result? {
        var lookup = lookup
        var step = Lookup.Step.ask
        // What the cache has: of what is asked, and of what that leads to.
        while case .ask = step {
            step = .wait
            for question in lookup.unanswered where compromise != .overdue || active.overdue.contains(question) {
                guard let answer = known(question, now: now) else { continue }
                let next = lookup.receive(answer, for: question)
                if case .wait = next { continue }
                step = next
            }
            guard case .wait = step else { continue }
            // Of the other family the cache has nothing, or it would be among what was received.
            let isStale = compromise == .stale && lookup.hasStaleFamily(now: now)
            if isStale || isEnough(lookup, active, with: compromise) { step = lookup.settle() }
        }
        return if case .finished(let result) = step { result } else { nil }
    }

    private func isEnough(_ lookup: Lookup, _ active: ActiveLookup, with compromise: ActiveLookup.Compromise) -> Bool {
        compromise == .last || lookup.unanswered.allSatisfy(active.overdue.contains)
    }

    mutating func checkDeadlines(_ active: ActiveLookup, now: MonotonicTime, orders: inout Orders) {
        waiterCount -= active.dropAbandoned()
        settle(active, now: now, orders: &orders)
        letGoOverdue(active, now: now)
        guard !active.isOver else { return }
        dropIfForgotten(active)
        guard !active.isOver, isAwaited(active, despite: .last) else { return }
        let check = active.nextCheck(after: now, deadlineFrom: now + Self.deadlineStep)
        if let check { schedule(.lookup(active), at: check) }
    }

    /// Callers whose deadline has come make do with anything; the others go on waiting for something better.
    private mutating func letGoOverdue(_ active: ActiveLookup, now: MonotonicTime) {
        let overdue = active.takeOverdue(now: now)
        guard !overdue.isEmpty else { return }
        waiterCount -= overdue.count
        for waiter in overdue { observe(waiter, leaving: active.lookup, now: now) }
        let underWay = active.lookup.unanswered.compactMap { flights[$0] }
        let failure: Lookup.Failure
        switch makeDo(active, with: .last, now: now) {
        case .found(let found):
            // What is known of DNS is to be known better for the next.
            active.isWanted = true
            for waiter in overdue { release(waiter, with: .success(found.contents)) }
            return
        case .failed(let known):
            failure = known
        case nil:
            failure = Lookup.Failure(
                reason: underWay.first?.query.outcome(servers)
                    ?? QueryFailure(code: .timedOut, reason: "no answer came"),
                name: active.lookup.candidate,
                canonicalName: active.lookup.canonicalName,
                expires: now
            )
        }
        var error = ClusterDNSError(failure, name: active.key.name)
        error.attempts = underWay.reduce(active.attempts) { $0 + $1.query.messageCount }
        release(overdue, with: error, now: now)
    }

    /// Callers of one name may be thousands, each with a deadline of his own: those that come close to each other are
    /// looked at together.
    private static let deadlineStep = Duration.milliseconds(10)

    /// Ends the wait of callers with an error that tells each how long it took.
    private mutating func release(_ waiters: [Waiter], with error: ClusterDNSError, now: MonotonicTime) {
        var error = error
        for waiter in waiters {
            error.name = waiter.name
            error.elapsed = waiter.elapsed(now)
            release(waiter, with: .failure(error))
        }
    }

    mutating func abandon(_ key: LookupKey) {
        guard let active = lookups[key] else { return }
        waiterCount -= active.abandon()
        dropIfForgotten(active)
    }

    /// A lookup that nobody waits for any more, nor holds a handle on, asks nothing further.
    mutating func dropIfForgotten(_ active: ActiveLookup) {
        if active.waiters.isEmpty, !active.isWanted, watches[active.key] == nil { end(active) }
    }

    private mutating func end(_ active: ActiveLookup) {
        active.isOver = true
        cancel(.lookup(active))
        lookups[active.key] = nil
        for question in active.lookup.unanswered { leave(question, active) }
    }

    // MARK: Finishing

    private mutating func finish(_ active: ActiveLookup, _ result: Lookup.Result, now: MonotonicTime) {
        end(active)
        let waiters = active.takeWaiters()
        waiterCount -= waiters.count
        switch result {
        case .found(let found):
            publish(found, active.plan, now: now)
            inform(active, found, now: now)
            for waiter in waiters { release(waiter, with: .success(found.contents)) }
        case .failed(let failure):
            var error = ClusterDNSError(failure, name: active.key.name)
            publish(error, until: failure.expires, failure.name, active.plan, now: now)
            error.attempts = active.attempts
            error.timeToLive = failure.expires - now
            inform(active, error, failure, now: now)
            release(waiters, with: error, now: now)
        }
    }
}
