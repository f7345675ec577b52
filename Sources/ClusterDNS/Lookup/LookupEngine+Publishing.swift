internal import DNSTransport

/// The front table: outcomes put in, refreshed while they are used, and taken out when their time is over.
extension LookupEngine {
    /// How long an outcome counts that lacks what a name server did not answer yet.
    private static let partialLifetime = Duration.seconds(1)

    func publish(_ found: Lookup.Found, _ plan: LookupPlan, now: MonotonicTime) {
        guard let usage = cache.usage(of: found.name) else { return }
        var until = found.expires
        if found.isPartial { until = min(until, now + Self.partialLifetime) }
        if until <= now {
            // Stale: good until there is a point in asking again, and while that question is on its way.
            guard found.refreshAt > now else { return }
            until = found.refreshAt + settings.configuration.lookupTimeout
        }
        let refreshAt = min(found.refreshAt, until)
        publications[plan.key] = Publication(
            name: found.name,
            usage: usage,
            refreshAt: refreshAt,
            until: until,
            plan: plan
        )
        front.publish(found.contents, for: plan.key, usage: usage)
        timers.add(.publication(plan.key), at: refreshAt)
        scheduleSweep(now: now)
    }

    func publish(
        _ error: ClusterDNSError,
        until: MonotonicTime,
        _ name: DomainName,
        _ plan: LookupPlan,
        now: MonotonicTime
    ) {
        guard until > now else {
            publications[plan.key] = nil
            front.remove(plan.key)
            return
        }
        publications[plan.key] = Publication(name: name, usage: nil, refreshAt: nil, until: until, plan: plan)
        front.publish(error, for: plan.key)
        timers.add(.publication(plan.key), at: until)
        scheduleSweep(now: now)
    }

    /// The time of a published outcome has come: to be asked for again, or to go.
    func review(_ key: LookupKey, now: MonotonicTime, orders: inout Orders) {
        guard let publication = publications[key] else { return }
        if now >= publication.until {
            publications[key] = nil
            front.remove(key)
            return
        }
        guard let refreshAt = publication.refreshAt, now >= refreshAt else { return }
        publications[key]?.refreshAt = nil
        timers.add(.publication(key), at: publication.until)
        guard publication.usage?.take(for: .refresh) ?? false, lookupIDs[key] == nil else { return }
        begin(publication.plan, for: nil, mode: .refresh, now: now, orders: &orders)
    }

    func flush(_ names: [DomainName]) {
        for name in names { cache.remove(name) }
        for (key, publication) in publications where names.contains(publication.name) {
            publications[key] = nil
            front.remove(key)
        }
    }
}
