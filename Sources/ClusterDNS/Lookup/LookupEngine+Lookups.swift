internal import DNSTransport

/// Lookups: begun, joined, answered, abandoned.
extension LookupEngine {
    func look(
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
                waiter.end(with: .failure(ClusterDNSError.overloaded(waiter, now: now)))
                return
            }
            waiterCount += 1
        }
        if let id = lookupIDs[plan.key] {
            join(id, waiter, now: now)
        } else if waiter != nil || publications[plan.key] == nil {
            begin(plan, for: waiter, mode: isForced ? .forced : .normal, now: now, orders: &orders)
        }
    }

    func begin(
        _ plan: LookupPlan,
        for waiter: Waiter?,
        mode: Mode,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        var plan = plan
        // A name that once resolved stays with its candidate: NXDOMAIN there is nobody, not another name.
        if plan.candidates.count > 1, let held = plan.candidates.first(where: { cache.usage(of: $0) != nil }) {
            plan.candidates = [held]
        }
        let id = nextID()
        var active = ActiveLookup(
            lookup: Lookup(plan, families: settings.families),
            started: now,
            staleAt: now + settings.configuration.cache.staleAnswerDelay,
            partialAt: now + Self.partialAnswerDelay,
            isWanted: waiter == nil,
            mode: mode
        )
        if let waiter {
            active.waiters[waiter.id] = waiter
            active.deadline = waiter.deadline
        }
        let step = active.lookup.start()
        lookups[id] = active
        lookupIDs[plan.key] = id
        take(step, id, now: now, orders: &orders)
        // Most lookups that the cache can answer are over by now.
        guard lookups[id] != nil, let check = active.nextCheck(after: now) else { return }
        timers.add(.lookup(id), at: check)
    }

    /// How long a caller waits for one address family after the other has answered: time for two retries.
    private static let partialAnswerDelay = Duration.seconds(1)

    private func join(_ id: UInt64, _ waiter: Waiter?, now: MonotonicTime) {
        guard let waiter else {
            lookups[id]?.isWanted = true
            return
        }
        lookups[id]?.waiters[waiter.id] = waiter
        guard let active = lookups[id] else { return }
        for question in active.lookup.unanswered { extend(question, to: waiter.patience) }
        if active.deadline.map({ waiter.deadline < $0 }) ?? true {
            lookups[id]?.deadline = waiter.deadline
            timers.add(.lookup(id), at: waiter.deadline)
        }
        // The time to wait for a better answer may have run out before this caller came.
        settle(id, now: now)
    }

    // MARK: Steps

    private func take(_ step: Lookup.Step, _ id: UInt64, now: MonotonicTime, orders: inout Orders) {
        var step = step
        // Each step asks for something else, along a list of candidates, aliases or targets that is bounded itself.
        while true {
            switch step {
            case .wait:
                return
            case .finished(let result):
                finish(id, result, now: now)
                return
            case .ask(let questions):
                step = .wait
                for question in questions {
                    let answered = ask(question, for: id, now: now, orders: &orders)
                    guard let answer = answered, var active = lookups[id] else { continue }
                    lookups[id] = nil
                    let next = active.lookup.receive(answer, for: question)
                    lookups[id] = active
                    if case .wait = next { continue }
                    step = next
                }
            }
        }
    }

    /// An answer has come for a question that the lookup waits for.
    func deliver(_ answer: Lookup.Answer, to question: Question, _ id: UInt64, now: MonotonicTime, orders: inout Orders)
    {
        guard var active = lookups[id] else { return }
        lookups[id] = nil
        let step = active.lookup.receive(answer, for: question)
        lookups[id] = active
        take(step, id, now: now, orders: &orders)
        // Past the time to wait for something better, what has come now may do. Of the many targets of an SRV answer each
        // is only one.
        if lookups[id]?.lookup.isJoiningTargets == false { settle(id, now: now) }
    }

    /// Gives the callers what there is, if they would make do with it by now. The lookup goes on for the cache.
    private func settle(_ id: UInt64, now: MonotonicTime) {
        guard let active = lookups[id], !active.waiters.isEmpty else { return }
        let compromise = active.compromise(now: now)
        guard compromise > .nothing else { return }
        var lookup = active.lookup
        var step = Lookup.Step.ask(Array(lookup.unanswered))
        // What the cache has: of what is asked, and of what that leads to.
        while case .ask(let questions) = step {
            step = .wait
            for question in questions {
                guard let answer = known(question, now: now) else { continue }
                let next = lookup.receive(answer, for: question)
                if case .wait = next { continue }
                step = next
            }
        }
        if case .wait = step, compromise >= .oneFamily { step = lookup.settle(isEnd: compromise == .anything) }
        guard case .finished(.found(let found)) = step else { return }
        lookups[id]?.isWanted = true
        lookups[id]?.waiters = [:]
        waiterCount -= active.waiters.count
        publish(found, lookup.plan, now: now)
        inform(lookup.plan.key, found, now: now)
        for waiter in active.waiters.values { waiter.end(with: .success(found.contents)) }
    }

    func checkDeadlines(_ id: UInt64, now: MonotonicTime) {
        settle(id, now: now)
        guard let active = lookups[id] else { return }
        var deadline: MonotonicTime?
        for waiter in active.waiters.values {
            if waiter.deadline <= now {
                lookups[id]?.waiters[waiter.id] = nil
                waiterCount -= 1
                waiter.end(with: .failure(overdue(waiter, active, now: now)))
            } else {
                deadline = min(deadline ?? waiter.deadline, waiter.deadline)
            }
        }
        lookups[id]?.deadline = deadline
        dropIfForgotten(id)
        guard deadline != nil, let check = lookups[id]?.nextCheck(after: now) else { return }
        timers.add(.lookup(id), at: max(check, now + Self.deadlineStep))
    }

    /// Callers of one name may be thousands, each with a deadline of his own: those that come close to each other are
    /// looked at together.
    private static let deadlineStep = Duration.milliseconds(10)

    private func overdue(_ waiter: Waiter, _ active: ActiveLookup, now: MonotonicTime) -> ClusterDNSError {
        let flights = active.lookup.unanswered.compactMap { self.flights[$0] }
        let failure = flights.first?.flight.outcome(servers) ?? QueryFailure(code: .timedOut, reason: "no answer came")
        var error = ClusterDNSError(failure, name: waiter.name, absoluteName: active.lookup.candidate)
        error.attempts = flights.reduce(active.attempts) { $0 + $1.flight.attemptCount }
        error.elapsed = now - waiter.started
        return error
    }

    func abandon(_ key: LookupKey, waiter: UInt64) {
        guard let id = lookupIDs[key], lookups[id]?.waiters.removeValue(forKey: waiter) != nil else { return }
        waiterCount -= 1
        dropIfForgotten(id)
    }

    /// A lookup that nobody waits for any more asks nothing further.
    private func dropIfForgotten(_ id: UInt64) {
        guard let active = lookups[id], active.waiters.isEmpty, !active.isWanted else { return }
        remove(id)
    }

    private func remove(_ id: UInt64) {
        guard let active = lookups.removeValue(forKey: id) else { return }
        lookupIDs[active.lookup.plan.key] = nil
        for question in active.lookup.unanswered { leave(question, id) }
    }

    // MARK: Finishing

    private func finish(_ id: UInt64, _ result: Lookup.Result, now: MonotonicTime) {
        guard let active = lookups[id] else { return }
        remove(id)
        waiterCount -= active.waiters.count
        switch result {
        case .found(let found):
            publish(found, active.lookup.plan, now: now)
            inform(active.lookup.plan.key, found, now: now)
            for waiter in active.waiters.values { waiter.end(with: .success(found.contents)) }
        case .failed(let failure):
            let plan = active.lookup.plan
            var error = ClusterDNSError(failure.reason, name: plan.key.name, absoluteName: failure.name)
            publish(error, until: failure.expires, failure.name, plan, now: now)
            error.attempts = active.attempts
            error.timeToLive = failure.expires - now
            inform(plan.key, error, failure, now: now)
            for waiter in active.waiters.values {
                error.name = waiter.name
                error.elapsed = now - waiter.started
                waiter.end(with: .failure(error))
            }
        }
    }
}
