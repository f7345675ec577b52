internal import DNSTransport
internal import DequeModule

/// Questions: answered from the cache, or sent, repeated and given up.
extension LookupEngine {
    /// The answer to a question, if the cache has one; else the lookup is told later.
    func ask(_ question: Question, for lookup: UInt64, now: MonotonicTime, orders: inout Orders) -> Lookup.Answer? {
        guard let active = lookups[lookup] else { return nil }
        switch cache.find(question, now: now) {
        case .fresh(let records, let expires, let refreshAt):
            guard active.mode == .forced || active.mode == .refresh && now >= refreshAt else {
                return .records(records, expires: expires, refreshAt: refreshAt)
            }
        case .stale(let records, let expired, let askAgainAt):
            if let askAgainAt, now < askAgainAt {
                return .records(records, expires: expired, refreshAt: askAgainAt)
            }
        case .negative(let negative, let expires) where active.mode != .forced:
            return .negative(negative, expires: expires)
        case .failing(let failure, let askAgainAt):
            return .failed(failure, askAgainAt: askAgainAt)
        case .negative, .unknown:
            break
        }
        return join(question, lookup, active, now: now, orders: &orders)
    }

    private func join(
        _ question: Question,
        _ lookup: UInt64,
        _ active: ActiveLookup,
        now: MonotonicTime,
        orders: inout Orders
    ) -> Lookup.Answer? {
        if flights[question] != nil {
            flights[question]?.lookups.insert(lookup)
            extend(question, to: active.patience)
            return nil
        }
        checkNameServers(now: now)
        let id = nextID()
        let flight = QueryFlight(
            question: question,
            policy: settings.configuration.retry,
            usesTCP: settings.usesTCP,
            started: now,
            deadline: now + max(settings.configuration.lookupTimeout, active.patience)
        )
        flights[question] = ActiveFlight(flight: flight, id: id, lookups: [lookup])
        flightQuestions[id] = question
        guard !servers.isEmpty else { return fail(question, Self.noNameServer, now: now) }
        advance(question, now: now, orders: &orders)
        guard let active = flights[question], active.isQueued,
            queuedFlights > settings.configuration.limits.queueLength
        else { return nil }
        return overloaded(question, now: now)
    }

    /// A look at a file costs little, but not nothing: once a second, and only when there is something to ask.
    private func checkNameServers(now: MonotonicTime) {
        guard now >= checkNameServersAt else { return }
        checkNameServersAt = now + .seconds(1)
        if let nameServers = nameServerChange() { servers.replace(with: nameServers) }
    }

    private static let noNameServer = QueryFailure(
        code: .unreachable,
        reason: "there is no name server to ask: the interface of each is missing"
    )

    private func overloaded(_ question: Question, now: MonotonicTime) -> Lookup.Answer {
        end(question)
        if case .stale(let records, let expired, _) = cache.find(question, now: now) {
            return .records(records, expires: expired, refreshAt: now)
        }
        let limits = settings.configuration.limits
        let failure = QueryFailure(
            code: .overloaded,
            reason: "\(limits.queueLength) questions wait already behind \(limits.queriesInFlight) in flight"
        )
        return .failed(failure, askAgainAt: now)
    }

    private func fail(_ question: Question, _ failure: QueryFailure, now: MonotonicTime) -> Lookup.Answer {
        end(question)
        return .failed(failure, askAgainAt: now)
    }

    /// Lets a flight go on for as long as the most patient of its callers wants one to last. One that joins late gets
    /// the outcome of what is under way, or callers who come one after the other would keep a hopeless flight alive.
    func extend(_ question: Question, to patience: Duration) {
        guard let flight = flights[question]?.flight else { return }
        flights[question]?.flight.deadline = max(flight.deadline, flight.started + patience)
    }

    /// A lookup needs the answer no longer. What was sent may finish; what was not is dropped.
    func leave(_ question: Question, _ lookup: UInt64) {
        flights[question]?.lookups.remove(lookup)
        if let active = flights[question], active.lookups.isEmpty, active.isQueued, active.flight.attemptCount == 0 {
            end(question)
        }
    }

    // MARK: Sending

    /// Does what the flight's policy says: sends, waits or gives up.
    func advance(_ question: Question, now: MonotonicTime, orders: inout Orders) {
        // Each round sends a message, of which a flight has a bounded number.
        while let active = flights[question], !active.isQueued || now >= active.flight.deadline {
            switch active.flight.next(now: now, servers: servers) {
            case .finish(let failure):
                finish(question, failure, now: now, orders: &orders)
                return
            case .wait(let until):
                timers.add(.flight(active.id), at: until)
                return
            case .send(let send):
                if active.flight.attemptCount > 0, active.lookups.isEmpty {
                    // Nobody waits any more: what is on its way may still come, but nothing is repeated.
                    end(question)
                    return
                }
                if send.followsSilence { release(active.flight.openAttempts, now: now, orders: &orders) }
                guard servers.takePlace(send.server) else {
                    enqueue(question, now: now)
                    return
                }
                self.send(send, question, active.id, now: now, orders: &orders)
            }
        }
    }

    private func send(
        _ send: QueryFlight.Send,
        _ question: Question,
        _ flight: UInt64,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard let server = servers.transportAddress(send.server) else { return }
        let isFirst = flights[question]?.flight.attemptCount == 0
        let id = post(send, to: server, question, flight, now: now, orders: &orders)
        flights[question]?.flight.sent(id, send, now: now)
        if isFirst { probe(send, question, flight, now: now, orders: &orders) }
    }

    /// Asks a name server that was pushed back, too: its answer is as good as another's, and nobody waits for it.
    private func probe(
        _ send: QueryFlight.Send,
        _ question: Question,
        _ flight: UInt64,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard let index = servers.takeProbe(now: now), let server = servers.transportAddress(index) else { return }
        // Not from a port on which an earlier probe was not answered.
        orders.overdue += attempts.values.filter { $0.server == server }.map(\.flight)
        _ = post(send, to: server, question, flight, now: now, orders: &orders)
    }

    private func post(
        _ send: QueryFlight.Send,
        to server: ServerAddress,
        _ question: Question,
        _ flight: UInt64,
        now: MonotonicTime,
        orders: inout Orders
    ) -> UInt64 {
        let id = nextID()
        attempts[id] = ActiveAttempt(
            question: question,
            flight: flight,
            server: server,
            transport: send.transport,
            hasEDNS: send.hasEDNS,
            sent: now
        )
        let payload = send.hasEDNS ? UInt16(clamping: settings.configuration.ednsPayload) : nil
        orders.attempts.append(
            Attempt(
                id: id,
                query: flight,
                server: server,
                transport: send.transport,
                lane: question.type == .aaaa ? 1 : 0,
                message: Message.query(question, udpPayloadSize: payload)
            )
        )
        return id
    }

    /// An attempt whose interval has ended gives up its place, and its port takes no more.
    private func release(_ overdue: [UInt64], now: MonotonicTime, orders: inout Orders) {
        for id in overdue {
            guard let attempt = attempts[id], attempt.hasPlace else { continue }
            attempts[id]?.hasPlace = false
            servers.releasePlace(of: attempt.server)
            servers.failed(attempt.server, now: now)
            orders.overdue.append(attempt.flight)
        }
    }

    // MARK: The queue

    private func enqueue(_ question: Question, now: MonotonicTime) {
        guard let active = flights[question] else { return }
        flights[question]?.isQueued = true
        // Flights that were dropped leave their numbers behind.
        if queue.count > 2 * queuedFlights + 1024 {
            queue = Deque(queue.filter { flightQuestions[$0] != nil })
        }
        queue.append(active.id)
        queuedFlights += 1
        timers.add(.flight(active.id), at: active.flight.deadline)
    }

    /// Sends what waits, as far as there are places.
    func sendQueued(now: MonotonicTime, orders: inout Orders) {
        while let id = queue.first {
            guard let question = flightQuestions[id], flights[question]?.isQueued == true else {
                queue.removeFirst()
                continue
            }
            guard servers.hasPlace else { return }
            queue.removeFirst()
            queuedFlights -= 1
            flights[question]?.isQueued = false
            advance(question, now: now, orders: &orders)
        }
    }

    // MARK: Ending

    func ended(_ completion: Completion, now: MonotonicTime, orders: inout Orders) {
        guard let attempt = attempts.removeValue(forKey: completion.attempt) else { return }
        if attempt.hasPlace { servers.releasePlace(of: attempt.server) }
        switch completion.outcome {
        case .message(let octets):
            servers.answered(attempt.server, after: now - attempt.sent)
            let answer = Answer(octets, to: attempt.question)
            take(answer, completion.attempt, attempt, now: now, orders: &orders)
        case .failed(let failure):
            if failure != .closed { servers.failed(attempt.server, now: now) }
            retry(completion.attempt, attempt, after: outcome(failure, attempt), now: now, orders: &orders)
        }
    }

    private func take(
        _ answer: Answer,
        _ id: UInt64,
        _ attempt: ActiveAttempt,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let question = attempt.question
        switch answer {
        case .records(let records):
            _ = cache.store(records, for: question, now: now, jitter: jitter())
            succeed(question, now: now, orders: &orders) {
                .records(records, expires: now, refreshAt: now)
            }
        case .noData(let canonicalName, let ttl):
            let negative = NegativeAnswer(isNameError: false, canonicalName: canonicalName, ttl: ttl)
            cache.store(negative, for: question, now: now)
            succeed(question, now: now, orders: &orders) { .negative(negative, expires: now) }
        case .nameError(let canonicalName, let ttl):
            let negative = NegativeAnswer(isNameError: true, canonicalName: canonicalName, ttl: ttl)
            cache.store(negative, for: question, now: now)
            succeed(question, now: now, orders: &orders) { .negative(negative, expires: now) }
        case .truncated:
            retry(id, attempt, after: .truncated, now: now, orders: &orders)
        case .failure(.formatError) where attempt.hasEDNS:
            retry(id, attempt, after: .withoutEDNS, now: now, orders: &orders)
        case .failure(let code):
            servers.failed(attempt.server, now: now)
            let failure = QueryFailure(
                code: .serverFailure,
                reason: "the name server answered \(code)",
                nameServer: servers.nameServer(attempt.server),
                responseCode: code
            )
            retry(id, attempt, after: .failed(failure), now: now, orders: &orders)
        case .malformed(let reason):
            let failure = QueryFailure(
                code: .malformedResponse,
                reason: "the name server's answer can not be read: \(reason)",
                nameServer: servers.nameServer(attempt.server)
            )
            retry(id, attempt, after: .failed(failure), now: now, orders: &orders)
        case .notOurs:
            // c-ares compares identifier and question itself, so only a message that is no response gets here.
            retry(id, attempt, after: .closed, now: now, orders: &orders)
        }
    }

    private func outcome(_ failure: AttemptFailure, _ attempt: ActiveAttempt) -> QueryFlight.Outcome {
        let server = servers.nameServer(attempt.server)
        let port = "\(attempt.transport == .tcp ? "TCP" : "UDP") port \(attempt.server.port)"
        func failed(_ code: ClusterDNSError.Code, _ reason: String) -> QueryFlight.Outcome {
            .failed(QueryFailure(code: code, reason: reason, nameServer: server))
        }
        switch failure {
        case .noResponse: return .silent
        case .refused: return failed(.unreachable, "nobody listens on \(port) of the name server")
        case .unreachable: return failed(.unreachable, "there is no way to \(port) of the name server")
        case .closed: return .closed
        case .failed(let reason): return failed(.unreachable, "the question could not be sent: \(reason)")
        }
    }

    private func retry(
        _ id: UInt64,
        _ attempt: ActiveAttempt,
        after outcome: QueryFlight.Outcome,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard flights[attempt.question]?.id == attempt.flight else { return }
        flights[attempt.question]?.flight.ended(id, outcome, servers: servers)
        advance(attempt.question, now: now, orders: &orders)
    }

    /// The question is answered: all who wait for it are told what the cache makes of it.
    private func succeed(
        _ question: Question,
        now: MonotonicTime,
        orders: inout Orders,
        otherwise: () -> Lookup.Answer
    ) {
        let lookups = end(question)
        guard !lookups.isEmpty else { return }
        let answer = known(question, now: now) ?? otherwise()
        for lookup in lookups { deliver(answer, to: question, lookup, now: now, orders: &orders) }
    }

    /// There is no answer: the cache notes it, and gives what it still has.
    private func finish(_ question: Question, _ failure: QueryFailure, now: MonotonicTime, orders: inout Orders) {
        cache.store(failure, for: question, now: now, jitter: jitter())
        scheduleSweep(now: now)
        let lookups = end(question)
        let answer = known(question, now: now) ?? .failed(failure, askAgainAt: now)
        for lookup in lookups { deliver(answer, to: question, lookup, now: now, orders: &orders) }
    }

    /// What the cache has for a question that was asked, or is being asked.
    func known(_ question: Question, now: MonotonicTime) -> Lookup.Answer? {
        switch cache.find(question, now: now) {
        case .fresh(let records, let expires, let refreshAt):
            .records(records, expires: expires, refreshAt: refreshAt)
        case .stale(let records, let expired, let askAgainAt):
            .records(records, expires: expired, refreshAt: askAgainAt ?? now)
        case .negative(let negative, let expires): .negative(negative, expires: expires)
        case .failing(let failure, let askAgainAt): .failed(failure, askAgainAt: askAgainAt)
        case .unknown: nil
        }
    }

    /// Takes the flight out; its attempts may still be answered, for the cache.
    ///
    /// - Returns: the lookups that waited for it.
    @discardableResult
    private func end(_ question: Question) -> Set<UInt64> {
        guard let active = flights.removeValue(forKey: question) else { return [] }
        flightQuestions[active.id] = nil
        if active.isQueued { queuedFlights -= 1 }
        for id in active.flight.openAttempts {
            guard let attempt = attempts[id], attempt.hasPlace else { continue }
            attempts[id]?.hasPlace = false
            servers.releasePlace(of: attempt.server)
        }
        for lookup in active.lookups { lookups[lookup]?.attempts += active.flight.attemptCount }
        return active.lookups
    }
}
