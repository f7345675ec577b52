internal import ClusterDNS
internal import Synchronization

/// What a watch prints: changes on standard output, failures on standard error or, in JSON, as objects of their own.
final class WatchOutput: Sendable {
    private let name: String
    private let json: Bool
    private let start = ContinuousClock.now
    /// Held while something is printed, so that lines come in the order of what they tell.
    private let failures = Mutex(FailureLog())

    init(name: String, json: Bool) {
        self.name = name
        self.json = json
    }

    func tell(_ change: PeerChanges.Element, error: ClusterDNSError?) throws {
        let report = WatchReport(
            name: name,
            endpoints: change.endpoints,
            added: change.added,
            removed: change.removed,
            error: error
        )
        try failures.withLock { failures in
            let event = failures.note(error)
            if json {
                try Console.print([report.json.description])
            } else {
                try Console.print([report.line(after: start.duration(to: .now))])
                tell(event)
            }
        }
    }

    /// Tells of a failure that has begun or is over since the last time.
    func tell(_ endpoints: EndpointSet?, error: ClusterDNSError?) throws {
        try failures.withLock { failures in
            guard let event = failures.note(error) else { return }
            if json {
                try Console.print([WatchReport(name: name, endpoints: endpoints, error: error).json.description])
            } else {
                tell(event)
            }
        }
    }

    private func tell(_ event: FailureLog.Event?) {
        let time = start.duration(to: .now).inSeconds
        switch event {
        case .began(let error): Console.printError(["\(time)  \(error)"])
        // That there are endpoints again says all.
        case .ended(.noSuchService), .ended(.noRecords), nil: break
        case .ended: Console.printError(["\(time)  DNS answers again"])
        }
    }
}
