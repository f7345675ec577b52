internal import ClusterDNS
internal import DNSTransport

/// Measures lookups of some names in each mode, one mode after another.
struct Bench: Sendable {
    private let names: [String]
    private let concurrency: Int
    private let duration: Duration
    private let family: SystemResolver.Family
    /// For handles and the cache; a resolver that many tasks share is what a service has.
    private let resolver: ClusterResolver
    /// One for each caller, so that none gets the answer that another has asked for.
    private let resolvers: [ClusterResolver]

    /// - Parameters:
    ///   - names: as they are given to `resolve`; one at least.
    ///   - concurrency: how many callers there are, each with one lookup under way.
    ///   - duration: how long all modes take together.
    /// - Throws: ``ClusterDNSError`` for a name that breaks a rule, or if the system has no more threads.
    init(
        _ names: [String],
        concurrency: Int,
        duration: Duration,
        environment: ResolvedEnvironment,
        family: SystemResolver.Family = .any
    ) throws(ClusterDNSError) {
        self.names = names
        self.concurrency = concurrency
        self.duration = duration
        self.family = family
        resolver = try ClusterResolver(environment: environment)
        var resolvers: [ClusterResolver] = []
        for _ in 0..<concurrency { resolvers.append(try ClusterResolver(environment: environment)) }
        self.resolvers = resolvers
        for name in names { try resolver.flush(name) }
    }

    /// - Parameters:
    ///   - begin: told of a mode, when it begins.
    ///   - end: told what came of it.
    func run(begin: (BenchMode) throws -> Void, end: (BenchReport.Row) throws -> Void) async throws {
        let start = ContinuousClock.now
        for (index, mode) in BenchMode.allCases.enumerated() where !Task.isCancelled {
            try begin(mode)
            // Each mode has its part of the whole, however late the one before has ended.
            let tally = await measure(mode, until: start + duration * (index + 1) / BenchMode.allCases.count)
            try end(BenchReport.Row(mode: mode, concurrency: concurrency, tally: tally))
        }
    }

    /// Measures until a moment, or until the task is cancelled.
    func measure(_ mode: BenchMode, until end: ContinuousClock.Instant) async -> Tally {
        switch mode {
        case .handle:
            let handles = names.map { resolver.peers($0) }
            return await run(until: end) { _ in .handles(handles) }
        case .cached:
            return await run(until: end) { _ in .cached(resolver, names) }
        case .uncached:
            return await run(until: end) { .uncached(resolvers[$0], names) }
        case .getaddrinfo:
            return await SystemCallers(names, family: family, concurrency: concurrency).run(until: end)
        }
    }

    private func run(until end: ContinuousClock.Instant, subject: (Int) -> Caller.Subject) async -> Tally {
        let callers = (0..<concurrency).map { Caller(subject: subject($0), first: $0) }
        return await withTaskGroup(of: Tally?.self) { group in
            for caller in callers { group.addTask { await caller.run() } }
            group.addTask {
                try? await Task.sleep(until: end)
                return nil
            }
            var sum = Tally()
            for await tally in group {
                if let tally { sum.add(tally) } else { group.cancelAll() }
            }
            return sum
        }
    }
}
