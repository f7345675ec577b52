internal import DNSTransport
internal import Metrics
internal import Synchronization

/// Tells the metrics what the loop thread reports.
///
/// The loop hands a report over and goes on; a task of its own, one at a time, calls the metrics' handlers, which are
/// somebody else's code and may take long. Reports that come meanwhile are merged.
final class MetricsPublisher: Sendable {
    private struct State {
        var pending: LoopReport?
        /// The last that was taken.
        var taken = LoopReport()
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let instruments: LoopInstruments

    /// While a handler is slower than reports come, query times beyond these are left out.
    static let mostQueryTimes = 8 * LoopReport.mostQueryTimes

    init(_ factory: any MetricsFactory) {
        instruments = LoopInstruments(factory)
    }

    func submit(_ report: LoopReport) {
        state.withLock { state in
            if state.pending == nil {
                state.pending = report
            } else {
                state.pending?.merge(report, limit: Self.mostQueryTimes)
            }
            if state.task == nil { state.task = Task.detached { self.publishPending() } }
        }
    }

    /// Waits until all that was submitted is published.
    func flush() async {
        await state.withLock { $0.task }?.value
    }

    private func publishPending() {
        while let (report, earlier) = takePending() { instruments.publish(report, since: earlier) }
    }

    private func takePending() -> (LoopReport, earlier: LoopReport)? {
        state.withLock { state in
            guard let report = state.pending.take() else {
                state.task = nil
                return nil
            }
            defer { state.taken = report }
            return (report, state.taken)
        }
    }
}

/// The instruments for what happens on the loop thread, and for the hits, which are counted where they happen.
private struct LoopInstruments: Sendable {
    private let hits: Counter
    private let staleHits: Counter
    private let answered: Metrics.Timer
    private let failed: Metrics.Timer
    private let attemptsOverUDP: Counter
    private let attemptsOverTCP: Counter
    private let hedgesWon: Counter
    private let tcpFallbacks: Counter
    private let peerChanges: Counter
    private let evictions: Counter
    private let names: Meter
    private let negatives: Meter
    private let attemptsInFlight: Meter
    private let questionsQueued: Meter
    private let handlesCurrent: Meter
    private let handlesFailing: Meter

    init(_ factory: any MetricsFactory) {
        func counter(_ name: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: MetricNames.prefix + name, dimensions: dimensions, factory: factory)
        }
        func timer(_ outcome: String) -> Metrics.Timer {
            let label = MetricNames.prefix + "query_duration"
            return Metrics.Timer(label: label, dimensions: [("outcome", outcome)], factory: factory)
        }
        func meter(_ name: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(label: MetricNames.prefix + name, dimensions: dimensions, factory: factory)
        }
        hits = counter("lookups", MetricNames.lookups("hit"))
        staleHits = counter("lookups", MetricNames.lookups("stale"))
        answered = timer("answered")
        failed = timer("failed")
        attemptsOverUDP = counter("attempts", [("transport", "udp")])
        attemptsOverTCP = counter("attempts", [("transport", "tcp")])
        hedgesWon = counter("hedges_won")
        tcpFallbacks = counter("tcp_fallbacks")
        peerChanges = counter("peer_changes")
        evictions = counter("cache_evictions")
        names = meter("cache_size", [("kind", "names")])
        negatives = meter("cache_size", [("kind", "negatives")])
        attemptsInFlight = meter("attempts_in_flight")
        questionsQueued = meter("questions_queued")
        handlesCurrent = meter("handles", [("state", "current")])
        handlesFailing = meter("handles", [("state", "failing")])
    }

    func publish(_ report: LoopReport, since earlier: LoopReport) {
        func add(_ property: KeyPath<LoopReport, Int>, to counter: Counter) {
            let difference = report[keyPath: property] - earlier[keyPath: property]
            if difference > 0 { counter.increment(by: difference) }
        }
        add(\.reads.fresh, to: hits)
        add(\.reads.stale, to: staleHits)
        add(\.attemptsOverUDP, to: attemptsOverUDP)
        add(\.attemptsOverTCP, to: attemptsOverTCP)
        add(\.hedgesWon, to: hedgesWon)
        add(\.tcpFallbacks, to: tcpFallbacks)
        add(\.peerChanges, to: peerChanges)
        add(\.statistics.evictions, to: evictions)
        names.set(report.statistics.names)
        negatives.set(report.statistics.negatives)
        attemptsInFlight.set(report.statistics.attemptsInFlight)
        questionsQueued.set(report.statistics.questionsQueued)
        handlesCurrent.set(report.handles - report.failingHandles)
        handlesFailing.set(report.failingHandles)
        for time in report.queryTimes {
            (time.isAnswered ? answered : failed).recordNanoseconds(time.duration.wholeNanoseconds)
        }
    }
}

enum MetricNames {
    static let prefix = "cluster_dns_"

    /// All series of a metric have the same dimensions, which some backends insist on.
    static func lookups(_ result: String, code: String = "none") -> [(String, String)] {
        [("result", result), ("code", code)]
    }
}
