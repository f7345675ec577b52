internal import DNSTransport

/// Names that somebody holds a handle on: asked for again and again, whether they are read or not.
extension LookupEngine {
    /// A name to be kept fresh.
    struct Watch: Sendable {
        /// Narrowed to the candidate that answered, once one has.
        var plan: LookupPlan
        let id: UInt64
        weak var peers: LivePeers?
        /// When it is asked for next.
        var next: MonotonicTime?
        /// When a report by a caller may have it asked for out of turn again.
        var reportAfter = MonotonicTime(nanoseconds: 0)
        var hasAnswer = false
    }

    func watch(_ watch: Watch, now: MonotonicTime, orders: inout Orders) {
        watches[watch.plan.key] = watch
        if let id = lookupIDs[watch.plan.key] {
            lookups[id]?.isWanted = true
        } else {
            begin(watch.plan, for: nil, mode: .normal, now: now, orders: &orders)
        }
    }

    func unwatch(_ key: LookupKey, _ id: UInt64) {
        if watches[key]?.id == id { watches[key] = nil }
    }

    /// A caller could not reach an endpoint of a watched name: there may be others by now.
    func reported(_ key: LookupKey, now: MonotonicTime, orders: inout Orders) {
        guard let watch = watches[key], now >= watch.reportAfter else { return }
        watches[key]?.reportAfter = now + .seconds(1)
        refresh(key, now: now, orders: &orders)
    }

    func refresh(_ key: LookupKey, now: MonotonicTime, orders: inout Orders) {
        guard let watch = watches[key], lookupIDs[key] == nil else { return }
        begin(watch.plan, for: nil, mode: .forced, now: now, orders: &orders)
    }

    // MARK: What came of it

    func inform(_ key: LookupKey, _ found: Lookup.Found, now: MonotonicTime) {
        guard let watch = watches[key] else { return }
        watches[key]?.plan.candidates = [found.name]
        let error = cache.lastFailure(of: found.name).map {
            ClusterDNSError($0, name: key.name, absoluteName: found.name)
        }
        watch.peers?.update(found.contents, now: now, error: error)
        schedule(key, notBefore: found.isPartial ? now : found.refreshAt, now: now)
    }

    func inform(_ key: LookupKey, _ error: ClusterDNSError, _ failure: Lookup.Failure, now: MonotonicTime) {
        guard let watch = watches[key] else { return }
        if error.code == .noSuchService || error.code == .noRecords {
            // A service that was deleted and a headless one without a ready pod look the same: nobody is there.
            let contents = EndpointSet.Contents(endpoints: [], absoluteName: failure.name.description)
            watch.peers?.update(contents, now: now, error: error)
            schedule(key, notBefore: now, now: now)
        } else {
            watch.peers?.update(error)
            scheduleAgain(key, at: max(failure.expires, now + .milliseconds(100)))
        }
    }

    /// Names that came together are asked for again at different times: the first time anywhere in the interval, and
    /// later with some jitter. The floor is between two questions of one name, the first time aside.
    private func schedule(_ key: LookupKey, notBefore refreshAt: MonotonicTime, now: MonotonicTime) {
        let floor = settings.configuration.cache.handleRefreshFloor
        let interval = max(refreshAt - now, floor)
        let isFirst = watches[key]?.hasAnswer == false
        watches[key]?.hasAnswer = true
        let part = Double.random(in: 0...1, using: &random)
        let jitter = settings.configuration.cache.refreshJitter
        scheduleAgain(key, at: now + interval * (isFirst ? 0.2 + 0.8 * part : 1 + jitter * part))
    }

    private func scheduleAgain(_ key: LookupKey, at time: MonotonicTime) {
        watches[key]?.next = time
        timers.add(.watch(key), at: time)
    }
}
