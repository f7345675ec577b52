internal import DNSTransport
internal import DequeModule
internal import Synchronization

/// How lookups get from any thread to the loop thread.
///
/// The loop says when it falls asleep; only the first command after that costs a wake-up, and those that come while it is
/// at work are taken together.
final class Mailbox: Sendable {
    enum Command: Sendable {
        /// Look something up, for a caller who waits, or for nobody yet.
        case look(LookupPlan, Waiter?, isForced: Bool = false)
        /// A caller waits no longer.
        case abandon(LookupKey)
        /// Keep a name fresh for the handles on it.
        case watch(LookupPlan, id: UInt64, LivePeers)
        /// The last handle of that number has gone.
        case unwatch(LookupKey, id: UInt64)
        /// The set of these handles is known, or why it is empty, and nothing is asked for them any more.
        case know(LookupKey, LivePeers, EndpointSet.Contents, ClusterDNSError? = nil)
        /// Other limits, and plans of another version from now on.
        case reconfigure(ResolverConfiguration.Limits, version: Int)
        /// An outcome was read whose time to be asked for again had come.
        case read(LookupKey)
        /// An endpoint of a watched name could not be reached.
        case reported(LookupKey)
        /// Forget what is known of these names.
        case flush(Set<DomainName>)
        case flushAll
        /// Take no more lookups, and shut down when those in progress are over.
        case finish
        case shutDown
    }

    enum Posting {
        case accepted
        case full
        case closed
    }

    private struct State {
        var commands: Deque<Command> = []
        var isAsleep = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let waker: Waker
    private let capacity: Int

    init(waker: Waker, capacity: Int) {
        self.waker = waker
        self.capacity = capacity
    }

    func post(_ command: Command) -> Posting {
        let (posting, mustWake) = state.withLock { state -> (Posting, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            if case .look = command, state.commands.count >= capacity { return (.full, false) }
            state.commands.append(command)
            defer { state.isAsleep = false }
            return (.accepted, state.isAsleep)
        }
        if mustWake { waker.wake() }
        return posting
    }

    // MARK: The loop's side

    /// Moves the commands into `commands`, which is empty.
    func take(into commands: inout Deque<Command>) {
        state.withLock { state in
            state.isAsleep = false
            if !state.commands.isEmpty { swap(&state.commands, &commands) }
        }
    }

    /// Notes that the loop sleeps from now on, unless there is a command.
    func mayFallAsleep() -> Bool {
        state.withLock { state in
            state.isAsleep = state.commands.isEmpty
            return state.isAsleep
        }
    }

    /// Takes no more commands and gives back those that are left.
    func close() -> Deque<Command> {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
