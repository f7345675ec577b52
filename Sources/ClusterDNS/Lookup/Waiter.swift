internal import DNSTransport

/// One caller who waits for a lookup.
///
/// Whoever comes first ends the wait, once: the lookup, its deadline, the caller's cancellation or the resolver's end.
/// A cancelled caller is let go at once, on the thread that cancels; the lookup learns of it later and nobody else is
/// touched.
final class Waiter: Sendable {
    typealias Outcome = Result<EndpointSet.Contents, any Error>

    /// The name as the caller gave it, for messages.
    let name: String
    let started: MonotonicTime
    let deadline: MonotonicTime
    /// Where the questions are noted that the caller waited for, if he traces them.
    let trace: QueryTrace?
    private let pending = Pending<Outcome>()

    /// How long the caller waits altogether.
    var patience: Duration { deadline - started }

    /// How long he has waited. A turn began a moment before those who ask in it.
    func elapsed(_ now: MonotonicTime) -> Duration { max(.zero, now - started) }

    init(name: String, started: MonotonicTime, deadline: MonotonicTime, trace: QueryTrace? = nil) {
        self.name = name
        self.started = started
        self.deadline = deadline
        self.trace = trace
    }

    nonisolated(nonsending) func wait() async throws -> EndpointSet.Contents {
        try await pending.wait().get()
    }

    /// How the wait ended, if it has and the caller has not been told yet.
    var outcome: Outcome? { pending.outcome }

    /// Whether the wait has ended.
    var isOver: Bool { pending.isOver }

    func end(with outcome: Outcome) {
        pending.end(with: outcome)
    }
}
