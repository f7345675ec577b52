internal import Synchronization

/// A value that one task waits for. Whoever ends the wait first decides what it brings; later ends change nothing, and an
/// end before the wait has begun is kept for it.
final class Pending<Value: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Value, Never>)
        case ended(Value)
        case done
    }

    private let state = Mutex(State.idle)

    /// How the wait ended, if it has and nobody has been told yet.
    var outcome: Value? {
        state.withLock { if case .ended(let value) = $0 { value } else { nil } }
    }

    /// Whether the wait has ended.
    var isOver: Bool {
        state.withLock { state in
            switch state {
            case .idle, .waiting: false
            case .ended, .done: true
            }
        }
    }

    /// Suspends the task until the end.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value: Value? = state.withLock { state in
                guard case .ended(let value) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .done
                return value
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    func end(with value: Value) {
        let continuation: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .idle:
                state = .ended(value)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .ended, .done:
                return nil
            }
        }
        continuation?.resume(returning: value)
    }
}
