internal import ClusterDNS
internal import DNSTransport

/// Looks names up through the library, one after another, the next when the one before is over (a closed loop), until
/// its task is cancelled.
struct Caller: Sendable {
    /// What it has to ask.
    enum Subject: Sendable {
        case handles([Peers])
        case cached(ClusterResolver, [String])
        /// Nobody else uses this resolver: what it sends is sent for this caller.
        case uncached(ClusterResolver, [String])
    }

    let subject: Subject
    /// Callers begin with different names.
    let first: Int

    /// How often a caller lets others run, whose lookups never wait: timers, an interrupt, and the next caller.
    private static let yieldInterval = 1024

    func run() async -> Tally {
        var tally = Tally()
        let begin = MonotonicTime.now
        await prepare()
        guard !Task.isCancelled else {
            tally.giveUp(after: .now - begin, of: .now - begin)
            return tally
        }
        let start = MonotonicTime.now
        var turn = 0
        while !Task.isCancelled {
            let lookupStart = MonotonicTime.now
            do {
                if let time = try await lookUp(first + turn, &tally) { tally.record(time) }
            } catch let error as ClusterDNSError {
                tally.fail(error.description)
            } catch {
                tally.giveUp(after: .now - lookupStart, of: .now - start)
            }
            turn = (turn + 1) % (1 << 20)
            if turn % Self.yieldInterval == 0 { await Task.yield() }
        }
        tally.end(after: .now - start)
        return tally
    }

    /// What a mode takes for granted is made so; what cannot be shows in its lookups.
    private func prepare() async {
        switch subject {
        case .handles(let handles):
            for peers in handles { _ = try? await peers.next() }
        case .cached(let resolver, let names):
            for name in names { _ = try? await resolver.resolve(name) }
        case .uncached:
            break
        }
    }

    /// - Returns: the time of a lookup; `nil` for one that does not count.
    private func lookUp(_ turn: Int, _ tally: inout Tally) async throws -> Duration? {
        switch subject {
        case .handles(let handles):
            let peers = handles[turn % handles.count]
            let start = MonotonicTime.now
            let set = peers.current
            let end = MonotonicTime.now
            guard let set, !set.isEmpty else { throw peers.lastError ?? .empty }
            return end - start - ClockCost.measured
        case .cached(let resolver, let names):
            let name = names[turn % names.count]
            let start = MonotonicTime.now
            _ = try await resolver.resolve(name)
            return .now - start - ClockCost.measured
        case .uncached(let resolver, let names):
            return try await lookUpUncached(names[turn % names.count], in: resolver, &tally)
        }
    }

    /// Forgets a name and looks it up. The thread that forgets may come to it too late for the first lookup: what counts is
    /// the one that sends a query, or any if there is nothing to ask at all.
    private func lookUpUncached(
        _ name: String,
        in resolver: ClusterResolver,
        _ tally: inout Tally
    ) async throws -> Duration? {
        try resolver.flush(name)
        let flushed = MonotonicTime.now
        while !Task.isCancelled {
            let sent = resolver.statistics.messagesSent
            let start = MonotonicTime.now
            let result: Result<EndpointSet, any Error>
            do { result = .success(try await resolver.resolve(name)) } catch { result = .failure(error) }
            let time = .now - start - ClockCost.measured
            let queries = resolver.statistics.messagesSent - sent
            tally.queries += queries
            // Where there is no way to a server nothing is ever sent: after a while a failure is believed.
            let isLate = MonotonicTime.now - flushed > .milliseconds(100)
            if queries > 0 || result.isKnown || (isLate && result.isFailure) {
                _ = try result.get()
                return time
            }
            await Task.yield()
        }
        return nil
    }
}

extension Result<EndpointSet, any Error> {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }

    /// Whether there is nothing to ask: a literal, a name of the hosts file, or a cancelled task.
    fileprivate var isKnown: Bool {
        switch self {
        case .success(let set): set.timeToLive == nil
        case .failure(let error as ClusterDNSError): error.attempts == 0
        case .failure: true
        }
    }
}

extension ClusterDNSError {
    fileprivate static let empty = ClusterDNSError(code: .noSuchService, message: "there is no endpoint", name: "")
}
