internal import Dispatch
internal import Synchronization

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What ends a verb that goes on for ever: Ctrl-C in a terminal (SIGINT), and what Kubernetes and others send to a
/// process that is to go (SIGTERM).
enum Interrupt {
    private struct State {
        var first: ContinuousClock.Instant?
        var task: Task<Void, any Error>?
    }

    /// Runs `body` until it ends, or until the process is interrupted: that cancels it, and is no failure. An interrupt that
    /// comes later than a second after the first ends the process, whatever it is at.
    static func ends(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let state = Mutex(State())
        var sources: [any DispatchSourceSignal] = []
        for signal in [SIGINT, SIGTERM] {
            #if canImport(Darwin)
                // There Dispatch only looks on.
                Darwin.signal(signal, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
            source.setEventHandler {
                let (first, task) = state.withLock { state in
                    state.first = state.first ?? .now
                    return (state.first, state.task)
                }
                // Some send each signal twice at once, as timeout(1) does. The status is as a shell says of such an end.
                // Nothing is waited for, not even a lock that exit(3) may need.
                if let first, .now - first > .seconds(1) { _exit(128 + signal) }
                task?.cancel()
            }
            // Nothing is begun, and nothing printed, before an interrupt is heard.
            await withCheckedContinuation { continuation in
                source.setRegistrationHandler { continuation.resume() }
                source.activate()
            }
            sources.append(source)
        }
        defer { for source in sources { source.cancel() } }
        let task = Task { try await body() }
        let isInterrupted = state.withLock { state in
            state.task = task
            return state.first != nil
        }
        if isInterrupted { task.cancel() }
        do { try await task.value } catch is CancellationError {}
    }
}
