internal import DNSTransport

/// What the engine notes for whoever watches: numbers for metrics, and the questions of callers who trace theirs.
///
/// Nothing here calls code that is not ours: metrics, tracers and loggers may block, and the loop thread must not.
extension LookupEngine {
    /// How long after something has happened a report is made, so that what happens together is told together.
    static let reportDelay = Duration.seconds(5)
    /// Between two warnings.
    static let warningInterval = Duration.seconds(60)

    mutating func observe(_ attempt: ActiveAttempt) {
        switch attempt.transport {
        case .udp: tally.attemptsOverUDP += 1
        case .tcp: tally.attemptsOverTCP += 1
        }
        if attempt.transport == .tcp, !settings.usesTCP { tally.tcpFallbacks += 1 }
    }

    /// The answer has come.
    ///
    /// - Parameter attempt: the one that brought it, be it of an earlier flight.
    mutating func observe(_ flight: ActiveFlight, answeredBy attempt: ActiveAttempt, now: MonotonicTime) {
        if attempt.isHedge { tally.hedgesWon += 1 }
        guard isObserved(flight) else { return }
        var query = query(flight, now: now)
        query.nameServer = servers.address(attempt.server)
        query.transport = attempt.transport
        observe(query, flight)
    }

    /// A question has no answer for good.
    mutating func observe(_ failure: QueryFailure, of flight: ActiveFlight, now: MonotonicTime) {
        guard isObserved(flight) else { return }
        // Where DNS is silent nothing else comes that would.
        scheduleReport(now: now)
        observe(query(flight, failure.responseCode?.description ?? failure.code.description, now: now), flight)
    }

    private func isObserved(_ flight: ActiveFlight) -> Bool {
        report != nil || flight.lookups.contains { $0.waiters.contains { $0.trace != nil } }
    }

    private mutating func observe(_ query: WireQuery, _ flight: ActiveFlight) {
        if report != nil {
            tally.queryTimes.append(
                LoopReport.QueryTime(duration: query.ended - query.started, isAnswered: query.failure == nil)
            )
        }
        for active in flight.lookups {
            for waiter in active.waiters { waiter.trace?.note(query) }
        }
    }

    /// A caller goes without the answers that are still awaited: it is given something else, or its deadline has come.
    func observe(_ waiter: Waiter, leaving lookup: Lookup, now: MonotonicTime) {
        guard let trace = waiter.trace else { return }
        for flight in lookup.unanswered.compactMap({ flights[$0] }) {
            trace.note(query(flight, ClusterDNSError.Code.timedOut.description, now: now))
        }
    }

    private func query(_ flight: ActiveFlight, _ failure: String? = nil, now: MonotonicTime) -> WireQuery {
        let last = flight.query.attempts.last
        return WireQuery(
            question: flight.question,
            started: flight.query.started,
            ended: now,
            nameServer: last.flatMap { servers.address($0.server) },
            transport: last?.transport,
            attempts: flight.query.messageCount,
            failure: failure
        )
    }

    /// How a handle's last question went.
    mutating func observe(_ watch: Watch, _ error: ClusterDNSError?, now: MonotonicTime) {
        watch.isFailing = error != nil
        guard let error, let warn, now >= warnAt else { return }
        warnAt = now + Self.warningInterval
        warn(error)
    }

    // MARK: Reports

    /// Makes a report at once where there is much to tell, else soon. Where nothing happens there is none, and the loop
    /// sleeps.
    mutating func scheduleReport(now: MonotonicTime) {
        guard report != nil else { return }
        if tally.queryTimes.count >= LoopReport.mostQueryTimes { return makeReport() }
        guard !isReportScheduled else { return }
        isReportScheduled = true
        _ = timers.add(.report, at: now + Self.reportDelay)
    }

    mutating func makeReport() {
        guard let report else { return }
        var made = tally
        made.reads = front.reads
        made.statistics = statistics
        made.handles = watches.count
        made.failingHandles = watches.values.count { $0.isFailing }
        tally.queryTimes = []
        report(made)
    }
}
