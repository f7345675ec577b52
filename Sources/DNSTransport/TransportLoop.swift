internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What decides: asked by the loop on its own thread, and never from another.
package protocol TransportClient: ~Copyable {
    /// Takes what ended and says what to do next.
    mutating func turn(now: MonotonicTime, completions: [Completion], orders: inout Orders)

    /// Asked right before the loop sleeps. `false` if there is something to do already; after `true`, whoever has
    /// something to do wakes the loop.
    func mayFallAsleep() -> Bool

    /// Told last of all, when every socket is closed.
    func hasEnded()
}

/// What the client wants of the loop.
package struct Orders {
    /// Messages to send now.
    package var attempts: [Attempt] = []
    /// Questions whose answer is overdue: the ports that they were asked from take no more.
    package var overdue: [UInt64] = []
    /// How source ports are used from now on; as before, if `nil`.
    package var sourcePorts: SourcePortPolicy?
    /// When to call again at the latest; never by itself, if `nil`.
    package var wakeUp: MonotonicTime?
    /// Ends the loop.
    package var isFinished = false
    /// Set by the loop: DNS messages that were sent since it began.
    package var messagesSent = 0

    package init() {}
}

/// The thread that owns c-ares.
///
/// It sleeps in `poll(2)` until a socket, a deadline or a wake-up ends the sleep; while nothing is pending it does not
/// wake at all. It decides nothing: which message goes where and when is the client's affair.
package enum TransportLoop {
    /// How the loop treats sockets and attempts.
    package struct Settings: Sendable {
        package var sourcePorts: SourcePortPolicy
        /// How long an attempt is kept for an answer that may come late.
        package var attemptLifetime: Duration

        package init(sourcePorts: SourcePortPolicy = SourcePortPolicy(), attemptLifetime: Duration = .seconds(5)) {
            self.sourcePorts = sourcePorts
            self.attemptLifetime = attemptLifetime
        }
    }

    /// Starts a thread that runs until its client's orders say that it is finished.
    ///
    /// - Returns: whether the thread could be started.
    package static func start<Client: TransportClient & ~Copyable>(
        settings: Settings,
        waker: Waker,
        client: @escaping @Sendable () -> Client
    ) -> Bool {
        // Sound under all callers: c-ares counts initializations under no lock, so it is done once in a process.
        guard libraryIsInitialized else { return false }
        let body = Unmanaged.passRetained(ThreadBody { runLoop(settings: settings, waker: waker, client: client()) })
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        // The new thread inherits the mask: the program's signals stay with the program's threads, but for those of a crash, which
        // come to the thread that crashes and, blocked, would end the process without a backtrace.
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        for signal in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP] { sigdelset(&blocked, signal) }
        pthread_sigmask(SIG_SETMASK, &blocked, &previous)
        let result = pthread_create(&thread, nil, runThread, body.toOpaque())
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard result == 0 else {
            body.release()
            return false
        }
        #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
        return true
    }

    private static let libraryIsInitialized = ares_library_init(ARES_LIB_INIT_ALL) == 0

    private static func runLoop<Client: TransportClient & ~Copyable>(
        settings: Settings,
        waker: Waker,
        client: consuming Client
    ) {
        var lanes = Lanes(settings: settings)
        var orders = Orders()
        var completions: [Completion] = []
        while true {
            if !orders.attempts.isEmpty { orders.attempts.removeAll(keepingCapacity: true) }
            orders.overdue.removeAll(keepingCapacity: true)
            orders.wakeUp = nil
            orders.messagesSent = lanes.messagesSent
            let now = MonotonicTime.now
            client.turn(now: now, completions: completions, orders: &orders)
            if !completions.isEmpty { completions.removeAll(keepingCapacity: true) }
            if orders.isFinished {
                lanes.closeAll()
                client.hasEnded()
                return
            }
            if let sourcePorts = orders.sourcePorts.take() { lanes.settings.sourcePorts = sourcePorts }
            for query in orders.overdue { lanes.retire(servedBy: query) }
            for attempt in orders.attempts { lanes.send(attempt, now: now, completions: &completions) }
            lanes.close(completions: &completions)
            let isAwake = !completions.isEmpty || !client.mayFallAsleep()
            lanes.wait(
                until: isAwake ? now : earliest(orders.wakeUp, lanes.giveUpTime),
                waker: waker,
                completions: &completions
            )
        }
    }

    private static func earliest(_ left: MonotonicTime?, _ right: MonotonicTime?) -> MonotonicTime? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }
}

/// What a new thread is given.
private final class ThreadBody {
    let run: () -> Void

    init(_ run: @escaping () -> Void) {
        self.run = run
    }
}

#if canImport(Darwin)
    private func runThread(_ body: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        pthread_setname_np("cluster-dns")
        // Sound: balances the retain of `start`, which gave the pointer to this thread alone.
        Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }
#else
    private func runThread(_ body: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        shim_name_thread("cluster-dns")
        // Sound: balances the retain of `start`, which gave the pointer to this thread alone.
        if let body { Unmanaged<ThreadBody>.fromOpaque(body).takeRetainedValue().run() }
        return nil
    }
#endif
