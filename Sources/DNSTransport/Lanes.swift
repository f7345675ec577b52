#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The open lanes of the loop thread: which one an attempt leaves from, and waiting on all of them.
struct Lanes {
    private struct Key: Hashable {
        let server: ServerAddress
        let transport: Attempt.Transport
        let lane: UInt8
    }

    private let settings: TransportLoop.Settings
    /// The lanes that take attempts.
    private var current: [Key: Lane] = [:]
    /// Those that wait for answers only.
    private var retired: [Lane] = []
    private var messagesSentOnClosed = 0
    private var descriptors: [pollfd] = []
    private var polled: [Lane] = []

    init(settings: TransportLoop.Settings) {
        self.settings = settings
    }

    /// DNS messages sent since the beginning.
    var messagesSent: Int {
        var sent = messagesSentOnClosed
        for lane in current.values { sent += lane.messagesSent }
        for lane in retired { sent += lane.messagesSent }
        return sent
    }

    /// When there are attempts to give up, nothing while none is in flight. c-ares gives up by itself, but only when
    /// it is called; the client has deadlines of its own, so one call for all attempts of a lane is early enough.
    var giveUpTime: MonotonicTime? {
        var time: MonotonicTime?
        for lane in current.values { lane.giveUpTime(settings.attemptLifetime).map { time = min(time ?? $0, $0) } }
        for lane in retired { lane.giveUpTime(settings.attemptLifetime).map { time = min(time ?? $0, $0) } }
        return time
    }

    // MARK: Sending

    mutating func send(_ attempt: Attempt, now: MonotonicTime, completions: inout [Completion]) {
        let key = Key(
            server: attempt.server,
            transport: attempt.transport,
            lane: attempt.transport == .tcp ? 0 : attempt.lane
        )
        guard let lane = lane(for: key, query: attempt.query, now: now) else {
            completions.append(
                Completion(attempt: attempt.id, outcome: .failed(.failed("c-ares could not make a channel")))
            )
            return
        }
        lane.send(attempt, now: now)
        completions += lane.takeCompletions()
    }

    private mutating func lane(for key: Key, query: UInt64, now: MonotonicTime) -> Lane? {
        if let lane = current[key] {
            switch key.transport {
            case .tcp:
                return lane
            case .udp:
                let isAllowed = settings.sourcePorts.allows(
                    opened: lane.opened,
                    queries: lane.queries.count,
                    now: now
                )
                if isAllowed, !lane.queries.contains(query) { return lane }
                retire(key)
            }
        }
        let lane = Lane(
            server: key.server,
            transport: key.transport,
            attemptLifetime: settings.attemptLifetime,
            now: now
        )
        current[key] = lane
        return lane
    }

    // MARK: Retiring and closing

    /// Takes the lanes that `query` was asked on out of use.
    mutating func retire(servedBy query: UInt64) {
        for (key, lane) in current where lane.queries.contains(query) { retire(key) }
    }

    private mutating func retire(_ key: Key) {
        guard let lane = current.removeValue(forKey: key) else { return }
        retired.append(lane)
    }

    /// Closes retired lanes on which nothing is in flight.
    mutating func close(completions: inout [Completion]) {
        guard !retired.isEmpty else { return }
        retired.removeAll { lane in
            guard lane.inFlight == 0 else { return false }
            messagesSentOnClosed += lane.messagesSent
            return true
        }
    }

    // MARK: Waiting

    /// Sleeps until a socket is ready, the waker is used or the time has come, and collects what ended.
    mutating func wait(until time: MonotonicTime?, waker: Waker, completions: inout [Completion]) {
        descriptors.removeAll(keepingCapacity: true)
        polled.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: waker.readEnd, events: Int16(POLLIN), revents: 0))
        for lane in current.values { add(lane) }
        for lane in retired { add(lane) }
        // Sound: the array's storage is valid for the call, which is told its true count.
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds(until: time))
        if ready > 0 {
            if descriptors[0].revents != 0 { waker.clear() }
            for (index, lane) in polled.enumerated() {
                let events = Int32(descriptors[index + 1].revents)
                guard events != 0 else { continue }
                let isBroken = events & (POLLERR | POLLHUP | POLLNVAL) != 0
                lane.process(
                    readable: isBroken || events & POLLIN != 0,
                    writable: events & POLLOUT != 0 || isBroken && lane.events & Int16(POLLOUT) != 0
                )
                completions += lane.takeCompletions()
            }
        }
        giveUp(now: .now, completions: &completions)
    }

    private mutating func add(_ lane: Lane) {
        guard lane.descriptor >= 0 else { return }
        descriptors.append(pollfd(fd: lane.descriptor, events: lane.events, revents: 0))
        polled.append(lane)
    }

    private func giveUp(now: MonotonicTime, completions: inout [Completion]) {
        for lane in Array(current.values) + retired {
            guard let time = lane.giveUpTime(settings.attemptLifetime), time <= now else { continue }
            lane.process(readable: false, writable: false)
            completions += lane.takeCompletions()
        }
    }

    /// For `poll(2)`: rounded up, so that the loop does not spin through the last millisecond.
    private func milliseconds(until time: MonotonicTime?) -> Int32 {
        guard let time else { return -1 }
        let nanoseconds = (time - MonotonicTime.now).wholeNanoseconds
        guard nanoseconds > 0 else { return 0 }
        return Int32(clamping: (nanoseconds - 1) / 1_000_000 + 1)
    }
}

extension Lane {
    /// When the last attempt in flight is older than `lifetime`; nothing while none is.
    fileprivate func giveUpTime(_ lifetime: Duration) -> MonotonicTime? {
        // c-ares counts milliseconds from a clock of its own: 10 ms later it agrees for sure.
        inFlight > 0 ? lastSent + lifetime + .milliseconds(10) : nil
    }

    fileprivate func takeCompletions() -> [Completion] {
        guard !completions.isEmpty else { return [] }
        let taken = completions
        completions.removeAll(keepingCapacity: true)
        return taken
    }
}
