public import Synchronization

/// A value that one task waits for. Whoever ends the wait first decides what it brings; later ends change nothing, and an
/// end before the wait has begun is kept for it.
///
/// Here because a checked continuation costs an allocation and what is unsafe belongs to this target; public for the same
/// reason as ``MonotonicTime``: a wait that is not inlined spends most of its time on the layout of a generic type.
public struct Pending<Value: Sendable>: ~Copyable, Sendable {
    @usableFromInline
    struct State {
        /// Of the task, while it waits.
        ///
        /// Sound: it is taken out under the lock by whoever resumes it, so that happens once. What is never ended is never
        /// resumed, as with any other continuation.
        @usableFromInline var continuation: UnsafeContinuation<Value, Never>?
        /// How the wait ended, until the task is told.
        @usableFromInline var value: Value?
        @usableFromInline var isOver: Bool

        @inlinable
        init() {
            continuation = nil
            value = nil
            isOver = false
        }
    }

    @usableFromInline let state: Mutex<State>

    // The values are set here and not where the properties are declared: an expression there is not inlined, and looks up what
    // a generic type is at each call.
    @inlinable
    public init() {
        state = Mutex(State())
    }

    /// How the wait ended, if it has and nobody has been told yet.
    @inlinable
    public var outcome: Value? { state.withLock { $0.value } }

    /// Whether the wait has ended.
    @inlinable
    public var isOver: Bool { state.withLock { $0.isOver } }

    /// Suspends the task until the end. To be called once: a second call would wait for ever.
    @inlinable
    public nonisolated(nonsending) func wait() async -> Value {
        await withUnsafeContinuation { continuation in
            let value = state.withLock { state in
                if !state.isOver { state.continuation = continuation }
                return state.value.take()
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    @inlinable
    public func end(with value: Value) {
        let continuation: UnsafeContinuation<Value, Never>? = state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            if state.continuation == nil { state.value = value }
            return state.continuation.take()
        }
        continuation?.resume(returning: value)
    }
}
