internal import DNSTransport
internal import Synchronization

extension ClusterResolver {
    /// A live handle on the peers of a service, which it begins to ask for. Make one and keep it, not one for each call: each
    /// takes turns of its own. It keeps the resolver alive.
    ///
    /// - Parameters:
    ///   - name: as for ``resolve(_:port:timeout:)-(String,_,_)``. If it breaks a rule, the handle has no set and
    ///     ``Peers/next(timeout:)`` throws `invalidName`.
    ///   - port: filled in if it is a number, asked for if it is a name; see ``Port``.
    ///   - balancing: how ``Peers/next(timeout:)`` chooses.
    public func peers(_ name: String, port: Port? = nil, balancing: Balancing = .roundRobin) -> Peers {
        Peers(
            livePeers(name, port),
            name: name,
            port: port?.number,
            balancing: balancing,
            timeout: environment.configuration.lookupTimeout,
            resolver: self
        )
    }

    private func livePeers(_ name: String, _ port: Port?) -> LivePeers {
        var planner = planner
        let preparation = Result { () throws(ClusterDNSError) in try planner.prepare(name, port) }
        let live = handles.live(name, port, preparation, mailbox)
        // Static peers that came meanwhile were given only to the handles that were there.
        while case let newest = self.planner, newest.version != planner.version {
            planner = newest
            handles.replan(planner, mailbox)
        }
        return live
    }

    /// Waits until a service has an endpoint, for one that starts after its callers. Asks DNS 750 ms after each negative
    /// answer, past those in the cache older than 500 ms; after a failure of DNS, up to 5 s later (RFC 9520). A stale set will
    /// do, too.
    ///
    /// - Parameter timeout: how long to wait at most.
    /// - Throws: ``ClusterDNSError``: the last reason why there is none, when the time is over; `invalidName` and
    ///   `shutDown` at once. `CancellationError` if the task is cancelled.
    @discardableResult
    public nonisolated(nonsending) func waitUntilResolvable(
        _ name: String,
        port: Port? = nil,
        timeout: Duration
    ) async throws -> EndpointSet {
        let deadline = MonotonicTime.now + timeout
        while true {
            do {
                let patience = min(deadline - .now, environment.configuration.lookupTimeout)
                return try await resolveUncopied(name, port: port, timeout: patience, isForced: true)
            } catch let error as ClusterDNSError {
                if [.invalidName, .shutDown].contains(error.code) { throw error }
                let left = deadline - .now
                if left > .zero { try await Task.sleep(for: min(left, .milliseconds(750))) }
                // One that is asked for with no time left would only be said to have timed out.
                guard deadline > .now else { throw error }
            }
        }
    }
}

/// The names that somebody holds a handle on. All handles of a name share what is known of it.
final class Handles: Sendable {
    private struct Entry: Sendable {
        let name: String
        let port: Port?
        let id: UInt64
        weak var live: LivePeers?
    }

    private struct State {
        var entries: [LookupKey: Entry] = [:]
        var lastID: UInt64 = 0
        var isEnded = false
    }

    private let state = Mutex(State())

    func live(
        _ name: String,
        _ port: Port?,
        _ preparation: Result<LookupPlanner.Preparation, ClusterDNSError>,
        _ mailbox: Mailbox
    ) -> LivePeers {
        let key = LookupKey(name: name, port)
        let (live, newID, isEnded): (LivePeers, UInt64?, Bool) = state.withLock { state in
            if let live = state.entries[key]?.live { return (live, nil, state.isEnded) }
            state.lastID += 1
            let id = state.lastID
            let live = LivePeers(
                onLastRelease: { [weak self] in
                    self?.forget(key, id)
                    _ = mailbox.post(.unwatch(key, id: id))
                },
                onReport: { _ = mailbox.post(.reported(key)) }
            )
            // What needs no question is there before anybody else can get hold of it.
            switch preparation {
            case .success(.known(let contents)): live.update(contents, now: .now)
            case .success(.ask): break
            case .failure(let error) where error.code.isNegative:
                // As where DNS says so: nobody is there.
                live.update(.none(of: name, error), now: .now, error: error)
            case .failure(let error): live.update(error)
            }
            state.entries[key] = Entry(name: name, port: port, id: id, live: live)
            return (live, id, state.isEnded)
        }
        guard let newID else { return live }
        if case .success(.ask(let plan)) = preparation { watch(plan, newID, live, mailbox) }
        if isEnded { live.end() }
        return live
    }

    /// The resolver has ended, and with it the handles on what is not asked for, of which the loop knows nothing.
    func end() {
        let entries = state.withLock { state in
            state.isEnded = true
            return state.entries.values.map(\.live)
        }
        for live in entries { live?.end() }
    }

    /// Has every handle follow another planner.
    func replan(_ planner: LookupPlanner, _ mailbox: Mailbox) {
        for (key, entry) in state.withLock({ $0.entries }) {
            guard let live = entry.live else { continue }
            do throws(ClusterDNSError) {
                switch try planner.prepare(entry.name, entry.port) {
                // Through the mailbox, so that no answer that is under way comes after it.
                case .known(let contents): _ = mailbox.post(.know(key, live, contents))
                case .ask(let plan): watch(plan, entry.id, live, mailbox)
                }
            } catch {
                // One that had a set had static peers, which are gone; or there are none by now.
                guard live.contents != nil || error.code.isNegative else { continue }
                _ = mailbox.post(.know(key, live, .none(of: entry.name, error), error))
            }
        }
    }

    private func watch(_ plan: LookupPlan, _ id: UInt64, _ live: LivePeers, _ mailbox: Mailbox) {
        if mailbox.post(.watch(plan, id: id, live)) == .closed { live.end() }
    }

    private func forget(_ key: LookupKey, _ id: UInt64) {
        state.withLock { if $0.entries[key]?.id == id { $0.entries[key] = nil } }
    }
}

extension EndpointSet.Contents {
    /// No endpoints, and why.
    fileprivate static func none(of name: String, _ error: ClusterDNSError) -> EndpointSet.Contents {
        EndpointSet.Contents(endpoints: [], absoluteName: .text(error.absoluteName ?? name))
    }
}
