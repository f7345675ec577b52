internal import DNSTransport

/// Questions: answered from the cache, or sent, repeated and given up.
extension LookupEngine {
    /// The answer to a question, if the cache has one; else the lookup is told later.
    mutating func ask(_ question: Question, for active: ActiveLookup, now: MonotonicTime, orders: inout Orders)
        -> Lookup.Answer?
    {
        let finding = cache.visit(question, now: now)
        guard finding.isAskedAgain(in: active.mode, now: now) else { return Lookup.Answer(finding, now: now) }
        return join(question, active, now: now, orders: &orders)
    }

    private mutating func join(
        _ question: Question,
        _ active: ActiveLookup,
        now: MonotonicTime,
        orders: inout Orders
    ) -> Lookup.Answer? {
        if let flight = flights[question] {
            flight.join(active)
            flight.extend(to: active.patience)
            active.awaits(question, since: flight.query.started, now: now)
            return nil
        }
        checkNameServers(now: now)
        let query = QueryFlight(
            question: question,
            policy: settings.configuration.retry,
            usesTCP: settings.usesTCP,
            isInside: question.name.isInCluster(of: settings.clusterDomain),
            started: now,
            deadline: now + max(settings.configuration.lookupTimeout, active.patience)
        )
        let flight = ActiveFlight(id: nextID(), query, for: active)
        flights[question] = flight
        active.awaits(question, since: now, now: now)
        guard !servers.isEmpty else { return notAsked(flight, because: noNameServer, now: now) }
        advance(flight, now: now, orders: &orders)
        let limit = settings.configuration.limits.queueLength(isInside: flight.isInside)
        guard flight.isQueued, queues.count(isInside: flight.isInside) > limit else { return nil }
        return notAsked(flight, because: overloaded(flight), now: now)
    }

    /// A look at a file costs little, but not nothing: once a second, and only when there is something to ask.
    private mutating func checkNameServers(now: MonotonicTime) {
        guard now >= checkNameServersAt else { return }
        checkNameServersAt = now + .seconds(1)
        if let nameServers = nameServerChange() {
            servers.replace(with: nameServers)
        } else {
            servers.lookForInterfaces()
        }
    }

    private var noNameServer: QueryFailure {
        let missing = servers.wanted.map(\.description).joined(separator: " or ")
        return QueryFailure(
            code: .unreachable,
            reason: "no name server can be asked: this machine lacks the interface of \(missing)"
        )
    }

    private func overloaded(_ flight: ActiveFlight) -> QueryFailure {
        let limits = settings.configuration.limits
        let (waiting, inFlight) = (
            limits.queueLength(isInside: flight.isInside), limits.queriesInFlight(isInside: flight.isInside)
        )
        let which = flight.isInside ? "" : " for names outside the cluster"
        return QueryFailure(
            code: .overloaded,
            reason: "\(waiting) queries\(which) wait behind \(inFlight) in flight (limits)"
        )
    }

    /// A question cannot be asked now. What is held is given, and asked for again later, as after any failure; where
    /// nothing is, the next caller may be luckier.
    private mutating func notAsked(
        _ flight: ActiveFlight,
        because failure: QueryFailure,
        now: MonotonicTime
    ) -> Lookup.Answer {
        end(flight)
        if case .records? = known(flight.question, now: now) {
            cache.store(failure, for: flight.question, now: now, jitter: jitter())
        }
        return known(flight.question, now: now) ?? .failed(failure, askAgainAt: now)
    }

    /// A lookup needs the answer no longer. What was sent may finish; what was not is dropped.
    mutating func leave(_ question: Question, _ active: ActiveLookup) {
        guard let flight = flights[question] else { return }
        flight.leave(active)
        let isWanted = flight.isForCache && !flight.query.attempts.isEmpty
        if flight.lookups.isEmpty, flight.isQueued, !isWanted { end(flight) }
    }

    /// A lookup goes on without the answer, which others are to know does not come.
    mutating func setAside(_ question: Question, _ active: ActiveLookup) {
        guard let flight = flights[question] else { return }
        flight.isForCache = true
        active.attempts += flight.query.messageCount
        leave(question, active)
    }

    // MARK: Sending

    /// Does what the flight's policy says: sends, waits or gives up.
    ///
    /// - Parameter isItsTurn: whether it has waited for a place.
    mutating func advance(
        _ flight: ActiveFlight,
        isItsTurn: Bool = false,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        // Each round sends a message, of which a flight has a bounded number.
        while !flight.isOver, !flight.isQueued || now >= flight.query.deadline {
            switch flight.query.next(now: now, servers: servers) {
            case .finish(let failure):
                finish(flight, failure, now: now, orders: &orders)
            case .wait(let until):
                schedule(.flight(flight), at: until)
                return
            case .send(let send):
                if send.followsSilence { giveUpPlaces(of: flight, now: now, orders: &orders) }
                if !flight.query.attempts.isEmpty, flight.lookups.isEmpty, !flight.isForCache {
                    // Nobody waits any more: what is on its way may still come, but nothing is repeated.
                    end(flight)
                    return
                }
                // The place that it gave up belongs to those who have waited for one: questions that are not answered
                // would keep all the others out.
                let others = flight.isInside ? queues.count(isInside: true) : queues.count
                let isBehindOthers = send.followsSilence && others > 0 && !isItsTurn
                guard !isBehindOthers, let address = servers.takePlace(send.server, isInside: flight.isInside) else {
                    enqueue(flight)
                    return
                }
                self.send(send, to: address, flight, now: now, orders: &orders)
            }
        }
        // Its deadline may have been put off since it was put into the queue.
        if flight.isQueued { schedule(.flight(flight), at: flight.query.deadline) }
    }

    private mutating func send(
        _ send: QueryFlight.Send,
        to address: ServerAddress,
        _ flight: ActiveFlight,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let isFirst = flight.query.attempts.isEmpty
        let id = post(send, to: send.server, address, flight, now: now, orders: &orders)
        flight.query.sent(id, send, now: now)
        if isFirst { probe(send, flight, now: now, orders: &orders) }
    }

    /// Asks a name server that was pushed back, too: its answer is as good as another's, and nobody waits for it.
    private mutating func probe(
        _ send: QueryFlight.Send,
        _ flight: ActiveFlight,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        guard let (server, address) = servers.takeProbe(isInside: flight.isInside, now: now) else { return }
        // Not from a port on which an earlier probe was not answered.
        orders.overdue += attempts.values.filter { $0.server == server }.map(\.flight.id)
        _ = post(send, to: server, address, flight, now: now, orders: &orders)
    }

    private mutating func post(
        _ send: QueryFlight.Send,
        to server: Int,
        _ address: ServerAddress,
        _ flight: ActiveFlight,
        now: MonotonicTime,
        orders: inout Orders
    ) -> UInt64 {
        let id = nextID()
        let attempt = ActiveAttempt(
            flight: flight,
            server: server,
            transport: send.transport,
            hasEDNS: send.hasEDNS,
            sent: now,
            isHedge: send.followsSilence
        )
        attempts[id] = attempt
        observe(attempt)
        let payload = send.hasEDNS ? UInt16(clamping: settings.configuration.ednsPayload) : nil
        orders.attempts.append(
            Attempt(
                id: id,
                query: flight.id,
                server: address,
                transport: send.transport,
                lane: flight.question.type == .aaaa ? 1 : 0,
                message: Message.query(flight.question, udpPayloadSize: payload)
            )
        )
        return id
    }

    /// The attempts of a flight that are not answered, in their interval or before the deadline, give up their places, and
    /// their ports take no more.
    private mutating func giveUpPlaces(of flight: ActiveFlight, now: MonotonicTime, orders: inout Orders) {
        for sent in flight.query.attempts where sent.isOpen {
            guard let attempt = releasePlace(of: sent.id) else { continue }
            failed(attempt, now: now)
            orders.overdue.append(flight.id)
        }
    }

    /// - Returns: the attempt, if it had a place until now.
    @discardableResult
    private mutating func releasePlace(of id: UInt64) -> ActiveAttempt? {
        guard var attempt = attempts[id], attempt.hasPlace else { return nil }
        attempt.hasPlace = false
        attempts[id] = attempt
        servers.releasePlace(of: attempt.server, isInside: attempt.flight.isInside)
        return attempt
    }

    /// A name server that cannot be asked over TCP is not therefore one that cannot be asked.
    private mutating func failed(_ attempt: ActiveAttempt, isReachable: Bool = true, now: MonotonicTime) {
        guard attempt.transport == .udp || settings.usesTCP else { return }
        if isReachable {
            servers.failed(attempt.server, isInside: attempt.flight.isInside, now: now)
        } else {
            servers.unreachable(attempt.server, now: now)
        }
    }

    // MARK: The queue

    private static let searchesForPlace = 64

    private mutating func enqueue(_ flight: ActiveFlight) {
        queues.append(flight)
        schedule(.flight(flight), at: flight.query.deadline)
    }

    /// Sends what waits, as far as there are places, names in the cluster first.
    mutating func sendQueued(now: MonotonicTime, orders: inout Orders) {
        sendQueued(isInside: true, now: now, orders: &orders)
        sendQueued(isInside: false, now: now, orders: &orders)
    }

    private mutating func sendQueued(isInside: Bool, now: MonotonicTime, orders: inout Orders) {
        // One that finds no place at the name server of its choice is behind the others again: not all of them, or thousands
        // would change places each turn.
        var inVain = 0
        while inVain < Self.searchesForPlace, servers.hasPlace(isInside: isInside) {
            guard let flight = queues.popFirst(isInside: isInside) else { return }
            advance(flight, isItsTurn: true, now: now, orders: &orders)
            if flight.isQueued { inVain += 1 }
        }
    }

    // MARK: Ending

    mutating func ended(_ completion: Completion, now: MonotonicTime, orders: inout Orders) {
        guard let attempt = attempts.removeValue(forKey: completion.attempt) else { return }
        if completion.repeats > 0 { attempt.flight.query.repeated(completion.attempt, completion.repeats) }
        if attempt.hasPlace { servers.releasePlace(of: attempt.server, isInside: attempt.flight.isInside) }
        switch completion.outcome {
        case .message(let octets):
            let answer = Answer(octets, to: attempt.flight.question)
            if answer.isInOrder(for: attempt) {
                let nanoseconds = now.nanoseconds &- attempt.sent.nanoseconds
                servers.answered(attempt.server, after: nanoseconds, isInside: attempt.flight.isInside)
            }
            take(answer, completion.attempt, attempt, now: now, orders: &orders)
        case .failed(let failure):
            switch failure {
            // That it was silent has been counted when its interval was over.
            case .noResponse where !attempt.hasPlace: break
            case .closed, .malformed: break
            case .noResponse: failed(attempt, now: now)
            // One that cannot be asked for want of sockets is not to stand before those that were asked.
            case .refused, .unreachable, .failed: failed(attempt, isReachable: false, now: now)
            }
            if failure.isBeforeSending(over: attempt.transport) { attempt.flight.query.notSent(completion.attempt) }
            retry(completion.attempt, attempt, after: outcome(failure, attempt), now: now, orders: &orders)
        }
    }

    private mutating func take(
        _ answer: Answer,
        _ id: UInt64,
        _ attempt: ActiveAttempt,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        func fail(_ code: ClusterDNSError.Code, _ reason: String, _ responseCode: ResponseCode? = nil) {
            let server = servers.address(attempt.server)
            let failure = QueryFailure(code: code, reason: reason, nameServer: server, responseCode: responseCode)
            retry(id, attempt, after: .failed(failure), now: now, orders: &orders)
        }
        func denied(isNameError: Bool, _ canonicalName: DomainName?, _ ttl: UInt32?) {
            let server = servers.address(attempt.server)
            let negative = NegativeAnswer(
                isNameError: isNameError,
                canonicalName: canonicalName,
                ttl: ttl,
                nameServer: server
            )
            succeed(negative, attempt, now: now, orders: &orders)
        }
        let question = attempt.flight.question
        // What was asked before a flush, or before what is known by now, is no news.
        if answer.isConclusive, attempt.flight.isForgotten { return }
        var isOld = answer.isConclusive && cache.isKnown(question, later: attempt.sent)
        if case .records = answer { isOld = isOld || cache.isDenied(question.name, later: attempt.sent) }
        if isOld {
            guard !attempt.flight.isOver else { return }
            if let answer = known(question, now: now) { return succeed(answer, attempt, now: now, orders: &orders) }
            return retry(id, attempt, after: .silent, now: now, orders: &orders)
        }
        switch answer {
        case .records(let records):
            let kept = cache.store(records, for: question, asked: attempt.sent, now: now, jitter: jitter())
            unpublish(kept.evicted)
            let answer = Lookup.Answer.records(records, expires: kept.expires, refreshAt: kept.refreshAt)
            succeed(answer, attempt, now: now, orders: &orders)
        case .noData(let canonicalName, let ttl):
            denied(isNameError: false, canonicalName, ttl)
        case .nameError where attempt.flight.query.truncatedBy.map { $0 != attempt.server } ?? false:
            // One that knows nothing of the cluster.
            fail(.unreachable, "it says NXDOMAIN of a name for which another has a truncated answer")
        case .nameError(let canonicalName, let ttl):
            denied(isNameError: true, canonicalName, ttl)
        case .truncated:
            retry(id, attempt, after: .truncated, now: now, orders: &orders)
        case .failure where answer.isInOrder(for: attempt):
            retry(id, attempt, after: .withoutEDNS, now: now, orders: &orders)
        case .failure(let code):
            // One that refuses a name has not failed: others it may be the only one to know.
            if code == .serverFailure { failed(attempt, now: now) }
            fail(.serverFailure, "the name server answered \(code)", code)
        case .malformed(let reason):
            fail(.malformedResponse, "the name server's answer cannot be read: \(reason)")
        case .notOurs:
            // c-ares compares identifier and question itself, so only a message that is no response gets here.
            retry(id, attempt, after: .closed, now: now, orders: &orders)
        }
    }

    private mutating func succeed(
        _ negative: NegativeAnswer,
        _ attempt: ActiveAttempt,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let question = attempt.flight.question
        let outdated = cache.store(negative, for: question, asked: attempt.sent, now: now)
        unpublish(outdated ?? [])
        // Where deletions are to be hidden that is the answer from before.
        let answer = known(question, now: now) ?? .negative(negative, expires: now)
        var misled: [ActiveLookup] = []
        if outdated != nil, negative.isNameError, question.type != .aaaa {
            // Lookups that have had it from the cache have it no longer either, whatever else they wait for.
            for active in lookups.values {
                active.deny(question.name, with: answer) { known($0, now: now)?.isRecords ?? false }
                if active.lookup.isBehind(question.name) { misled.append(active) }
            }
        }
        succeed(answer, attempt, now: now, orders: &orders)
        // They wait for what a name has led to that is no more.
        for active in misled where !active.isOver { restart(active, mode: .normal, now: now, orders: &orders) }
    }

    private func outcome(_ failure: AttemptFailure, _ attempt: ActiveAttempt) -> QueryFlight.Outcome {
        let server = servers.address(attempt.server)
        let port = "\(attempt.transport == .tcp ? "TCP" : "UDP") port \(server?.port ?? 53)"
        func failed(_ code: ClusterDNSError.Code, _ reason: String) -> QueryFlight.Outcome {
            .failed(QueryFailure(code: code, reason: reason, nameServer: server))
        }
        switch failure {
        case .noResponse: return .silent
        case .refused: return failed(.unreachable, "nobody listens on \(port) of the name server")
        case .unreachable: return failed(.unreachable, "cannot reach \(port) of the name server")
        case .closed: return .closed
        case .malformed: return failed(.malformedResponse, "the name server's answer cannot be read")
        case .failed(let reason):
            return .failed(QueryFailure(code: .overloaded, reason: "the question could not be sent: \(reason)"))
        }
    }

    private mutating func retry(
        _ id: UInt64,
        _ attempt: ActiveAttempt,
        after outcome: QueryFlight.Outcome,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let flight = attempt.flight
        guard !flight.isOver else { return }
        flight.query.ended(id, outcome, servers: servers)
        advance(flight, now: now, orders: &orders)
    }

    /// The question is answered: all who wait for it are told.
    private mutating func succeed(
        _ answer: Lookup.Answer,
        _ attempt: ActiveAttempt,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let question = attempt.flight.question
        // It may be another attempt's flight that waits by now.
        guard let flight = attempt.flight.isOver ? flights[question] : attempt.flight else { return }
        observe(flight, answeredBy: attempt, now: now)
        for active in end(flight) { deliver(answer, to: question, active, now: now, orders: &orders) }
    }

    /// There is no answer: the cache notes it, and gives what it still has.
    private mutating func finish(
        _ flight: ActiveFlight,
        _ failure: QueryFailure,
        now: MonotonicTime,
        orders: inout Orders
    ) {
        let question = flight.question
        giveUpPlaces(of: flight, now: now, orders: &orders)
        observe(failure, of: flight, now: now)
        cache.store(failure, for: question, now: now, jitter: jitter())
        scheduleSweep(now: now)
        let lookups = end(flight)
        let answer = known(question, now: now) ?? .failed(failure, askAgainAt: now)
        for active in lookups { deliver(answer, to: question, active, now: now, orders: &orders) }
    }

    /// What the cache has for a question that was asked, or is being asked.
    func known(_ question: Question, now: MonotonicTime) -> Lookup.Answer? {
        Lookup.Answer(cache.peek(question, now: now), now: now)
    }

    /// What is on its way to questions about these names is not kept when it comes.
    ///
    /// - Returns: the lookups that waited for it.
    mutating func forgetFlights(where isMeant: (DomainName) -> Bool) -> [ActiveLookup] {
        attempts.values.map(\.flight).filter { isMeant($0.question.name) }.flatMap { flight in
            flight.isForgotten = true
            return flight.isOver ? [] : end(flight)
        }
    }

    /// Takes the flight out; its attempts may still be answered, for the cache.
    ///
    /// - Returns: the lookups that waited for it.
    @discardableResult
    private mutating func end(_ flight: ActiveFlight) -> [ActiveLookup] {
        flights[flight.question] = nil
        flight.isOver = true
        cancel(.flight(flight))
        queues.drop(flight)
        for sent in flight.query.attempts where sent.isOpen { releasePlace(of: sent.id) }
        let lookups = flight.lookups
        flight.lookups = []
        for active in lookups { active.attempts += flight.query.messageCount }
        return lookups
    }
}

extension AttemptFailure {
    /// Whether nothing was sent: there was no connection, or the system refused, which over UDP it nearly always does in the
    /// call that sends.
    fileprivate func isBeforeSending(over transport: Attempt.Transport) -> Bool {
        switch self {
        case .refused: transport == .tcp
        case .unreachable, .failed: true
        case .noResponse, .closed, .malformed: false
        }
    }
}

extension Answer {
    /// Whether the name server has answered as it should, be it that it wants TCP, or that it does not know EDNS.
    fileprivate func isInOrder(for attempt: ActiveAttempt) -> Bool {
        switch self {
        case .records, .noData, .nameError, .truncated: true
        case .failure(let code): code == .formatError && attempt.hasEDNS
        case .malformed, .notOurs: false
        }
    }
}

extension AnswerCache.Finding {
    /// Whether a lookup asks although it is known.
    fileprivate func isAskedAgain(in mode: ActiveLookup.Mode, now: MonotonicTime) -> Bool {
        switch self {
        case .fresh(_, _, let refreshAt, let pause):
            now >= pause?.end(isReported: mode.isReported) ?? now && mode.asksAgain(at: refreshAt)
        case .stale(_, _, let pause):
            now >= pause?.end(isReported: mode.isReported) ?? now
        case .negative:
            mode.isForced
        case .failing(_, let pause):
            now >= pause.end(isReported: mode.isReported)
        case .unknown:
            true
        }
    }
}

extension Lookup.Answer {
    /// What the cache has; `nil` if that is nothing.
    fileprivate init?(_ finding: AnswerCache.Finding, now: MonotonicTime) {
        switch finding {
        case .fresh(let records, let expires, let refreshAt, _):
            self = .records(records, expires: expires, refreshAt: refreshAt)
        case .stale(let records, let expired, let pause):
            self = .records(records, expires: expired, refreshAt: pause?.end ?? now)
        case .negative(let negative, let expires): self = .negative(negative, expires: expires)
        case .failing(let failure, let pause): self = .failed(failure, askAgainAt: pause.end)
        case .unknown: return nil
        }
    }
}
