internal import ClusterDNS
internal import DNSTransport
internal import Dispatch
internal import Synchronization

/// Callers of `getaddrinfo`, each on a thread of its own, because it blocks. When the time is over they are left behind
/// wherever they are: nothing can end a call of `getaddrinfo` that hangs but the end of the process.
final class SystemCallers: Sendable {
    private struct State {
        var tallies: [Tally]
        /// When each caller's lookup has begun; `nil` between lookups.
        var lookupStarts: [MonotonicTime?]
        var isOver = false
    }

    private let names: [String]
    private let family: SystemResolver.Family
    private let state: Mutex<State>

    init(_ names: [String], family: SystemResolver.Family, concurrency: Int) {
        self.names = names
        self.family = family
        state = Mutex(
            State(
                tallies: Array(repeating: Tally(), count: concurrency),
                lookupStarts: Array(repeating: nil, count: concurrency)
            )
        )
    }

    /// Looks names up until a moment, or until the task is cancelled.
    func run(until end: ContinuousClock.Instant) async -> Tally {
        let start = MonotonicTime.now
        for caller in state.withLock(\.tallies.indices) {
            // A serial queue has a thread of its own whatever the others do; it ends some time after its work.
            DispatchQueue(label: "cluster-dns.getaddrinfo").async { self.lookUp(as: caller) }
        }
        try? await Task.sleep(until: end)
        let now = MonotonicTime.now
        return state.withLock { state in
            state.isOver = true
            var sum = Tally()
            for caller in state.tallies.indices {
                if let lookup = state.lookupStarts[caller] {
                    state.tallies[caller].giveUp(after: now - lookup, of: now - start)
                }
                state.tallies[caller].end(after: now - start)
                sum.add(state.tallies[caller])
            }
            return sum
        }
    }

    private func lookUp(as caller: Int) {
        var turn = caller
        while begin(caller) {
            let name = names[turn % names.count]
            turn = (turn + 1) % (1 << 20)
            let start = MonotonicTime.now
            let failure = SystemResolver.failure(lookingUp: name, family: family)
            let time = .now - start - ClockCost.measured
            state.withLock { state in
                guard !state.isOver else { return }
                state.lookupStarts[caller] = nil
                if let failure {
                    state.tallies[caller].fail("\(name.quoted): \(failure)")
                } else {
                    state.tallies[caller].record(time)
                }
            }
        }
    }

    /// - Returns: whether there is still time for a lookup.
    private func begin(_ caller: Int) -> Bool {
        let now = MonotonicTime.now
        return state.withLock { state in
            if !state.isOver { state.lookupStarts[caller] = now }
            return !state.isOver
        }
    }
}
