internal import DNSTransport

/// One question on its way: which message to send next, when, and when to give up.
///
/// A value that is told what happened and asked what to do. An attempt that has not answered within its interval is
/// followed by another, from a fresh source port and to the next name server; the earlier ones stay open, and the first
/// good answer to any of them wins.
struct QueryFlight: ~Copyable {
    enum Action: Equatable {
        case send(Send)
        /// Nothing before this moment.
        case wait(until: MonotonicTime)
        case finish(QueryFailure)
    }

    struct Send: Equatable {
        /// The name server's number in the pool.
        var server: Int
        var transport: Attempt.Transport
        var hasEDNS: Bool
        /// How long the attempt has before the next one is sent, if it fails.
        var interval: Duration
        /// How long it has while nothing is heard of it: longer, where the name server is known to be slow.
        var patience: Duration
        /// Whether it is sent because the attempt before has not been answered in its interval.
        var followsSilence = false
    }

    /// What an attempt that brought no answer came to.
    enum Outcome: Equatable {
        /// Nothing came for as long as the transport waits: no news, the next attempt has long been sent.
        case silent
        /// The name server or the network said so; asking it again at once is no use.
        case failed(QueryFailure)
        /// The answer is there, but only TCP can carry it.
        case truncated
        /// The name server does not know EDNS (RFC 6891 section 7).
        case withoutEDNS
        /// The connection was closed by a name server that no longer wanted it: an accident of timing, once.
        case closed
    }

    struct Sent {
        var id: UInt64
        var server: Int
        var transport: Attempt.Transport
        /// May still be answered.
        var isOpen = true
        /// Somebody said that it failed.
        var hasFailed = false
        /// The messages that have left, as far as is known: c-ares repeats some by itself.
        var messageCount = 1
    }

    let question: Question
    let started: MonotonicTime
    /// When the flight ends without an answer. It may be put off by those who wait longer.
    var deadline: MonotonicTime
    private let policy: ResolverConfiguration.Retry
    private let usesTCP: Bool
    /// Whether the name is in the cluster.
    let isInside: Bool

    private(set) var attempts: [Sent] = []
    private var retryAt: MonotonicTime?
    /// The same where the last attempt has failed.
    private var retryAfterFailureAt: MonotonicTime?
    private var isUrgent = true
    /// The name server that has said how it is to be asked, and is asked so at once: another may know nothing of the name.
    private var sameServer: Int?
    private var hasEDNS = true
    /// The name server whose answer only TCP can carry: the name exists, whatever another says.
    private(set) var truncatedBy: Int?
    private var wasClosed = false
    /// Attempts that failed, by an answer or without one.
    private var failures = 0
    private var lastFailure: QueryFailure?

    init(
        question: Question,
        policy: ResolverConfiguration.Retry,
        usesTCP: Bool,
        isInside: Bool,
        started: MonotonicTime,
        deadline: MonotonicTime
    ) {
        self.question = question
        self.policy = policy
        self.usesTCP = usesTCP
        self.isInside = isInside
        self.started = started
        self.deadline = deadline
    }

    /// Failures of three attempts are enough to believe them, where there is no other name server to ask.
    private static let enoughFailures = 3

    func next(now: MonotonicTime, servers: NameServerPool) -> Action {
        guard now < deadline else { return .finish(outcome(servers)) }
        let hasFailed = failures >= Self.enoughFailures && !isUrgent
        // Where it has, what is still awaited gets its interval, and no more.
        if let retryAt, now < retryAt, !isUrgent, !hasFailed || attempts.contains(where: \.isOpen) {
            return .wait(until: min(retryAt, deadline))
        }
        let (server, isUnasked) = choose(servers)
        if hasFailed, !isUnasked { return .finish(outcome(servers)) }
        let interval = policy.interval(after: attempts.count)
        let patience = min(servers.patience(with: server, isInside: isInside), policy.maximumInterval)
        return .send(
            Send(
                server: server,
                transport: transport(isUnasked: isUnasked),
                hasEDNS: hasEDNS,
                interval: interval,
                patience: max(interval, patience),
                followsSilence: !isUrgent
            )
        )
    }

    /// The name server to ask next, and whether it has not been asked yet. What was tried over TCP instead of UDP says nothing
    /// of UDP.
    private func choose(_ servers: NameServerPool) -> (server: Int, isUnasked: Bool) {
        if isUrgent, let sameServer, servers.address(sameServer) != nil { return (sameServer, true) }
        let isTCPWanted = isTCPWanted
        let asked = attempts.filter { $0.transport == .udp || isTCPWanted }.map(\.server)
        let server = servers.choose(avoiding: asked, isInside: isInside)
        return (server, !asked.contains(server))
    }

    private var isTCPWanted: Bool { usesTCP || truncatedBy != nil }

    /// The third attempt goes over TCP: where datagrams get lost, or a middlebox eats them, a connection may get
    /// through. Where others have failed, a name server that has not been asked is asked over UDP first.
    private func transport(isUnasked: Bool) -> Attempt.Transport {
        if isTCPWanted { return .tcp }
        return attempts.count < 2 || hasAskedOverTCP || isUrgent && isUnasked ? .udp : .tcp
    }

    private var hasAskedOverTCP: Bool { attempts.contains { $0.transport == .tcp } }

    mutating func sent(_ id: UInt64, _ send: Send, now: MonotonicTime) {
        attempts.append(Sent(id: id, server: send.server, transport: send.transport))
        retryAt = now + send.patience
        retryAfterFailureAt = now + send.interval
        isUrgent = false
        sameServer = nil
    }

    /// An attempt has failed before its message left.
    mutating func notSent(_ id: UInt64) {
        for index in attempts.indices where attempts[index].id == id { attempts[index].messageCount = 0 }
    }

    /// An attempt has been sent that many times more.
    mutating func repeated(_ id: UInt64, _ count: Int) {
        for index in attempts.indices where attempts[index].id == id { attempts[index].messageCount += count }
    }

    /// The messages sent.
    var messageCount: Int { attempts.reduce(0) { $0 + $1.messageCount } }

    mutating func ended(_ id: UInt64, _ outcome: Outcome, servers: NameServerPool) {
        guard let index = attempts.firstIndex(where: { $0.id == id && $0.isOpen }) else { return }
        attempts[index].isOpen = false
        switch outcome {
        case .silent:
            break
        case .truncated:
            askAgain(attempts[index].server, if: truncatedBy == nil)
            truncatedBy = truncatedBy ?? attempts[index].server
            lastFailure = nil
        case .withoutEDNS:
            askAgain(attempts[index].server, if: hasEDNS)
            hasEDNS = false
        case .closed:
            let isRepeated = wasClosed
            wasClosed = true
            askAgain(attempts[index].server, if: !isRepeated)
            if isRepeated { isUrgent = choose(servers).isUnasked }
            // Over UDP that was another's answer, or rubbish: what has come is no answer to this question.
            guard attempts[index].transport == .tcp else { return }
            attempts[index].hasFailed = true
            if isRepeated { failures += 1 }
            if index == attempts.indices.last { retryAt = retryAfterFailureAt }
            note(
                QueryFailure(
                    code: .unreachable,
                    reason: "the name server closed the connection without an answer",
                    nameServer: servers.address(attempts[index].server)
                )
            )
        case .failed(let failure):
            attempts[index].hasFailed = true
            note(failure)
            if index == attempts.indices.last { retryAt = retryAfterFailureAt }
            let isUnasked = choose(servers).isUnasked
            failures += failure.isPolicy && !isUnasked ? Self.enoughFailures : 1
            // Where no datagram has come through to any of them, a connection may.
            let isTCPLeft = lastFailure?.code == .unreachable && failures >= Self.enoughFailures && !hasAskedOverTCP
            isUrgent = isUnasked || isTCPLeft
        }
    }

    /// Asks a name server again at once, the first time that it has to be asked so.
    private mutating func askAgain(_ server: Int, if isFirst: Bool) {
        isUrgent = isFirst
        sameServer = isFirst ? server : nil
    }

    /// What a name server answered says more than that another attempt did not reach it.
    private mutating func note(_ failure: QueryFailure) {
        let unasked: [ClusterDNSError.Code] = [.unreachable, .overloaded]
        if unasked.contains(failure.code), let lastFailure, !unasked.contains(lastFailure.code) { return }
        lastFailure = failure
    }

    /// What to say when there is no answer.
    func outcome(_ servers: NameServerPool) -> QueryFailure {
        let server = attempts.last.flatMap { servers.address($0.server) }
        let isAnsweredOverTCP = [.serverFailure, .malformedResponse].contains(lastFailure?.code)
        if truncatedBy != nil, !isAnsweredOverTCP {
            return QueryFailure(
                code: .truncated,
                reason: "the answer does not fit UDP, and TCP port \(server?.port ?? 53) gives none: "
                    + "a NetworkPolicy must allow DNS over TCP/53 as well as UDP/53",
                nameServer: server
            )
        }
        if var lastFailure {
            // Many name servers answer UDP alone.
            let isSilentOverUDP = !usesTCP && attempts.allSatisfy { $0.transport == .tcp || !$0.hasFailed }
            if lastFailure.code == .unreachable, isSilentOverUDP {
                lastFailure.code = .timedOut
                lastFailure.reason = "no answer over UDP, and " + lastFailure.reason
            }
            return lastFailure
        }
        return QueryFailure(
            code: .timedOut,
            reason: attempts.isEmpty
                ? "too many queries were in flight" : "no name server answered",
            nameServer: server
        )
    }
}

extension QueryFailure {
    /// Whether a name server has decided so, as with REFUSED, rather than been out of order: it will say the same again.
    var isPolicy: Bool { code == .serverFailure && responseCode != .serverFailure }
}

extension ResolverConfiguration.Retry {
    /// As many as it takes to last 22 s with the intervals that are the default.
    private static let quickAttempts = 24

    /// How long the attempt after `count` others has before the next one is sent. However short the intervals are to be,
    /// a flight that goes on for long is not repeated more than once a second.
    func interval(after count: Int) -> Duration {
        var interval = firstInterval
        // Doubled by addition: the multiplication of a duration is generic, and many times slower.
        for _ in 0..<min(count, 16) where interval < maximumInterval { interval += interval }
        interval = min(interval, maximumInterval)
        return count < Self.quickAttempts ? interval : max(interval, .seconds(1))
    }
}
