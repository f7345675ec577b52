internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// One c-ares channel for one name server: one UDP source port, or one TCP connection.
///
/// A lane belongs to the loop thread; nothing of it may be touched from another. It owns its channel from `init` to
/// `close()`, at the latest in `deinit`, and hands c-ares unretained pointers to itself: they are sound because c-ares uses
/// them only inside of calls that the lane makes, the last of them `ares_destroy` in `close()`.
///
/// c-ares' callbacks only note what happened. Nothing is called back into c-ares from them (CVE-2026-33630,
/// c-ares #1256): what was noted is taken after the call has returned.
final class Lane {
    struct Kind: Equatable {
        let server: ServerAddress
        let transport: Attempt.Transport
        let lane: UInt8
        /// Whether queries with an OPT record leave from here, or those without.
        let hasEDNS: Bool
    }

    let kind: Kind
    let opened: MonotonicTime

    /// The socket and what it is waited on for; -1 while there is none.
    private(set) var descriptor: Int32 = -1
    private(set) var events: Int16 = 0

    /// Attempts that c-ares has not called back for.
    private(set) var inFlight = 0
    /// When the last of them was sent.
    private(set) var lastSent: MonotonicTime
    /// The questions that were asked from here, each once; over TCP those that are in flight.
    private var queries: [UInt64] = []
    private var greatestQuery: UInt64 = 0
    /// The name server has answered FORMERR: c-ares takes the channel for one without EDNS from then on, and cuts all
    /// answers to 512 octets.
    private(set) var hasSeenFormatError = false
    /// Datagrams sent, and messages over connections.
    private(set) var messagesSent = 0
    /// Messages over a connection that nothing has been sent over since they came.
    private var messagesQueued = 0

    /// What ended since it was last taken.
    var completions: [Completion] = []

    private var channel: ares_channel?
    /// Those of the datagrams in flight, as they were sent: later versions of c-ares choose them themselves.
    private var identifiers: [UInt16] = []
    /// Those of datagrams that c-ares has sent again by itself.
    private var repeated: [UInt16] = []
    /// The attempt that is being sent.
    private var sending: AttemptContext?
    /// Attempts over UDP that c-ares has not called back for, where it reads messages.
    private var unanswered: [AttemptContext] = []
    /// Those whose answer c-ares was given in this call.
    private var answered: [AttemptContext] = []
    /// Whether one attempt was in flight when c-ares began to read.
    private var isAlone = false
    /// The last error of the socket in this call into c-ares.
    private var lastError: Int32 = 0
    /// Whether the socket is a connection: c-ares from 1.29 on may choose so where UDP was asked for, by `RES_OPTIONS`.
    private var isStream = false
    /// Of this connection.
    private var streamMessages = StreamMessages()
    private var readsSinceWakeUp = 0
    /// `poll(2)` has found errors on the socket.
    private var hasErrors = false

    init?(_ kind: Kind, attemptLifetime: Duration, now: MonotonicTime) {
        self.kind = kind
        self.opened = now
        self.lastSent = now
        let flags =
            ARES_FLAG_STAYOPEN  // the socket outlives the moments in which nothing is pending
            | ARES_FLAG_IGNTC  // a truncated answer is ours to ask again, over TCP
            | ARES_FLAG_NOCHECKRESP  // SERVFAIL and the like come with their message
            // Only with EDNS does c-ares take answers of more than 512 octets. But then it answers FORMERR by cutting
            // what it believes to be the OPT record off the query, and sending the rest.
            | (kind.hasEDNS ? ARES_FLAG_EDNS : 0) | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_PRIMARY
            | (kind.transport == .tcp ? ARES_FLAG_USEVC : 0)
        let milliseconds = Int32(clamping: attemptLifetime.wholeNanoseconds / 1_000_000)
        let status = shim_init(
            &channel,
            flags,
            max(1, milliseconds),
            // What c-ares cuts answers to, not what is offered to the name server: that stands in the query. More
            // than was offered is taken too, as far as c-ares' own buffer goes.
            Lane.receiveBufferSize,
            { data, descriptor, readable, writable in
                Lane.from(data)?.socketChanged(descriptor, readable: readable != 0, writable: writable != 0)
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
        guard status == shim_success, let channel else { return nil }
        shim_set_socket_functions(channel, SocketFunctions.ofLanes, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        close()
    }

    /// Ends the channel. A lane with attempts in flight is closed before it is let go: c-ares calls back for them, and
    /// they cannot name a lane that is no more.
    func close() {
        guard let channel else { return }
        ares_destroy(channel)
        self.channel = nil
    }

    /// Ends the attempts in flight, which have brought nothing.
    func giveUp() {
        guard let channel else { return }
        ares_cancel(channel)
    }

    /// The size of the buffer that c-ares 1.18.1 reads a datagram into.
    private static let receiveBufferSize: Int32 = 4096

    /// Sound: the pointer is one that `init` made of a lane which is alive during every call into c-ares.
    static func from(_ data: UnsafeMutableRawPointer?) -> Lane? {
        data.map { Unmanaged<Lane>.fromOpaque($0).takeUnretainedValue() }
    }

    private var transport: Attempt.Transport { kind.transport }
    private var server: ServerAddress { kind.server }

    // MARK: Sending

    var queryCount: Int { queries.count }

    /// Questions are numbered as they come, so nearly always a look at the greatest is enough.
    func hasAsked(_ query: UInt64) -> Bool {
        query <= greatestQuery && queries.contains(query)
    }

    /// - Parameter identifier: one that nobody can guess. c-ares 1.18.1 leaves it to the caller, and needs it unlike those
    ///   that are in flight only where the question is the same. That has at most one attempt on a lane, but for one asked again
    ///   after a flush, which has its own by all odds.
    func send(_ attempt: Attempt, identifier: UInt16, now: MonotonicTime) {
        guard let channel, attempt.message.count >= 12, let length = Int32(exactly: attempt.message.count) else {
            return
        }
        queries.append(attempt.query)
        greatestQuery = max(greatestQuery, attempt.query)
        lastSent = now
        inFlight += 1
        messagesQueued += transport == .tcp ? 1 : 0
        lastError = 0
        let attemptContext = AttemptContext(attempt: attempt, lane: self)
        sending = attemptContext
        defer { sending = nil }
        let context = Unmanaged.passRetained(attemptContext)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: attempt.message.count) { message in
            // Sound: as many octets are initialized as there are, and c-ares copies them before it returns.
            _ = message.initialize(from: attempt.message)
            message[0] = UInt8(identifier >> 8)
            message[1] = UInt8(identifier & 0xFF)
            shim_send(
                channel,
                message.baseAddress,
                length,
                { context, status, _, answer, length in
                    // Sound: c-ares calls back exactly once for each query, which balances the retain above; the answer
                    // is `length` octets, valid until this function returns, and is copied before that.
                    guard let context else { return }
                    let attempt = Unmanaged<AttemptContext>.fromOpaque(context).takeRetainedValue()
                    let octets = UnsafeBufferPointer(start: answer, count: answer == nil ? 0 : max(0, Int(length)))
                    attempt.lane.ended(attempt, status: status, message: octets)
                },
                context.toOpaque()
            )
        }
    }

    private func ended(_ attempt: AttemptContext, status: Int32, message: UnsafeBufferPointer<UInt8>) {
        inFlight -= 1
        if transport == .tcp, let index = queries.firstIndex(of: attempt.query) { queries.remove(at: index) }
        if let identifier = attempt.identifier, let index = identifiers.firstIndex(of: identifier) {
            identifiers.remove(at: index)
        }
        if !attempt.isOver { complete(attempt, outcome(of: attempt, status, message)) }
    }

    private func complete(_ attempt: AttemptContext, _ outcome: Completion.Outcome) {
        attempt.isOver = true
        if let index = unanswered.firstIndex(where: { $0 === attempt }) { unanswered.remove(at: index) }
        var repeats = 0
        if !repeated.isEmpty, let identifier = attempt.identifier {
            repeats = repeated.count { $0 == identifier }
            repeated.removeAll { $0 == identifier }
        }
        completions.append(Completion(attempt: attempt.id, outcome: outcome, repeats: repeats))
    }

    /// What came is handed over as it came. c-ares from 1.22 on reads messages itself. Over UDP it passes over those that it cannot
    /// read, or, from 1.34 on, ends all queries of the channel for one; it ends a connection for one, and says up to 1.31 that its
    /// queries have timed out. Later versions write messages anew.
    private func outcome(
        of attempt: AttemptContext,
        _ status: Int32,
        _ message: UnsafeBufferPointer<UInt8>
    ) -> Completion.Outcome {
        if status == shim_success || status == shim_bad_response, let answer = attempt.answer {
            return .message(answer)
        }
        if status == shim_success, !message.isEmpty {
            // c-ares has compared the identifier with its own.
            let answer = streamMessages.take {
                $0.prefix(2).elementsEqual(message.prefix(2)) && attempt.isAsked(in: $0)
            }
            return .message(answer ?? Array(message))
        }
        if isStream, status == shim_bad_response || status == shim_timed_out && lastError == 0,
            let answer = streamMessages.take(where: { attempt.isAsked(in: $0) })
        {
            return .message(answer)
        }
        return .failed(failure(status))
    }

    private func failure(_ status: Int32) -> AttemptFailure {
        switch status {
        case shim_cancelled: return .noResponse
        // c-ares 1.22 to 1.32 says so of errors of a socket, too.
        case shim_timed_out where lastError == 0: return .noResponse
        case shim_destroyed: return .closed
        case shim_timed_out, shim_connection_refused: break
        case shim_bad_response: return isStream && isAlone ? .malformed : .closed
        default: return .failed(String(cString: ares_strerror(status)))
        }
        // c-ares says "refused" for every error of a socket; which it was is known to the socket functions.
        switch lastError {
        case ECONNREFUSED: return .refused
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EPERM, EACCES, EADDRNOTAVAIL, ENONET: return .unreachable
        // The machine has no such family, or no longer the interface.
        case EAFNOSUPPORT, EPROTONOSUPPORT, ENODEV, EINVAL: return .unreachable
        case ETIMEDOUT: return .noResponse
        case 0, ECONNRESET, EPIPE, ECONNABORTED: return .closed
        default: return .failed(String(cString: strerror(lastError)))
        }
    }

    // MARK: Receiving

    /// Lets c-ares read and write what `poll(2)` found ready, and give up what is too old.
    func process(readable: Bool, writable: Bool, hasErrors: Bool) {
        guard let channel else { return }
        readsSinceWakeUp = 0
        self.hasErrors = hasErrors
        lastError = 0
        isAlone = inFlight == 1
        shim_process(
            channel,
            readable ? descriptor : ARES_SOCKET_BAD,
            writable ? descriptor : ARES_SOCKET_BAD,
            // A connection may always have something in flight, and then nobody else gives up what is too old.
            transport == .udp ? 1 : 0
        )
        if isStream { streamMessages.dropComplete() }
        if !answered.isEmpty { takePassedOver() }
    }

    /// Ends the attempts whose answers c-ares has passed over; it calls back for them in the end.
    private func takePassedOver() {
        for attempt in answered where !attempt.isOver {
            let answer = attempt.answer.take()
            if let answer, Lane.passesOverMessages { complete(attempt, .message(answer)) }
        }
        answered.removeAll(keepingCapacity: true)
    }

    private static let libraryVersion = shim_library_version()
    /// Whether c-ares reads messages (from 1.22 on).
    private static let readsMessages = libraryVersion >= 0x01_1600
    /// Whether it waits for another where it cannot read one, and for nothing else (to 1.32): 1.33 does so, too, but may also wait
    /// because a cookie is wrong.
    private static let passesOverMessages = readsMessages && libraryVersion < 0x01_2100

    private func socketChanged(_ descriptor: Int32, readable: Bool, writable: Bool) {
        if readable || writable {
            self.descriptor = descriptor
            events = Int16(readable ? POLLIN : 0) | Int16(writable ? POLLOUT : 0)
        } else if descriptor == self.descriptor {
            self.descriptor = -1
            events = 0
        }
    }

    // MARK: The socket functions that c-ares calls

    func openSocket(type: Int32) -> Int32 {
        let family = server.octets.count == 4 ? AF_INET : AF_INET6
        #if canImport(Darwin)
            isStream = type == SOCK_STREAM
            let descriptor = socket(family, type, 0)
            guard descriptor >= 0 else { return noted(descriptor) }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            enable(SO_NOSIGPIPE, SOL_SOCKET, on: descriptor)
        #else
            isStream = UInt32(bitPattern: type) == SOCK_STREAM.rawValue
            let flags = Int32(bitPattern: SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(family, type | flags, 0)
            guard descriptor >= 0 else { return noted(descriptor) }
            // Without it Linux tells a datagram socket of a closed port, but not of a network that cannot be reached.
            if !isStream {
                enable(
                    family == AF_INET ? IP_RECVERR : IPV6_RECVERR,
                    family == AF_INET ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6),
                    on: descriptor
                )
            }
        #endif
        streamMessages = StreamMessages()
        // Those that waited for an earlier connection have ended with it.
        messagesQueued = min(messagesQueued, inFlight)
        if isStream { enable(TCP_NODELAY, Int32(IPPROTO_TCP), on: descriptor) }
        return descriptor
    }

    private func enable(_ option: Int32, _ level: Int32, on descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func connect(_ descriptor: Int32) -> Int32 {
        let result = server.withSocketAddress { address, length in
            #if canImport(Darwin)
                Darwin.connect(descriptor, address, length)
            #elseif canImport(Musl)
                Musl.connect(descriptor, address, length)
            #else
                Glibc.connect(descriptor, address, length)
            #endif
        }
        // A connection that is under way is no error.
        if result < 0, errno != EINPROGRESS { lastError = errno }
        return result
    }

    func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawPointer?, room: Int) -> Int {
        // c-ares reads until there is nothing more. Where no answer is due any longer, the question whether there is
        // more is a system call saved; anything that still came is read at the next wake-up. Later versions read all before
        // they look at any of it: who sends without an end must not keep the loop there.
        let isDone = !isStream && readsSinceWakeUp > 0 && inFlight == 0
        guard !isDone, readsSinceWakeUp < Lane.readsPerWakeUp else {
            errno = EAGAIN
            return -1
        }
        readsSinceWakeUp += 1
        for _ in 0..<Lane.unawaitedDatagrams {
            let count = recv(descriptor, buffer, room, 0)
            if isStream, count >= 0 {
                if count == 0 { lastError = ECONNRESET }
                // Nothing is due: what a name server says unasked could go on for ever. c-ares ends the connection.
                if inFlight == 0 {
                    lastError = ECONNRESET
                    errno = ECONNRESET
                    return -1
                }
                // Sound: as many octets were just written to the buffer.
                streamMessages.receive(UnsafeRawBufferPointer(start: buffer, count: count))
                return count
            }
            if count >= 0 {
                guard isAwaited(buffer, count) else { continue }
                // Sound: as many octets were just written to the buffer, twelve at least.
                note(UnsafeRawBufferPointer(start: buffer, count: count))
                return count
            }
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EWOULDBLOCK { return takeErrors(of: descriptor) }
            lastError = errno
            return count
        }
        errno = EAGAIN
        return -1
    }

    /// Whether a datagram has the identifier of one in flight. Others are nothing that c-ares must see: 1.18.1 takes an empty
    /// one for the end of the socket, 1.34 one that is no message for the end of all attempts.
    private func isAwaited(_ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Bool {
        // Sound: `count` octets were just written to the buffer, and two need no alignment.
        guard count >= 12, let octets = buffer?.loadUnaligned(as: UInt16.self) else { return false }
        let identifier = UInt16(bigEndian: octets)
        return identifiers.contains(identifier)
    }

    /// Keeps what c-ares is given, where it reads messages itself.
    private func note(_ octets: UnsafeRawBufferPointer) {
        if octets[3] & 0xF == 1 {
            hasSeenFormatError = true
            // c-ares repeats the query without EDNS.
            if kind.hasEDNS { return }
        }
        guard Lane.readsMessages, let attempt = unanswered.first(where: { $0.isAnswered(by: octets) }) else { return }
        attempt.answer = Array(octets)
        answered.append(attempt)
    }

    /// What is left when nothing can be read: errors that the network reported of earlier datagrams, one of which may
    /// have ended a later one's sending. While they lie there, `poll(2)` would return at once, over and over.
    private func takeErrors(of descriptor: Int32) -> Int {
        #if os(Linux)
            if hasErrors, !isStream {
                hasErrors = false
                let error = shim_take_errors(descriptor)
                if error != 0 { lastError = error }
                errno = error != 0 ? error : EAGAIN
                return -1
            }
        #endif
        errno = EAGAIN
        return -1
    }

    private static let readsPerWakeUp = 64

    /// How many datagrams that nobody waits for are read past before other sockets get their turn.
    private static let unawaitedDatagrams = 16

    func send(_ descriptor: Int32, _ parts: UnsafePointer<iovec>?, count: Int32) -> Int {
        // c-ares always has something to send.
        guard let parts, count > 0 else { return 0 }
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            // A connection that the name server has closed must not end the process with SIGPIPE.
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        let sent: Int
        if count == 1 {
            sent = sendPart(descriptor, parts.pointee, flags)
        } else {
            var message = msghdr()
            message.msg_iov = UnsafeMutablePointer(mutating: parts)
            // Of more the system sends nothing (IOV_MAX); what is left is sent next time.
            message.msg_iovlen = numericCast(min(count, 1024))
            sent = sendmsg(descriptor, &message, flags)
        }
        if sent < 0 {
            // A datagram that there is no room for is not kept for later, or it would go out as part of another attempt.
            if errno == EAGAIN, !isStream { errno = ENOBUFS }
            if errno != EAGAIN, errno != EINTR { lastError = errno }
        } else if transport == .udp {
            messagesSent += 1
        } else {
            messagesSent += messagesQueued
            messagesQueued = 0
        }
        if sent >= 0, !isStream { noteIdentifier(parts.pointee) }
        return sent
    }

    private func noteIdentifier(_ part: iovec) {
        // Sound: it is the first of the message that c-ares has just had us send, and two octets need no alignment.
        guard part.iov_len >= 2, let octets = part.iov_base?.loadUnaligned(as: UInt16.self) else { return }
        let identifier = UInt16(bigEndian: octets)
        // c-ares repeats some by itself, such as those without EDNS after a FORMERR.
        guard sending != nil || !identifiers.contains(identifier) else {
            repeated.append(identifier)
            return
        }
        identifiers.append(identifier)
        guard let sending else { return }
        sending.identifier = identifier
        if Lane.readsMessages { unanswered.append(sending) }
    }

    private func noted(_ result: Int32) -> Int32 {
        lastError = errno
        return result
    }
}

/// Outside of the lane, whose own `send` hides the system's.
private func sendPart(_ descriptor: Int32, _ part: iovec, _ flags: Int32) -> Int {
    // Sound: the part is c-ares' own, and is as long as it says.
    send(descriptor, part.iov_base, part.iov_len, flags)
}
