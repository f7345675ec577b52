internal import DNSTransport

/// An outcome in the front table. It belongs to the engine.
final class Publication {
    let plan: LookupPlan
    let name: DomainName
    let usage: Usage?
    /// The time to ask for it again has come: who reads it next has it asked for.
    var isDue = false
    let until: MonotonicTime
    var alarm: LookupEngine.Alarm?

    init(_ plan: LookupPlan, _ name: DomainName, _ usage: Usage?, until: MonotonicTime) {
        self.plan = plan
        self.name = name
        self.usage = usage
        self.until = until
    }
}

/// The front table: outcomes put in, refreshed while they are used, and taken out when their time is over.
extension LookupEngine {
    /// What has just been asked is not asked again at once, whatever came of it.
    private static let refreshFloor = Duration.milliseconds(100)

    mutating func publish(_ found: Lookup.Found, _ plan: LookupPlan, now: MonotonicTime) {
        guard isCurrent(plan) else { return }
        guard let usage = cache.notePublication(plan.key, of: found.name) else { return unpublish(plan.key) }
        let isStale = found.expires <= now
        var until = found.expires
        if isStale {
            // Good until there is a point in asking again, and while that question is on its way.
            until = max(found.refreshAt, now) + settings.configuration.lookupTimeout
            until = min(until, found.expires + settings.configuration.cache.staleWindow)
        }
        let refreshAt = min(max(found.refreshAt, now + Self.refreshFloor), until)
        guard front.publish(found.contents, for: plan.key, usage: usage, isStale: isStale) else {
            return unpublish(plan.key)
        }
        note(Publication(plan, found.name, usage, until: until), reviewAt: refreshAt)
        scheduleSweep(now: now)
    }

    mutating func publish(
        _ error: ClusterDNSError,
        until: MonotonicTime,
        _ name: DomainName,
        _ plan: LookupPlan,
        now: MonotonicTime
    ) {
        guard isCurrent(plan) else { return }
        guard until > now, front.publish(error, for: plan.key) else { return unpublish(plan.key) }
        note(Publication(plan, name, nil, until: until), reviewAt: until)
        scheduleSweep(now: now)
    }

    private mutating func note(_ publication: Publication, reviewAt time: MonotonicTime) {
        if let earlier = publications.updateValue(publication, forKey: publication.plan.key) {
            cancel(.publication(earlier))
        }
        schedule(.publication(publication), at: time)
    }

    private mutating func unpublish(_ key: LookupKey) {
        guard let publication = publications.removeValue(forKey: key) else { return }
        cancel(.publication(publication))
        front.remove(key)
    }

    mutating func unpublish(_ keys: [LookupKey]) {
        for key in keys { unpublish(key) }
    }

    mutating func unpublishAll() {
        for publication in publications.values { cancel(.publication(publication)) }
        publications = HashTable()
        front.removeAll()
    }

    /// Whether callers would still have what came of a plan: where there are static peers by now, they would not.
    private func isCurrent(_ plan: LookupPlan) -> Bool {
        plan.version.map { $0 == planVersion } ?? true
    }

    /// The time of a published outcome has come: to be asked for again, or to go.
    mutating func review(_ publication: Publication, now: MonotonicTime, orders: inout Orders) {
        let key = publication.plan.key
        guard now < publication.until else { return unpublish(key) }
        publication.isDue = true
        schedule(.publication(publication), at: publication.until)
        guard !refreshIfUsed(publication, now: now, orders: &orders) else { return }
        // Nobody has read it since the last time: whoever still does has it asked for then, or has just done so.
        front.awaitRead(of: key)
        _ = refreshIfUsed(publication, now: now, orders: &orders)
    }

    /// An outcome was read that had waited for it.
    mutating func wasRead(_ key: LookupKey, now: MonotonicTime, orders: inout Orders) {
        guard let publication = publications[key], publication.isDue else { return }
        // One mark stands for all ways to write the name, and may have been taken for another.
        _ = publication.usage?.take(for: .refresh)
        refresh(publication, now: now, orders: &orders)
    }

    private mutating func refreshIfUsed(_ publication: Publication, now: MonotonicTime, orders: inout Orders) -> Bool {
        guard publication.usage?.take(for: .refresh) ?? false else { return false }
        refresh(publication, now: now, orders: &orders)
        return true
    }

    private mutating func refresh(_ publication: Publication, now: MonotonicTime, orders: inout Orders) {
        // What is due soon as well: the mark for it has just been taken.
        let end = min(publication.until, now + settings.configuration.lookupTimeout)
        refresh(publication.plan, isWanted: true, mode: .refresh(before: end), now: now, orders: &orders)
    }

    // MARK: Forgetting

    /// Forgets the names that are meant, what is under way of them included: those who wait get what is asked from now on.
    mutating func flush(now: MonotonicTime, orders: inout Orders, _ isMeant: (DomainName) -> Bool) {
        front.endFlush()
        cache.remove(where: isMeant)
        for publication in publications.values where isMeant(publication.name) { unpublish(publication.plan.key) }
        let outdated = lookups.values.filter { $0.plan.candidates.contains(where: isMeant) }
        let deprived = forgetFlights(where: isMeant)
        var restarted: Set<LookupKey> = []
        for active in outdated + deprived where !active.isOver && restarted.insert(active.key).inserted {
            restart(active, mode: active.mode, isFlushed: true, now: now, orders: &orders)
        }
    }
}
