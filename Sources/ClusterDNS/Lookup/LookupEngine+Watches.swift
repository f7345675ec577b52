internal import DNSTransport

/// A name to be kept fresh. It belongs to the engine.
final class Watch {
    /// Narrowed to the candidate that answered, once one has.
    var plan: LookupPlan
    let id: UInt64
    private(set) weak var peers: LivePeers?
    /// When a report by a caller may have it asked for out of turn again.
    var reportAfter = MonotonicTime(nanoseconds: 0)
    /// A caller has reported something since the question on its way was sent, whose answer may be older than that.
    var isReported = false
    var hasAnswer = false
    /// Its last question had no answer.
    var isFailing = false
    /// When it is asked for next.
    var alarm: LookupEngine.Alarm?

    init(_ plan: LookupPlan, id: UInt64, _ peers: LivePeers) {
        self.plan = plan
        self.id = id
        self.peers = peers
    }

    /// Asks for one candidate alone from now on, if it is the only one here and one of its own, but for one outside.
    func stay(with candidates: [DomainName]) {
        guard candidates.count == 1, plan.candidates.count > 1, plan.candidates.contains(candidates[0]) else { return }
        guard candidates[0] != plan.outside else { return }
        plan = plan.narrowed(to: candidates[0])
    }
}

/// Names that somebody holds a handle on: asked for again and again, whether they are read or not.
extension LookupEngine {
    mutating func watch(_ watch: Watch, now: MonotonicTime, orders: inout Orders) {
        let key = watch.plan.key
        if let earlier = watches.updateValue(watch, forKey: key) {
            if earlier.id == watch.id { takeOver(from: earlier, by: watch) }
            cancel(.watch(earlier))
        }
        if let active = underWay(key, now: now, orders: &orders) {
            scheduleCheck(active, now: now)
        } else {
            begin(watch.plan, isWanted: false, mode: .normal, now: now, orders: &orders)
        }
    }

    /// The handle is the same, planned anew.
    private mutating func takeOver(from earlier: Watch, by watch: Watch) {
        watch.stay(with: earlier.plan.candidates)
        watch.hasAnswer = earlier.hasAnswer
        watch.isFailing = earlier.isFailing
        watch.reportAfter = earlier.reportAfter
        watch.isReported = earlier.isReported
        if let alarm = earlier.alarm { schedule(.watch(watch), at: timers.time(of: alarm)) }
    }

    mutating func unwatch(_ key: LookupKey, _ id: UInt64) {
        if watches[key]?.id == id { removeWatch(key) }
    }

    /// What only the handle wanted to know is not asked any further.
    mutating func removeWatch(_ key: LookupKey) {
        guard let watch = watches.removeValue(forKey: key) else { return }
        cancel(.watch(watch))
        if let active = lookups[key] { dropIfForgotten(active) }
    }

    /// A caller could not reach an endpoint of a watched name: there may be others by now.
    mutating func reported(_ key: LookupKey, now: MonotonicTime) {
        guard let watch = watches[key] else { return }
        watch.isReported = true
        // What is on its way may be older than the report: when it is over, the name is asked for again.
        if lookups[key] == nil { askAgainIfReported(watch, now: now) }
    }

    /// Once a second at most, however much is reported.
    private mutating func askAgainIfReported(_ watch: Watch, after active: ActiveLookup? = nil, now: MonotonicTime) {
        // It came in the pause after a failure, and is heard when that is over.
        if let active, active.mode.isReported, !active.isAllNew { watch.isReported = true }
        guard watch.isReported else { return }
        let time = max(watch.reportAfter, now)
        if let alarm = watch.alarm, timers.time(of: alarm) <= time { return }
        schedule(.watch(watch), at: time)
    }

    /// The time of a watched name has come.
    mutating func askAgain(_ watch: Watch, now: MonotonicTime, orders: inout Orders) {
        let isReported = watch.isReported
        if isReported {
            // What is on its way may bring something in between, and be asked for again for it: a report counts until the end.
            watch.isReported = lookups[watch.plan.key] != nil
            watch.reportAfter = now + .seconds(1)
        }
        refresh(watch.plan, isWanted: false, mode: isReported ? .reported : .forced, now: now, orders: &orders)
    }

    // MARK: What came of it

    mutating func inform(_ active: ActiveLookup, _ found: Lookup.Found, now: MonotonicTime) {
        let key = active.key
        guard let watch = watches[key] else { return }
        watch.stay(with: [found.name])
        // An alias, or the targets of SRV records, may be older than what led to them.
        let types = key.kind.types(of: settings.families)
        var failed = (cache.lastFailure(of: found.name, types), name: found.name)
        for name in found.otherNames where failed.0?.code.isNegative ?? true {
            if let failure = cache.lastFailure(of: name, settings.families) { failed = (failure, name) }
        }
        // One outside stands in for one inside that fails.
        let candidate = active.lookup.candidate
        for type in types where candidate != found.name {
            if case .failed(let failure, _)? = known(Question(name: candidate, type: type), now: now) {
                failed = (failure, candidate)
            }
        }
        let error = failed.0.map { ClusterDNSError($0, name: key.name, absoluteName: failed.name) }
        let answered = cache.lastAsked(of: found.name, types)
        if watch.peers?.update(found.contents, now: now, answered: answered, error: error) == true {
            tally.peerChanges += 1
        }
        // That the name is gone, which is hidden, is an answer.
        observe(watch, error.flatMap { $0.code.isNegative ? nil : $0 }, now: now)
        // What is missing may have been waited for, and of the rest the cache may have had some since the time was set.
        if watch.alarm == nil || active.isAllNew && !found.isPartial {
            scheduleNext(watch, notBefore: found.awaitsMore ? now : found.refreshAt, now: now)
        }
        askAgainIfReported(watch, after: active, now: now)
    }

    mutating func inform(
        _ active: ActiveLookup,
        _ error: ClusterDNSError,
        _ failure: Lookup.Failure,
        now: MonotonicTime
    ) {
        guard let watch = watches[active.key] else { return }
        let isNews = watch.alarm == nil || active.isAllNew
        if error.code.isNegative {
            // A service that was deleted and a headless one without a ready pod look the same: nobody is there.
            let contents = EndpointSet.Contents(endpoints: [], absoluteName: .name(failure.name))
            if watch.peers?.update(contents, now: now, error: error) == true { tally.peerChanges += 1 }
            observe(watch, nil, now: now)
            if isNews { scheduleNext(watch, notBefore: now, now: now) }
        } else {
            watch.peers?.update(error)
            observe(watch, error, now: now)
            if isNews { schedule(.watch(watch), at: max(failure.expires, now + .seconds(1))) }
        }
        askAgainIfReported(watch, after: active, now: now)
    }

    /// Names that came together are asked for again at different times: the first time anywhere in the interval, and
    /// later with some jitter. The floor is between two questions of one name, the first time aside.
    private mutating func scheduleNext(_ watch: Watch, notBefore refreshAt: MonotonicTime, now: MonotonicTime) {
        let interval = max(refreshAt - now, settings.configuration.cache.handleRefreshFloor)
        let part = Double.random(in: 0...1, using: &random)
        let jitter = settings.configuration.cache.refreshJitter
        schedule(.watch(watch), at: now + interval * (watch.hasAnswer ? 1 + jitter * part : 0.2 + 0.8 * part))
        watch.hasAnswer = true
    }
}
