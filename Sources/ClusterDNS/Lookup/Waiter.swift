internal import DNSTransport
internal import Synchronization

/// One caller who waits for a lookup.
///
/// Whoever comes first ends the wait, once: the lookup, its deadline, the caller's cancellation or the resolver's end.
/// A cancelled caller is let go at once, on the thread that cancels; the lookup learns of it later and nobody else is
/// touched.
final class Waiter: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<EndpointSet.Contents, any Error>)
        case ended(Result<EndpointSet.Contents, any Error>)
        case done
    }

    let id: UInt64
    /// The name as the caller gave it, for messages.
    let name: String
    let started: MonotonicTime
    let deadline: MonotonicTime
    private let state = Mutex(State.idle)

    /// How long the caller waits altogether.
    var patience: Duration { deadline - started }

    private static let identifiers = Atomic<UInt64>(0)

    init(name: String, started: MonotonicTime, deadline: MonotonicTime) {
        self.id = Self.identifiers.wrappingAdd(1, ordering: .relaxed).newValue
        self.name = name
        self.started = started
        self.deadline = deadline
    }

    /// Suspends the caller until the end, which may have come already.
    func wait() async throws -> EndpointSet.Contents {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<EndpointSet.Contents, any Error>? = state.withLock { state in
                if case .ended(let result) = state {
                    state = .done
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// How the wait ended, if it has and nobody has been told yet.
    var outcome: Result<EndpointSet.Contents, any Error>? {
        state.withLock { if case .ended(let result) = $0 { result } else { nil } }
    }

    /// Ends the wait; whoever comes second changes nothing.
    func end(with result: Result<EndpointSet.Contents, any Error>) {
        let continuation: CheckedContinuation<EndpointSet.Contents, any Error>? = state.withLock { state in
            switch state {
            case .idle:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .ended, .done:
                return nil
            }
        }
        continuation?.resume(with: result)
    }
}
