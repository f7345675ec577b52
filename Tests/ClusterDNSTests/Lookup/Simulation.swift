import DNSTransport
import Testing

@testable import ClusterDNS

/// A lookup engine with a network and a clock that the test moves: hours pass in milliseconds, and the same way each
/// time.
final class Simulation {
    /// What a name server does with a message.
    enum Reply {
        case message(Message)
        case octets([UInt8])
        case failure(AttemptFailure)
        /// The same, after longer than an answer takes.
        indirect case delayed(Reply, by: Duration)
        case silence
    }

    struct Sent {
        let attempt: Attempt
        let question: Question
        let time: MonotonicTime
    }

    var engine: LookupEngine
    let front: FrontTable
    let mailbox: Mailbox
    let counters = Counters()
    let names: NameExpander

    private(set) var now = MonotonicTime(nanoseconds: 0)
    private(set) var sent: [Sent] = []
    private(set) var overdue: [UInt64] = []
    private(set) var isFinished = false
    private(set) var sourcePorts: SourcePortPolicy?
    /// Which static peers callers know.
    var planVersion = 0
    private(set) var turns = 0
    /// The engine has not come to rest. There is no use in more of it.
    private(set) var isInCircles = false
    /// How long an answer takes.
    var latency = Duration.milliseconds(1)
    var server: (Question, Attempt) -> Reply
    private var underWay: [(time: MonotonicTime, completion: Completion)] = []

    init(
        nameServers: [String] = ["10.96.0.10"],
        families: [RecordType] = [.a],
        usesTCP: Bool = false,
        nameServerChange: @escaping () -> [NameServer]? = { nil },
        report: ((LoopReport) -> Void)? = nil,
        warn: ((ClusterDNSError) -> Void)? = nil,
        configuration change: (inout ResolverConfiguration) -> Void = { _ in },
        server: @escaping (Question, Attempt) -> Reply
    ) throws {
        var configuration = ResolverConfiguration()
        change(&configuration)
        let mailbox = Mailbox(waker: try #require(Waker()), capacity: LookupEngine.maximumWaiters)
        front = FrontTable(
            capacity: configuration.cache.capacity,
            failureCapacity: configuration.cache.negativeCapacity,
            onAwaitedRead: { _ = mailbox.post(.read($0)) }
        )
        names = NameExpander(namespace: "default", clusterDomain: .clusterLocal)
        engine = LookupEngine(
            settings: LookupEngine.Settings(
                configuration: configuration,
                nameServers: try nameServers.map { try NameServer($0) },
                clusterDomain: .clusterLocal,
                families: families,
                usesTCP: usesTCP
            ),
            mailbox: mailbox,
            front: front,
            counters: counters,
            seed: 1,
            nameServerChange: nameServerChange,
            report: report,
            warn: warn
        )
        engine.eventsPerTurn = 256
        self.mailbox = mailbox
        self.server = server
    }

    // MARK: Asking

    func plan(_ name: String, _ kind: LookupKey.Kind = .addresses) throws -> LookupPlan {
        guard case .candidates(let candidates) = try names.expand(name).outcome else {
            throw ClusterDNSError(code: .invalidName, message: "not a name to ask for", name: name)
        }
        let key = LookupKey(name: name, kind: kind)
        return LookupPlan(
            key: key,
            candidates: candidates,
            outside: names.outside(of: candidates),
            version: planVersion
        )
    }

    /// Asks as a caller would who did not find the name in the front table.
    ///
    /// - Parameter isForced: whether he waits for a service to come, past what is known.
    @discardableResult
    func ask(
        _ name: String,
        _ kind: LookupKey.Kind = .addresses,
        timeout: Duration = .seconds(5),
        isForced: Bool = false
    ) throws -> Waiter {
        let waiter = Waiter(name: name, started: now, deadline: now + timeout)
        _ = mailbox.post(.look(try plan(name, kind), waiter, isForced: isForced))
        return waiter
    }

    func abandon(_ waiter: Waiter, _ name: String) {
        waiter.end(with: .failure(CancellationError()))
        _ = mailbox.post(.abandon(LookupKey(name: name, kind: .addresses)))
    }

    /// Forgets the names that a name may be, as a resolver does.
    func flush(_ name: String) throws {
        let names = Set(try plan(name).candidates)
        front.flush(names)
        _ = mailbox.post(.flush(names))
    }

    /// Asks as callers do: the front table first, then the engine; waits for the outcome.
    func resolve(_ name: String, timeout: Duration = .seconds(5)) throws -> EndpointSet.Contents {
        let key = LookupKey(name: name, kind: .addresses)
        if let outcome = front.outcome(of: key) { return try outcome.get() }
        let waiter = try ask(name, timeout: timeout)
        run(for: timeout + .milliseconds(1)) { waiter.outcome != nil }
        return try #require(waiter.outcome).get()
    }

    /// Holds a handle on a name.
    func watch(_ name: String, _ kind: LookupKey.Kind = .addresses, id: UInt64 = 1) throws -> LivePeers {
        let live = LivePeers()
        _ = mailbox.post(.watch(try plan(name, kind), id: id, live))
        return live
    }

    // MARK: Time

    /// Lets time pass, and everything happen that happens in it: of one moment a bounded number of turns.
    func run(for duration: Duration, until isDone: () -> Bool = { false }) {
        let end = now + duration
        var (turns, moment) = (0, now)
        while !isInCircles {
            let wakeUp = turn()
            if isDone() || isFinished { return }
            let next = [wakeUp, underWay.map(\.time).min()].compactMap { $0 }.min()
            guard let next, next <= end else { break }
            now = max(now, next)
            if now > moment { (turns, moment) = (0, now) }
            turns += 1
            isInCircles = turns > 200
            if isInCircles { Issue.record("the engine runs in circles") }
        }
        now = end
    }

    /// Stops the process: time passes, what arrives is only seen afterwards.
    func pause(for duration: Duration) {
        now = now + duration
    }

    private func turn() -> MonotonicTime? {
        while true {
            turns += 1
            var orders = Orders()
            orders.messagesSent = sent.count
            let due = underWay.filter { $0.time <= now }.sorted { $0.time < $1.time }
            underWay.removeAll { $0.time <= now }
            engine.turn(now: now, completions: due.map(\.completion), orders: &orders)
            overdue += orders.overdue
            sourcePorts = orders.sourcePorts ?? sourcePorts
            isFinished = orders.isFinished
            for attempt in orders.attempts { send(attempt) }
            if isFinished || engine.mayFallAsleep() { return orders.wakeUp }
        }
    }

    private func send(_ attempt: Attempt) {
        guard let question = try? Message(decoding: attempt.message).question else {
            Issue.record("a message that cannot be read")
            return
        }
        sent.append(Sent(attempt: attempt, question: question, time: now))
        let outcome: Completion.Outcome
        var reply = server(question, attempt)
        var latency = latency
        if case .delayed(let later, let delay) = reply { (reply, latency) = (later, delay) }
        switch reply {
        case .message(let message): outcome = .message(message.encoded())
        case .octets(let octets): outcome = .message(octets)
        case .failure(let failure): outcome = .failed(failure)
        case .silence, .delayed: return
        }
        underWay.append((now + latency, Completion(attempt: attempt.id, outcome: outcome)))
    }
}

extension Simulation.Reply {
    static func late(_ failure: AttemptFailure, after delay: Duration) -> Simulation.Reply {
        .delayed(.failure(failure), by: delay)
    }

    /// Nothing to AAAA.
    static func ipv4Only(_ question: Question, _ reply: @autoclosure () -> Simulation.Reply) -> Simulation.Reply {
        question.type == .aaaa ? .silence : reply()
    }

    static func addresses(_ question: Question, _ addresses: String..., ttl: UInt32 = 5) -> Simulation.Reply {
        let records = addresses.compactMap { IPAddress($0) }
            .filter { ($0.family == .ipv4) == (question.type == .a) }
            .map { Record(name: question.name, ttl: ttl, data: .address($0)) }
        return .message(Message(isResponse: true, question: question, answers: records))
    }

    static func code(_ code: ResponseCode, _ question: Question, minimum: UInt32? = 5) -> Simulation.Reply {
        let start = minimum.map {
            Record(
                name: .clusterLocal,
                ttl: $0,
                data: .soa(
                    StartOfAuthority(
                        primary: .root,
                        mailbox: .root,
                        serial: 1,
                        refresh: 1,
                        retry: 1,
                        expire: 1,
                        minimum: $0
                    )
                )
            )
        }
        return .message(
            Message(
                isResponse: true,
                responseCode: code,
                question: question,
                authorities: start.map { [$0] } ?? []
            )
        )
    }

    /// SRV records for port 80.
    static func service(_ question: Question, targets: [String] = ["a.example"], ttl: UInt32) -> Simulation.Reply {
        let records = targets.map { target in
            let service = ServiceRecord(priority: 0, weight: 1, port: 80, target: DomainName(target) ?? .root)
            return Record(name: question.name, ttl: ttl, data: .srv(service))
        }
        return .message(Message(isResponse: true, question: question, answers: records))
    }

    /// A CNAME record, and nothing about what it leads to, unless by the response code: NXDOMAIN is that of its end.
    static func alias(
        _ question: Question,
        _ target: String,
        ttl: UInt32,
        _ responseCode: ResponseCode = .noError
    ) -> Simulation.Reply {
        let record = Record(name: question.name, ttl: ttl, data: .cname(DomainName(target) ?? .root))
        return .message(
            Message(isResponse: true, responseCode: responseCode, question: question, answers: [record])
        )
    }

    /// For `web-0.nginx`: the service in the namespace `nginx`, while it is there, is 10.0.0.1; the pod of the service in
    /// our own, which is always there, 10.9.9.9.
    static func twoMeanings(_ question: Question, isFirstThere: Bool) -> Simulation.Reply {
        if question.name == DomainName("web-0.nginx.default.svc.cluster.local") {
            return .addresses(question, "10.9.9.9")
        }
        return isFirstThere ? .addresses(question, "10.0.0.1") : .code(.nameError, question)
    }

    static func truncated(_ question: Question) -> Simulation.Reply {
        .message(Message(isResponse: true, isTruncated: true, question: question))
    }
}

extension Result where Success == EndpointSet.Contents, Failure == any Error {
    var error: ClusterDNSError? {
        if case .failure(let error) = self { error as? ClusterDNSError } else { nil }
    }
}

extension LivePeers {
    var addresses: [String]? { contents?.endpoints.map(\.address.description) }
}

extension FrontTable {
    /// The addresses of a name as it was given: as a caller reads them.
    func addresses(of name: String) -> EndpointSet.Contents? {
        copy(of: name) ?? (try? outcome(of: LookupKey(name: name, kind: .addresses))?.get())
    }
}
