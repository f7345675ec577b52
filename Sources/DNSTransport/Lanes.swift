#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The open lanes of the loop thread: which one an attempt leaves from, and waiting on all of them.
struct Lanes {
    var settings: TransportLoop.Settings
    /// The lanes that take attempts, one of each kind: so few that they are gone through.
    private var current: [Lane] = []
    /// Those that wait for answers only.
    private var retired: [Lane] = []
    /// Name servers that end a connection on which they still owe answers, and until when that is remembered: each
    /// attempt over TCP gets a connection of its own.
    private var unpipelined: [ServerAddress: MonotonicTime] = [:]
    private var messagesSentOnClosed = 0
    private var identifiers = Identifiers()
    private var descriptors: [pollfd] = []

    init(settings: TransportLoop.Settings) {
        self.settings = settings
    }

    /// DNS messages sent since the beginning.
    var messagesSent: Int {
        var sent = messagesSentOnClosed
        for lane in current { sent += lane.messagesSent }
        for lane in retired { sent += lane.messagesSent }
        return sent
    }

    /// When there are attempts to give up, `nil` while none is in flight. The client has deadlines of its own, so one
    /// time for all attempts of a lane is early enough.
    var giveUpTime: MonotonicTime? {
        var time: MonotonicTime?
        for lane in current { lane.giveUpTime(settings.attemptLifetime).map { time = min(time ?? $0, $0) } }
        for lane in retired { lane.giveUpTime(settings.attemptLifetime).map { time = min(time ?? $0, $0) } }
        return time
    }

    // MARK: Sending

    mutating func send(_ attempt: Attempt, now: MonotonicTime, completions: inout [Completion]) {
        let kind = Lane.Kind(
            server: attempt.server,
            transport: attempt.transport,
            lane: attempt.transport == .tcp ? 0 : attempt.lane,
            hasEDNS: attempt.hasEDNS
        )
        guard let lane = lane(of: kind, query: attempt.query, now: now) else {
            completions.append(
                Completion(attempt: attempt.id, outcome: .failed(.failed("c-ares could not make a channel")))
            )
            return
        }
        lane.send(attempt, identifier: identifiers.next(), now: now)
        lane.takeCompletions(into: &completions)
    }

    private mutating func lane(of kind: Lane.Kind, query: UInt64, now: MonotonicTime) -> Lane? {
        if let index = current.firstIndex(where: { $0.kind == kind }) {
            let lane = current[index]
            switch kind.transport {
            case .tcp:
                if !isUnpipelined(kind.server, now: now) { return lane }
            case .udp:
                if lane.mayTakeMore(settings.sourcePorts, now: now), !lane.hasSeenFormatError, !lane.hasAsked(query) {
                    return lane
                }
            }
            retired.append(current.remove(at: index))
        }
        // Those of name servers that are not asked any longer would lie open for ever.
        retire { [policy = settings.sourcePorts] lane in
            guard lane.inFlight == 0 else { return false }
            return lane.kind.transport == .tcp ? lane.descriptor < 0 : !lane.mayTakeMore(policy, now: now)
        }
        let lane = Lane(kind, attemptLifetime: settings.attemptLifetime, now: now)
        if let lane { current.append(lane) }
        return lane
    }

    private func isUnpipelined(_ server: ServerAddress, now: MonotonicTime) -> Bool {
        unpipelined[server].map { now < $0 } ?? false
    }

    // MARK: Retiring and closing

    /// Takes the lanes that `query` was asked on out of use.
    mutating func retire(servedBy query: UInt64) {
        retire { $0.hasAsked(query) }
    }

    private mutating func retire(where isUnfit: (Lane) -> Bool) {
        retired += current.filter(isUnfit)
        current.removeAll(where: isUnfit)
    }

    /// Lanes that are kept for a late answer: no more sockets than this lie open beside those in use. Where a port serves one
    /// query alone, each of the attempts that may be open has one.
    private var maximumRetired: Int { max(256, settings.sourcePorts.maximumOpen) }

    /// Closes retired lanes on which nothing is in flight, and the oldest when there are too many, or too many attempts on
    /// them.
    mutating func close(completions: inout [Completion]) {
        guard !retired.isEmpty else { return }
        giveUp(retired.dropLast(maximumRetired) + surplus, completions: &completions)
        retired.removeAll { lane in
            guard lane.inFlight == 0 else { return false }
            messagesSentOnClosed += lane.messagesSent
            return true
        }
    }

    /// The retired lanes behind those, from the youngest on, that may keep their attempts.
    private var surplus: [Lane] {
        let most = settings.sourcePorts.maximumOpen
        let inFlight = current.reduce(0) { $0 + $1.inFlight } + retired.reduce(0) { $0 + $1.inFlight }
        guard inFlight > most else { return [] }
        var open: [ServerAddress: Int] = [:]
        for lane in current { open[lane.kind.server, default: 0] += lane.inFlight }
        return retired.reversed().filter { lane in
            open[lane.kind.server, default: 0] += lane.inFlight
            return open[lane.kind.server, default: 0] > most
        }
    }

    /// Closes everything, whatever is in flight.
    func closeAll() {
        for lane in current { lane.close() }
        for lane in retired { lane.close() }
    }

    // MARK: Waiting

    /// Sleeps until a socket is ready, the waker is used or the time has come, and collects what ended.
    mutating func wait(until time: MonotonicTime?, waker: Waker, completions: inout [Completion]) {
        descriptors.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: waker.readEnd, events: Int16(POLLIN), revents: 0))
        for lane in current { add(lane) }
        for lane in retired { add(lane) }
        // Sound: the array's storage is valid for the call, which is told its true count.
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds(until: time))
        if ready > 0 {
            if descriptors[0].revents != 0 { waker.clear() }
            var place = 1
            for lane in current { process(lane, polledAt: &place, completions: &completions) }
            for lane in retired { process(lane, polledAt: &place, completions: &completions) }
        }
        giveUp(now: .now, completions: &completions)
    }

    private mutating func add(_ lane: Lane) {
        guard lane.descriptor >= 0 else { return }
        descriptors.append(pollfd(fd: lane.descriptor, events: lane.events, revents: 0))
    }

    /// - Parameter place: that of the next descriptor. Nothing but itself opens or closes a lane's, so the lanes that have one
    ///   stand in the order in which they were added.
    private mutating func process(_ lane: Lane, polledAt place: inout Int, completions: inout [Completion]) {
        guard lane.descriptor >= 0 else { return }
        let events = Int32(descriptors[place].revents)
        place += 1
        guard events != 0 else { return }
        let isBroken = events & (POLLERR | POLLHUP | POLLNVAL) != 0
        lane.process(
            readable: isBroken || events & POLLIN != 0,
            writable: events & POLLOUT != 0 || isBroken && lane.events & Int16(POLLOUT) != 0,
            hasErrors: isBroken
        )
        let earlier = completions.count
        lane.takeCompletions(into: &completions)
        note(completions[earlier...], of: lane)
    }

    /// A connection that ends with several answers owed is one of a name server that does not care for pipelining.
    private mutating func note(_ ended: ArraySlice<Completion>, of lane: Lane) {
        guard lane.kind.transport == .tcp, ended.count(where: \.isClosed) > 1 else { return }
        unpipelined[lane.kind.server] = .now + settings.sourcePorts.maximumAge
    }

    /// Ends what is too old. It is not left to c-ares, whose clock stands still while the machine is suspended.
    private mutating func giveUp(now: MonotonicTime, completions: inout [Completion]) {
        guard let time = giveUpTime, time <= now else { return }
        let lifetime = settings.attemptLifetime
        func isTooOld(_ lane: Lane) -> Bool {
            lane.giveUpTime(lifetime).map { $0 <= now } ?? false
        }
        // These are closed before anything else happens to them: c-ares 1.18.1 frees the messages that a connection has not
        // sent yet, and would send them when the connection is made after all.
        retire(where: isTooOld)
        giveUp(retired.filter(isTooOld), completions: &completions)
    }

    private func giveUp(_ lanes: [Lane], completions: inout [Completion]) {
        for lane in lanes {
            lane.giveUp()
            lane.takeCompletions(into: &completions)
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

/// Identifiers that nobody can guess (RFC 5452 section 9.2), so many at once that the system is seldom asked.
private struct Identifiers {
    private var numbers: [UInt16] = []

    mutating func next() -> UInt16 {
        if let number = numbers.popLast() { return number }
        // 256 octets are the most that one call gives. Sound: it is told the array's true size.
        numbers = Array(repeating: 0, count: 128)
        if getentropy(&numbers, 256) != 0 { numbers = [] }
        return .random(in: .min ... .max)
    }
}

extension Lane {
    /// Whether the port, over UDP, may take another query.
    fileprivate func mayTakeMore(_ policy: SourcePortPolicy, now: MonotonicTime) -> Bool {
        policy.allows(opened: opened, queries: queryCount, now: now)
    }

    /// When the last attempt in flight is older than `lifetime`; `nil` while none is.
    fileprivate func giveUpTime(_ lifetime: Duration) -> MonotonicTime? {
        inFlight > 0 ? lastSent + lifetime : nil
    }

    fileprivate func takeCompletions(into taken: inout [Completion]) {
        guard !completions.isEmpty else { return }
        taken += completions
        completions.removeAll(keepingCapacity: true)
    }
}

extension Completion {
    fileprivate var isClosed: Bool {
        if case .failed(.closed) = outcome { true } else { false }
    }
}
