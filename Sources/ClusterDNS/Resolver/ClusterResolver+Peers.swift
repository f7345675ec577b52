internal import DNSTransport
internal import Synchronization

extension ClusterResolver {
    /// A live handle on the peers of a service.
    ///
    /// - Parameters:
    ///   - name: as for ``resolve(_:port:timeout:)-(String,_,_)``. One that breaks a rule has a handle without a set, whose
    ///     ``Peers/next(timeout:)`` says which.
    ///   - port: filled in if it is a number, asked for if it is a name; see ``Port``.
    ///   - balancing: how ``Peers/next(timeout:)`` chooses.
    public func peers(_ name: String, port: Port? = nil, balancing: Balancing = .roundRobin) -> Peers {
        var number: UInt16?
        if case .number(let given) = port?.value { number = given }
        return Peers(
            livePeers(name, port),
            name: name,
            port: number,
            balancing: balancing,
            timeout: environment.configuration.lookupTimeout,
            resolver: self
        )
    }

    private func livePeers(_ name: String, _ port: Port?) -> LivePeers {
        do throws(ClusterDNSError) {
            switch try planner.prepare(name, port) {
            case .ask(let plan):
                return handles.live(for: plan, mailbox)
            case .known(let contents):
                let live = LivePeers()
                live.update(contents, now: .now)
                return live
            }
        } catch {
            let live = LivePeers()
            live.update(error)
            return live
        }
    }

    /// Waits until a service has an endpoint: for a start-up order, where a service is used by those that start before
    /// it. Asks DNS once in three quarters of a second, past the negative answers that are kept.
    ///
    /// - Parameter timeout: how long to wait at most.
    /// - Throws: ``ClusterDNSError``: the last reason why there is none, when the time is over; `invalidName` and
    ///   `shutDown` at once. `CancellationError` if the task is cancelled.
    @discardableResult
    public func waitUntilResolvable(
        _ name: String,
        port: Port? = nil,
        timeout: Duration
    ) async throws -> EndpointSet {
        let deadline = MonotonicTime.now + timeout
        while true {
            do {
                let left = deadline - .now
                let patience = min(left, environment.configuration.lookupTimeout)
                return try await resolve(name, port: port, timeout: patience, isForced: true)
            } catch let error as ClusterDNSError {
                let isFinal = [.invalidName, .shutDown].contains(error.code)
                let left = deadline - .now
                if isFinal || left <= .zero { throw error }
                try await Task.sleep(for: min(left, .milliseconds(750)))
            }
        }
    }
}

/// The names that somebody holds a handle on. All handles of a name share what is known of it.
final class Handles: Sendable {
    private struct Entry: Sendable {
        weak var live: LivePeers?
        let id: UInt64
    }

    private struct State {
        var entries: [LookupKey: Entry] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    func live(for plan: LookupPlan, _ mailbox: Mailbox) -> LivePeers {
        let key = plan.key
        let (live, newID): (LivePeers, UInt64?) = state.withLock { state in
            if let live = state.entries[key]?.live { return (live, nil) }
            state.lastID += 1
            let id = state.lastID
            let live = LivePeers(
                onLastRelease: { [weak self] in
                    self?.forget(key, id)
                    _ = mailbox.post(.unwatch(key, id: id))
                },
                onReport: { _ = mailbox.post(.reported(key)) }
            )
            state.entries[key] = Entry(live: live, id: id)
            return (live, id)
        }
        if let newID, mailbox.post(.watch(plan, id: newID, live)) == .closed { live.end() }
        return live
    }

    private func forget(_ key: LookupKey, _ id: UInt64) {
        state.withLock { if $0.entries[key]?.id == id { $0.entries[key] = nil } }
    }
}
