import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("The lookup engine and bad DNS, in simulated time", .timeLimit(.minutes(5)))
struct BadDNSTests {
    @Test("A report in an outage has DNS asked again within 5 s, however long it has failed")
    func reportInOutage() throws {
        var isDown = false
        var address = "10.0.0.1"
        let simulation = try Simulation { question, _ in
            isDown ? .code(.serverFailure, question) : .addresses(question, address, ttl: 30)
        }
        let plan = try simulation.plan("service-b")
        let live = Handles().live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        simulation.run(for: .seconds(1))
        isDown = true
        func report(for seconds: Int) {
            for _ in 0..<(seconds * 10) {
                live.report(Endpoint(address: IPAddress(ipv4: 0x0A00_0001)), nil)
                simulation.run(for: .milliseconds(100))
            }
        }
        let sent = simulation.sent.count
        report(for: 120)
        // Three messages each time, with pauses of 1 and 2 s to begin with.
        #expect((3 * 20...3 * 28).contains(simulation.sent.count - sent), "\(simulation.sent.count - sent)")
        address = "10.0.0.2"
        isDown = false
        report(for: 6)
        #expect(live.addresses == ["10.0.0.2"])
    }

    @Test("One report in the pause after a failure is heard when 5 s are over, and asks once")
    func oneReportInOutage() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            isDown ? .code(.serverFailure, question) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        let plan = try simulation.plan("service-b")
        let live = Handles().live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        simulation.run(for: .seconds(1))
        isDown = true
        // Until the pause is 30 s.
        simulation.run(for: .seconds(150))
        let sent = simulation.sent.count
        simulation.run(for: .seconds(60)) { simulation.sent.count > sent + 2 }
        simulation.run(for: .seconds(1))
        let failed = simulation.sent.count
        live.report(Endpoint(address: IPAddress(ipv4: 0x0A00_0001)), nil)
        simulation.run(for: .seconds(2))
        #expect(simulation.sent.count == failed)
        simulation.run(for: .seconds(4))
        #expect(simulation.sent.count == failed + 3)
        simulation.run(for: .seconds(10))
        #expect(simulation.sent.count == failed + 3)
    }

    @Test("One report is heard within 5 s, too, where a family has never had an answer")
    func reportBesideFailingFamily() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa ? .code(.serverFailure, question) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        let plan = try simulation.plan("service-b")
        let live = Handles().live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        // Until the pause of AAAA is 30 s, and has just begun.
        simulation.run(for: .seconds(150))
        let sent = simulation.sent.count
        simulation.run(for: .seconds(60)) { simulation.sent.dropFirst(sent).contains { $0.question.type == .aaaa } }
        simulation.run(for: .seconds(1))
        let before = simulation.sent.count
        live.report(Endpoint(address: IPAddress(ipv4: 0x0A00_0001)), nil)
        simulation.run(for: .seconds(20))
        let later = simulation.sent[before...]
        #expect(later.contains { $0.question.type == .aaaa })
        #expect(later.count { $0.question.type == .a } <= 6, "\(later.map(\.question))")
    }

    @Test("A name server that refuses names outside is asked first for those inside all the same")
    func refusing() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            if attempt.server.octets == [10, 0, 0, 2] { return .code(.nameError, question) }
            let isInside = question.name.isWithin(.clusterLocal)
            return isInside ? .addresses(question, "10.1.0.1") : .code(.refused, question)
        }
        for index in 0..<20 {
            #expect(throws: ClusterDNSError.self) { try simulation.resolve("name-\(index).example.com.") }
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
        }
    }

    @Test("A name keeps its meaning whatever the case of its letters, and an error has it as it was given")
    func letterCase() throws {
        var isFirstThere = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: isFirstThere) }
        _ = try simulation.resolve("web-0.nginx")
        isFirstThere = false
        simulation.run(for: .seconds(31))
        let waiter = try simulation.ask("WEB-0.Nginx")
        simulation.run(for: .seconds(1))
        #expect(waiter.outcome?.error?.code == .noSuchService)
        #expect(waiter.outcome?.error?.name == "WEB-0.Nginx")
    }

    @Test("A negative answer with a TTL of zero is kept for as long as an answer is")
    func negativeWithoutTTL() throws {
        let simulation = try Simulation { question, _ in .code(.nameError, question, minimum: 0) }
        for _ in 0..<100 {
            #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b.payments.svc") }
            simulation.run(for: .milliseconds(10))
        }
        #expect(simulation.sent.count <= 2, "\(simulation.sent.count)")
    }

    @Test("What a truncated answer comes to over TCP is the outcome; that TCP is blocked, only where nothing comes")
    func truncatedAndFailing() throws {
        let simulation = try Simulation { question, attempt in
            attempt.transport == .udp ? .truncated(question) : .code(.serverFailure, question)
        }
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .seconds(6)) { waiter.outcome != nil }
        #expect(waiter.outcome?.error?.code == .serverFailure)
        simulation.server = { question, attempt in
            attempt.transport == .udp ? .truncated(question) : .failure(.refused)
        }
        let blocked = try simulation.ask("service-c")
        simulation.run(for: .seconds(6)) { blocked.outcome != nil }
        #expect(blocked.outcome?.error?.code == .truncated)
    }

    @Test("Where UDP is silent and TCP refused or closed that is a timeout, and the error names both", arguments: 0..<2)
    func silentAndRefused(kind: Int) throws {
        for timeout in [Duration.seconds(1), .seconds(5), .seconds(8)] {
            let simulation = try Simulation { question, attempt in
                if attempt.transport == .tcp { return .failure([.refused, .closed][kind]) }
                // The transport gives an attempt up after 5 s.
                return .late(.noResponse, after: .seconds(5))
            }
            let waiter = try simulation.ask("service-b", timeout: timeout)
            simulation.run(for: .seconds(9)) { waiter.outcome != nil }
            #expect(waiter.outcome?.error?.code == .timedOut)
            let message = waiter.outcome?.error?.message ?? ""
            let reason = ["nobody listens on TCP port 53", "the name server closed the connection"][kind]
            #expect(message.contains("no answer over UDP, and \(reason)"), "\(message)")
        }
    }

    @Test(
        "Messages over UDP that end a query without answering it, another's or rubbish, are no answer to wait for less"
    )
    func rubbish() throws {
        var isOver = false
        let simulation = try Simulation { question, attempt in
            if isOver { return .addresses(question, "10.0.0.1") }
            return .failure(attempt.transport == .udp ? .closed : .refused)
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .timedOut)
        // One at once, the others at their intervals.
        #expect(simulation.sent.count <= 9, "\(simulation.sent.count)")
        let waiter = try simulation.ask("service-c")
        simulation.run(for: .seconds(3))
        isOver = true
        simulation.run(for: .seconds(2))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
    }

    @Test("A family that fails beside one that answers is asked for every half a minute in the end")
    func failingFamily() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .a ? .addresses(question, "10.0.0.1", ttl: 30) : .code(.serverFailure, question)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(120))
        let before = simulation.sent.count
        simulation.run(for: .seconds(300))
        #expect(live.addresses == ["10.0.0.1"])
        let (a, aaaa) = (
            simulation.sent[before...].count { $0.question.type == .a },
            simulation.sent[before...].count { $0.question.type == .aaaa }
        )
        #expect(a <= 26 && aaaa <= 3 * 13, "\(a) and \(aaaa)")
    }

    @Test("One family's addresses that come late are given at once when the other's have not come either")
    func lateFamily() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, attempt in
            .ipv4Only(question, .addresses(question, "10.0.0.1"))
        }
        simulation.latency = .milliseconds(1300)
        _ = try simulation.resolve("service-b")
        #expect(simulation.now == MonotonicTime(nanoseconds: 1_300_000_000))
    }

    @Test("A stale SRV answer is joined with stale addresses, as early as any stale answer is given")
    func staleTargets() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            guard !isDown else { return .silence }
            guard question.type == .srv else { return .addresses(question, "10.0.0.1") }
            return .service(question, ttl: 5)
        }
        try simulation.ask("service-b", .services)
        simulation.run(for: .seconds(10))
        isDown = true
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(201))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["10.0.0.1:80"])
    }

    @Test("A caller's deadline holds through an outage that is shorter", arguments: [(30, 12), (120, 60)])
    func longPatience(seconds: Int, outage: Int) throws {
        let start = MonotonicTime(nanoseconds: 0)
        let simulation = try Simulation { _, _ in .silence }
        simulation.server = { [unowned simulation] question, _ in
            if simulation.now > start + .seconds(outage) { return .addresses(question, "10.0.0.1") }
            // The transport gives an attempt up after 5 s.
            return .late(.noResponse, after: .seconds(5))
        }
        #expect(try simulation.resolve("service-b", timeout: .seconds(seconds)).endpoints.count == 1)
        #expect(simulation.now < start + .seconds(outage + 2))
    }

    @Test("A question that waits for a place is given up when the caller who came last would")
    func queuedPatience() throws {
        let simulation = try Simulation(configuration: { $0.limits.queriesInFlight = 1 }) { _, _ in .silence }
        for index in 0..<100 { try simulation.ask("busy-\(index)", timeout: .seconds(60)) }
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(1))
        let waiter = try simulation.ask("service-b", timeout: .seconds(8))
        simulation.run(for: .milliseconds(8001))
        #expect(waiter.outcome?.error?.code == .timedOut)
        #expect(live.health.lastError?.code == .timedOut)
    }

    @Test("Thousands of callers of one name, each with a deadline of its own, are let go in time")
    func manyDeadlines() throws {
        let simulation = try Simulation { _, _ in .silence }
        let waiters = try (0..<10_000).map {
            try simulation.ask("service-b", timeout: .milliseconds(500) + .microseconds($0))
        }
        let turns = simulation.turns
        simulation.run(for: .milliseconds(520))
        #expect(waiters.allSatisfy { $0.outcome?.error?.code == .timedOut })
        #expect(waiters.allSatisfy { ($0.outcome?.error?.elapsed ?? .zero) <= .milliseconds(520) })
        #expect(simulation.turns - turns < 20)
    }

    @Test("A caller who has given up before the engine hears of him asks nothing")
    func cancelledEarly() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let waiter = Waiter(name: "service-b", started: simulation.now, deadline: simulation.now + .seconds(5))
        simulation.abandon(waiter, "service-b")
        _ = simulation.mailbox.post(.look(try simulation.plan("service-b"), waiter))
        simulation.run(for: .milliseconds(1))
        #expect(simulation.sent.isEmpty)
        #expect(simulation.engine.waiterCount == 0)
    }

    @Test("A name whose deletion is hidden is not asked for by every caller")
    func hiddenDeletion() throws {
        var exists = true
        let simulation = try Simulation(configuration: { $0.cache.hidesDeletionsWithStale = true }) { question, _ in
            exists ? .addresses(question, "10.0.0.1", ttl: 5) : .code(.nameError, question)
        }
        _ = try simulation.resolve("service-b")
        exists = false
        simulation.run(for: .seconds(6))
        for _ in 0..<100 {
            #expect(try simulation.resolve("service-b").endpoints.count == 1)
            simulation.run(for: .milliseconds(10))
        }
        #expect(simulation.sent.count == 2)
    }

    @Test("The deletion of a service of one family is hidden on a pod of both")
    func hiddenDeletionOfOneFamily() throws {
        var exists = true
        let simulation = try Simulation(
            families: [.a, .aaaa],
            configuration: { $0.cache.hidesDeletionsWithStale = true }
        ) { question, _ in
            guard exists else { return .code(.nameError, question) }
            return question.type == .aaaa ? .addresses(question, "fd00::1", ttl: 5) : .code(.noError, question)
        }
        let live = try simulation.watch("service-b")
        _ = try simulation.resolve("service-b")
        exists = false
        for _ in 0..<10 {
            simulation.run(for: .seconds(6))
            #expect(try simulation.resolve("service-b").endpoints.map(\.description) == ["fd00::1"])
        }
        #expect(live.health.lastError?.code == .noSuchService)
        // DNS does answer.
        #expect(simulation.engine.watches.values.allSatisfy { !$0.isFailing })
    }

    @Test("Questions that nobody answers keep those who wait for a place out for one interval, not to the deadline")
    func placesGivenUp() throws {
        let simulation = try Simulation(configuration: { $0.limits.queriesInFlight = 8 }) { question, _ in
            question.name.description.hasPrefix("dead") ? .silence : .addresses(question, "10.0.0.1")
        }
        for number in 0..<16 { try simulation.ask("dead-\(number)") }
        simulation.run(for: .milliseconds(100))
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(600))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
    }

    @Test("An alias whose end does not exist is not looked for elsewhere, where the name server has followed it")
    func danglingAlias() throws {
        let simulation = try Simulation { question, _ in
            guard question.name == DomainName("db.payments.svc.cluster.local") else {
                return .addresses(question, "10.9.9.9")
            }
            return .alias(question, "gone.example", ttl: 5, .nameError)
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("db.payments") }
        #expect(error?.code == .noSuchService)
        #expect(error?.absoluteName == "db.payments.svc.cluster.local.")
        #expect(error?.canonicalName == "gone.example.")
        #expect(error?.message.contains("an alias for gone.example.") == true)
    }

    @Test("A target whose address came along for the other family alone is asked for")
    func otherFamilyAlong() throws {
        let simulation = try Simulation(families: [.aaaa]) { question, _ in
            guard question.type == .srv else { return .addresses(question, "fd00::1") }
            let target = DomainName("a.example") ?? .root
            let service = ServiceRecord(priority: 0, weight: 1, port: 80, target: target)
            return .message(
                Message(
                    isResponse: true,
                    question: question,
                    answers: [Record(name: question.name, ttl: 5, data: .srv(service))],
                    additionals: [Record(name: target, ttl: 5, data: .address(IPAddress(ipv4: 0x0A00_0001)))]
                )
            )
        }
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(10))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["[fd00::1]:80"])
    }

    @Test("A set made of what the cache still had is no success of now")
    func successOfThen() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            isDown ? .silence : .addresses(question, "10.0.0.1", ttl: 30)
        }
        let start = simulation.now
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(10))
        isDown = true
        simulation.run(for: .seconds(29))
        #expect(simulation.sent.count > 1)
        #expect(live.health.lastSuccess == start)
    }

    @Test("A report that comes too soon after another is heard a second after that")
    func secondReport() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(10))
        #expect(live.addresses == ["10.0.0.1"])
        for sent in [2, 2] {
            _ = simulation.mailbox.post(Self.report)
            simulation.run(for: .milliseconds(400))
            #expect(simulation.sent.count == sent)
        }
        simulation.run(for: .milliseconds(400))
        #expect(simulation.sent.count == 3)
    }

    @Test(
        "A report while a question is on its way has the name asked for again after its answer, once a second at most"
    )
    func reportMeanwhile() throws {
        let simulation = try Simulation { question, _ in
            .delayed(.addresses(question, "10.0.0.1", ttl: 30), by: .milliseconds(100))
        }
        let report = { _ = simulation.mailbox.post(Self.report) }
        _ = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(50))
        report()
        simulation.run(for: .milliseconds(40))
        #expect(simulation.sent.count == 1)
        // Its answer may be older than the report.
        simulation.run(for: .milliseconds(20))
        #expect(simulation.sent.count == 2)
        for _ in 0..<100 {
            report()
            simulation.run(for: .milliseconds(30))
        }
        #expect(simulation.sent.count == 5)
        let times = simulation.sent.map(\.time)
        #expect(zip(times.dropFirst(1), times.dropFirst(2)).allSatisfy { $1 - $0 >= .seconds(1) })
        // The last question is later than the last report.
        simulation.run(for: .seconds(10))
        #expect(simulation.sent.count == 5)
    }

    private static let report = Mailbox.Command.reported(LookupKey(name: "service-b", kind: .addresses))

    @Test("A report while one family is silent has the other asked for again once a second at most")
    func reportWithSilentFamily() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .addresses(question, "10.0.0.1", ttl: 30))
        }
        _ = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(500))
        _ = simulation.mailbox.post(Self.report)
        simulation.run(for: .seconds(6))
        let times = simulation.sent.filter { $0.question.type == .a }.map(\.time)
        #expect((2...7).contains(times.count))
        #expect(zip(times.dropFirst(1), times.dropFirst(2)).allSatisfy { $1 - $0 >= .seconds(1) })
    }

    @Test("A report while one family fails and the other is silent does not keep the loop busy")
    func reportWithFailingFamilies() throws {
        var isBad = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            guard isBad else { return .addresses(question, "10.0.0.1", "fd00::1", ttl: 5) }
            return .ipv4Only(question, .code(.serverFailure, question))
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(2))
        isBad = true
        let sent = simulation.sent.count
        simulation.run(for: .seconds(40)) { simulation.sent.count > sent }
        simulation.run(for: .milliseconds(900))
        _ = simulation.mailbox.post(Self.report)
        let turns = simulation.turns
        simulation.run(for: .seconds(10))
        #expect(simulation.turns - turns < 1000)
        #expect(live.addresses == ["10.0.0.1", "fd00::1"])
    }

    @Test("A report during a lookup that nobody waits for any more has the name asked for all the same")
    func reportBeforeAbandoned() throws {
        var isSilent = false
        let simulation = try Simulation { question, _ in
            isSilent ? .silence : .addresses(question, "10.0.0.1", ttl: 30)
        }
        _ = try simulation.watch("service-b")
        // Its first refresh is anywhere in the TTL.
        simulation.run(for: .seconds(30))
        try simulation.flush("service-b")
        simulation.run(for: .milliseconds(1))
        isSilent = true
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(10))
        _ = simulation.mailbox.post(Self.report)
        simulation.run(for: .milliseconds(10))
        simulation.abandon(waiter, "service-b")
        simulation.run(for: .milliseconds(1))
        isSilent = false
        // The query is repeated after 250 ms, and its answer followed by another question.
        let sent = simulation.sent.count
        simulation.run(for: .milliseconds(300))
        #expect(simulation.sent.count == sent + 2)
    }

    @Test("What is wrong with records of another type of its name says nothing about a handle")
    func failureOfOtherType() throws {
        var isSRVBad = false
        let simulation = try Simulation { question, _ in
            guard question.type == .srv else { return .addresses(question, "10.0.0.1", ttl: 5) }
            return isSRVBad ? .code(.serverFailure, question) : .service(question, ttl: 5)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(1))
        for isBad in [false, true] {
            isSRVBad = isBad
            try simulation.ask("service-b", .services)
            simulation.run(for: .seconds(10))
        }
        simulation.run(for: .seconds(60))
        #expect(live.health.lastError == nil)
        #expect(live.health.lastSuccess.map { simulation.now - $0 < .seconds(10) } == true)
        #expect(!simulation.engine.watches.values.contains { $0.isFailing })
    }

    @Test("Questions that nobody waits for any more leave the queue, those that were sent before, too")
    func forgottenRetries() throws {
        let simulation = try Simulation(configuration: { $0.limits.queriesInFlight = 2 }) { _, _ in .silence }
        let waiters = try (0..<20).map { try simulation.ask("dead-\($0)") }
        simulation.run(for: .milliseconds(300))
        for (number, waiter) in waiters.enumerated() { simulation.abandon(waiter, "dead-\(number)") }
        simulation.run(for: .milliseconds(1))
        #expect(simulation.engine.queues.count == 0)
    }

    @Test("A handle tells when the end of its alias cannot be asked for any more")
    func failingEndOfAlias() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            if question.name == DomainName("db.default.svc.cluster.local") {
                return .alias(question, "a.example", ttl: 5)
            }
            return isDown ? .code(.serverFailure, question) : .addresses(question, "203.0.113.1", ttl: 5)
        }
        let live = try simulation.watch("db")
        simulation.run(for: .seconds(1))
        #expect(live.addresses == ["203.0.113.1"])
        isDown = true
        simulation.run(for: .seconds(20))
        #expect(live.addresses == ["203.0.113.1"])
        #expect(live.health.lastError?.code == .serverFailure)
        #expect(live.health.lastError?.absoluteName == "a.example.")
        #expect(simulation.engine.watches.values.contains { $0.isFailing })
    }

    @Test("Chance failures of all kinds leave nothing behind", arguments: 0..<10 as Range<UInt64>)
    func nothingLeftBehind(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let simulation = try Simulation(
            nameServers: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
            families: [.a, .aaaa],
            configuration: {
                $0.limits.queriesInFlight = 4
                $0.limits.queueLength = 50
            }
        ) { _, _ in .silence }
        simulation.server = { question, _ in
            switch Int.random(in: 0..<12, using: &random) {
            // The transport gives each attempt up in the end, which frees the place of a probe.
            case 0, 8: .late(.noResponse, after: .seconds(5))
            case 1: .failure(.refused)
            case 2: .failure(.closed)
            case 3: .code(.serverFailure, question)
            case 4: .truncated(question)
            case 5: .octets([])
            case 6: .code(.nameError, question)
            case 7: .code(.formatError, question)
            default: .addresses(question, "10.0.0.1", "fd00::1")
            }
        }
        var waiters: [Waiter] = []
        var chance = SplitMix64(seed: ~seed)
        for _ in 0..<1000 {
            let name = "service-\(Int.random(in: 0..<100, using: &chance))"
            let timeout = Duration.milliseconds(Int.random(in: 1...6000, using: &chance))
            let waiter = try simulation.ask(name, timeout: timeout)
            waiters.append(waiter)
            if Bool.random(using: &chance) {
                simulation.run(for: .milliseconds(Int.random(in: 0...20, using: &chance)))
            }
            if Int.random(in: 0..<4, using: &chance) == 0 { simulation.abandon(waiter, name) }
        }
        simulation.run(for: .seconds(40))
        #expect(waiters.allSatisfy { $0.outcome != nil })
        #expect(simulation.engine.waiterCount == 0)
        #expect(simulation.engine.lookups.isEmpty)
        #expect(simulation.engine.flights.isEmpty && simulation.engine.queues.count == 0)
        #expect(simulation.engine.servers.placesTaken == 0)
    }

    @Test(
        "What the name server answered is told, not that it has no TCP port",
        arguments: [ClusterDNSError.Code.serverFailure, .malformedResponse]
    )
    func answerBeforeRefusal(code: ClusterDNSError.Code) throws {
        let simulation = try Simulation { question, attempt in
            switch (attempt.transport, code) {
            case (.tcp, _): .failure(.refused)
            case (_, .serverFailure): .code(.serverFailure, question)
            default: .failure(.malformed)
            }
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == code)
        #expect(simulation.sent.map(\.attempt.transport) == [.udp, .udp, .tcp])
    }
}
