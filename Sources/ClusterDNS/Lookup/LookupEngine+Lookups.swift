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
        if let active = lookups[plan.key] {
            join(active, waiter, now: now)
        } else if waiter != nil || publications[plan.key] == nil {
            begin(plan, for: waiter, mode: isForced ? .forced : .normal, now: now, orders: &orders)
        }
    }

    mutating func begin(
        _ plan: LookupPlan,
        for waiter: Waiter?,
        mode: ActiveLookup.Mode,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let active = ActiveLookup(
            Lookup(held(plan), families: settings.families),
            mode: mode,
            staleAt: now + settings.configuration.cache.staleAnswerDelay,
            partialAt: now + Self.partialAnswerDelay,
            isWanted: waiter == nil
        )
        if let waiter { active.add(waiter) }
        lookups[plan.key] = active
        take(active.lookup.start(), active, now: now, orders: &orders)
        // Most lookups that the cache can answer are over by now.
        guard !active.isOver, let check = active.nextCheck(after: now) else { return }
        schedule(.lookup(active), at: check)
    }

    /// A name that once resolved stays with its candidate: NXDOMAIN there is nobody, not another name.
    private func held(_ plan: LookupPlan) -> LookupPlan {
        guard plan.candidates.count > 1 else { return plan }
        if let watched = watches[plan.key]?.plan.candidates, watched.count == 1, plan.candidates.contains(watched[0]) {
            return plan.narrowed(to: watched[0])
        }
        let types = plan.key.kind.types(of: settings.families)
        let held = plan.candidates.first { name in
            types.contains { cache.holds(Question(name: name, type: $0)) }
        }
        return held.map { plan.narrowed(to: $0) } ?? plan
    }

    /// How long a caller waits for one address family after the other has answered: time for two retries.
    private static let partialAnswerDelay = Duration.seconds(1)

    private mutating func join(_ active: ActiveLookup, _ waiter: Waiter?, now: MonotonicTime) {
        guard let waiter else {
            active.isWanted = true
            return
        }
        active.add(waiter)
        for question in active.lookup.unanswered { flights[question]?.extend(to: waiter.patience) }
        if let check = active.nextCheck(after: now), check < active.alarm.map(timers.time) ?? .distantFuture {
            schedule(.lookup(active), at: check)
        }
        // The time to wait for a better answer may have run out before this caller came.
        settle(active, now: now)
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
                finish(active, result, now: now)
                return
            case .ask:
                step = .wait
                var index = 0
                // The last answer may bring the next phase, and to ask may bring the end of it all.
                while case .wait = step, !active.isOver, index < active.lookup.questionCount {
                    let question = active.lookup.question(index)
                    if let answer = ask(question, for: active, now: now, orders: &orders), !active.isOver {
                        step = active.lookup.receive(answer, for: question)
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
        take(active.lookup.receive(answer, for: question), active, now: now, orders: &orders)
        // Past the time to wait for something better, what has come now may do. Of the many targets of an SRV answer each
        // is only one.
        if !active.isOver, !active.lookup.isJoiningTargets { settle(active, now: now) }
    }

    /// Gives the callers what there is, if they would make do with it by now. The lookup goes on for the cache.
    private mutating func settle(_ active: ActiveLookup, now: MonotonicTime) {
        guard !active.waiters.isEmpty, let compromise = active.compromise(now: now) else { return }
        guard case .found(let found)? = makeDo(active, with: compromise, now: now) else { return }
        active.isWanted = true
        let waiters = active.takeWaiters()
        waiterCount -= waiters.count
        publish(found, active.lookup.plan, now: now)
        inform(active.key, found, now: now)
        for waiter in waiters {
            observe(waiter, leaving: active.lookup, now: now)
            release(waiter, with: .success(found.contents))
        }
    }

    /// What a lookup comes to if it ends now.
    private func makeDo(
        _ active: ActiveLookup,
        with compromise: ActiveLookup.Compromise,
        now: MonotonicTime
    ) -> Lookup.Result? {
        var lookup = active.lookup
        var step = Lookup.Step.ask
        // What the cache has: of what is asked, and of what that leads to.
        while case .ask = step {
            step = .wait
            for question in lookup.unanswered {
                guard let answer = known(question, now: now) else { continue }
                let next = lookup.receive(answer, for: question)
                if case .wait = next { continue }
                step = next
            }
        }
        if case .wait = step, compromise >= .oneFamily { step = lookup.settle(isEnd: compromise == .anything) }
        if case .finished(let result) = step { return result }
        return nil
    }

    mutating func checkDeadlines(_ active: ActiveLookup, now: MonotonicTime) {
        waiterCount -= active.dropAbandoned()
        settle(active, now: now)
        letGoOverdue(active, now: now)
        dropIfForgotten(active)
        guard !active.isOver, active.deadline != nil, let check = active.nextCheck(after: now) else { return }
        schedule(.lookup(active), at: max(check, now + Self.deadlineStep))
    }

    /// Callers whose deadline has come make do with anything; the others go on waiting for something better.
    private mutating func letGoOverdue(_ active: ActiveLookup, now: MonotonicTime) {
        let overdue = active.takeOverdue(now: now)
        guard !overdue.isEmpty else { return }
        waiterCount -= overdue.count
        for waiter in overdue { observe(waiter, leaving: active.lookup, now: now) }
        let underWay = active.lookup.unanswered.compactMap { flights[$0] }
        let (reason, name): (QueryFailure, DomainName)
        switch makeDo(active, with: .anything, now: now) {
        case .found(let found):
            // What is known of DNS is to be known better for the next.
            active.isWanted = true
            for waiter in overdue { release(waiter, with: .success(found.contents)) }
            return
        case .failed(let failure):
            (reason, name) = (failure.reason, failure.name)
        case nil:
            reason = underWay.first?.query.outcome(servers) ?? QueryFailure(code: .timedOut, reason: "no answer came")
            name = active.lookup.candidate
        }
        var error = ClusterDNSError(reason, name: active.key.name, absoluteName: name)
        error.attempts = underWay.reduce(active.attempts) { $0 + $1.query.attempts.count }
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
            error.elapsed = now - waiter.started
            release(waiter, with: .failure(error))
        }
    }

    mutating func abandon(_ key: LookupKey, _ waiter: Waiter) {
        guard let active = lookups[key] else { return }
        waiterCount -= active.abandon()
        dropIfForgotten(active)
    }

    /// A lookup that nobody waits for any more asks nothing further.
    private mutating func dropIfForgotten(_ active: ActiveLookup) {
        if active.waiters.isEmpty, !active.isWanted { end(active) }
    }

    private mutating func end(_ active: ActiveLookup) {
        active.isOver = true
        cancel(&active.alarm)
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
            publish(found, active.lookup.plan, now: now)
            inform(active.key, found, now: now)
            for waiter in waiters { release(waiter, with: .success(found.contents)) }
        case .failed(let failure):
            let plan = active.lookup.plan
            var error = ClusterDNSError(failure.reason, name: plan.key.name, absoluteName: failure.name)
            publish(error, until: failure.expires, failure.name, plan, now: now)
            error.attempts = active.attempts
            error.timeToLive = failure.expires - now
            inform(plan.key, error, failure, now: now)
            release(waiters, with: error, now: now)
        }
    }
}
