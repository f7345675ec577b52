internal import Synchronization

/// A value that one task waits for. Whoever ends the wait first decides what it brings; later ends change nothing, and an
/// end before the wait has begun is kept for it.
final class Pending<Value: Sendable>: Sendable {
    private struct State {
        /// Of the task, while it waits.
        var continuation: CheckedContinuation<Value, Never>?
        /// How the wait ended, until the task is told.
        var value: Value?
        var isOver = false
    }

    private let state = Mutex(State())

    /// How the wait ended, if it has and nobody has been told yet.
    var outcome: Value? { state.withLock { $0.value } }

    /// Whether the wait has ended.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Suspends the task until the end.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state in
                if !state.isOver { state.continuation = continuation }
                return state.value.take()
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    func end(with value: Value) {
        let continuation: CheckedContinuation<Value, Never>? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            if state.continuation == nil { state.value = value }
            return state.continuation.take()
        }
        continuation?.resume(returning: value)
    }
}
