import DNSTransport
import Testing

@testable import ClusterDNS

/// What one caller, handle or name does to the others.
@Suite("The lookup engine: callers, handles and names side by side, in simulated time", .timeLimit(.minutes(5)))
struct SideBySideTests {
    // MARK: Callers and handles

    @Test("A handle is kept fresh although a caller who asked at the same time has given up")
    func callerBesideHandle() throws {
        var (exists, isSilent) = (false, false)
        let simulation = try Simulation { question, _ in
            isSilent ? .silence : exists ? .addresses(question, "10.0.0.1") : .code(.nameError, question)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(30))
        let sent = simulation.sent.count
        simulation.run(for: .seconds(10)) { simulation.sent.count > sent }
        // The negative answer is over, and the handle's own time is within half a second.
        simulation.run(for: .milliseconds(5002))
        isSilent = true
        let caller = try simulation.ask("service-b", timeout: .milliseconds(600))
        simulation.run(for: .milliseconds(700))
        #expect(caller.outcome?.error?.code == .timedOut)
        (exists, isSilent) = (true, false)
        simulation.run(for: .seconds(7))
        #expect(live.addresses == ["10.0.0.1"])
    }

    @Test("What only handles wanted to know that are gone is not asked, and keeps nobody waiting")
    func droppedHandles() throws {
        let simulation = try Simulation { question, _ in
            .delayed(.addresses(question, "10.0.0.1"), by: .milliseconds(20))
        }
        let names = (0..<2000).map { "service-\($0)" }
        let handles = try names.map { try simulation.watch($0) }
        // What others want to know, too, is asked.
        _ = simulation.mailbox.post(.look(try simulation.plan("service-1998"), nil))
        let waiter = try simulation.ask("service-1999")
        simulation.run(for: .milliseconds(10))
        #expect(simulation.engine.queues.count > 1000)
        for name in names { _ = simulation.mailbox.post(.unwatch(LookupKey(name: name, kind: .addresses), id: 1)) }
        let sent = simulation.sent.count
        simulation.run(for: .milliseconds(50))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
        #expect(simulation.sent.count == sent + 2)
        #expect(simulation.engine.lookups.isEmpty && simulation.engine.queues.count == 0)
        withExtendedLifetime(handles) {}
    }

    @Test("A handle that is let go while its name server is silent has nothing repeated")
    func droppedHandle() throws {
        let simulation = try Simulation { _, _ in .silence }
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(10))
        _ = simulation.mailbox.post(.unwatch(LookupKey(name: "service-b", kind: .addresses), id: 1))
        simulation.run(for: .seconds(60))
        #expect(simulation.sent.count == 1)
        withExtendedLifetime(live) {}
    }

    @Test("A handle stays with its candidate whoever else asks for the name", arguments: [false, true])
    func heldCandidate(isForced: Bool) throws {
        var exists = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: exists) }
        let live = try simulation.watch("web-0.nginx")
        simulation.run(for: .seconds(10))
        exists = false
        for _ in 0..<100 {
            simulation.run(for: .milliseconds(370))
            try simulation.ask("web-0.nginx", isForced: isForced)
        }
        #expect(live.addresses == [])
        // Other static peers have every handle planned anew.
        _ = simulation.mailbox.post(.watch(try simulation.plan("web-0.nginx"), id: 1, live))
        simulation.run(for: .seconds(10))
        #expect(live.addresses == [])
    }

    @Test("A name that once resolved stays with its candidate while it is asked for, and is forgotten with it")
    func keptCandidate() throws {
        var exists = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: exists) }
        #expect(try simulation.resolve("web-0.nginx").endpoints.count == 1)
        exists = false
        simulation.run(for: .seconds(6))
        for _ in 0..<100 {
            let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("web-0.nginx") }
            #expect(error?.code == .noSuchService)
            simulation.run(for: .seconds(7))
        }
        simulation.run(for: .seconds(1200))
        #expect(try simulation.resolve("web-0.nginx").endpoints.map(\.description) == ["10.9.9.9"])
    }

    @Test(
        "A name stays with its candidate, whatever type of record it is that says that it is gone",
        arguments: [false, true]
    )
    func keptCandidateOfAnyType(isServiceFirst: Bool) throws {
        var exists = true
        let simulation = try Simulation { question, _ in
            guard exists, question.type == .srv else { return .twoMeanings(question, isFirstThere: exists) }
            return .service(question, targets: ["web-0.nginx.svc.cluster.local"], ttl: 5)
        }
        let kinds = isServiceFirst ? [LookupKey.Kind.services, .addresses] : [.addresses, .services]
        for kind in kinds { try simulation.ask("web-0.nginx", kind) }
        simulation.run(for: .seconds(6))
        exists = false
        for kind in kinds {
            let waiter = try simulation.ask("web-0.nginx", kind)
            simulation.run(for: .seconds(6))
            #expect(waiter.outcome?.error?.code == .noSuchService, "\(kind)")
        }
    }

    @Test("Which of its candidates a name stands for is not decided by those who ask for another name")
    func otherNames() throws {
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: true) }
        let absolute = "web-0.nginx.default.svc.cluster.local."
        #expect(try simulation.resolve(absolute).endpoints.map(\.description) == ["10.9.9.9"])
        #expect(try simulation.resolve("web-0.nginx").endpoints.map(\.description) == ["10.0.0.1"])
        // Nor by what they did not find.
        simulation.server = { question, _ in .code(.nameError, question) }
        simulation.run(for: .seconds(6))
        #expect(throws: ClusterDNSError.self) { try simulation.resolve(absolute) }
        simulation.server = { question, _ in .twoMeanings(question, isFirstThere: true) }
        #expect(try simulation.resolve("web-0.nginx").endpoints.map(\.description) == ["10.0.0.1"])
    }

    // MARK: Deadlines

    @Test("Callers with little patience leave the ports and the name server that do not answer, too")
    func littlePatience() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] ? .silence : .addresses(question, "10.1.0.1")
        }
        var found = 0
        for index in 0..<20 {
            let waiter = try simulation.ask("service-\(index)", timeout: .milliseconds(200))
            simulation.run(for: .milliseconds(300))
            if case .success? = waiter.outcome { found += 1 }
        }
        #expect(found >= 19)
        #expect(!simulation.overdue.isEmpty)
    }

    @Test("A lookup that may not take as long as a retry's interval leaves its port all the same")
    func shortLookups() throws {
        let simulation = try Simulation(configuration: { $0.lookupTimeout = .milliseconds(100) }) { _, _ in .silence }
        for index in 0..<5 {
            try simulation.ask("service-\(index)", timeout: .milliseconds(100))
            simulation.run(for: .milliseconds(150))
        }
        #expect(Set(simulation.overdue) == Set(simulation.sent.map(\.attempt.query)))
    }

    @Test("A deadline that is past when the loop hears of it has passed")
    func pastDeadline() throws {
        let simulation = try Simulation { _, _ in .silence }
        let first = try simulation.ask("service-b", timeout: .zero)
        simulation.run(for: .zero)
        #expect(first.outcome?.error?.code == .timedOut)
        try simulation.ask("service-c")
        simulation.run(for: .seconds(2))
        let second = try simulation.ask("service-c", timeout: .milliseconds(-1))
        simulation.run(for: .zero)
        #expect(second.outcome?.error?.code == .timedOut)
    }

    @Test("One caller's deadline is that caller's own: the others wait for the better answer")
    func ownCompromise() throws {
        var address = "10.0.0.1"
        let simulation = try Simulation { question, _ in .addresses(question, address, ttl: 5) }
        simulation.latency = .milliseconds(100)
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(6))
        address = "10.0.0.2"
        let patient = try simulation.ask("service-b")
        let hurried = try simulation.ask("service-b", timeout: .milliseconds(10))
        simulation.run(for: .milliseconds(11))
        #expect(try hurried.outcome?.get().endpoints.map(\.description) == ["10.0.0.1"])
        #expect(patient.outcome == nil)
        simulation.run(for: .milliseconds(100))
        #expect(try patient.outcome?.get().endpoints.map(\.description) == ["10.0.0.2"])
    }

    @Test("Callers in a hurry are answered without DNS once an outage is known, as all others are")
    func hurriedOutage() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in isDown ? .silence : .addresses(question, "10.0.0.1", ttl: 5) }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(6))
        isDown = true
        var waited = 0
        for _ in 0..<300 {
            let before = simulation.now
            #expect(try simulation.resolve("service-b", timeout: .milliseconds(50)).endpoints.count == 1)
            if simulation.now > before { waited += 1 }
            simulation.run(for: .milliseconds(100))
        }
        #expect(waited < 100)
    }

    @Test("A missing port whose service cannot be asked for in time is a missing name, not silence")
    func unexplainedPort() throws {
        let port = DomainName("_http._tcp.service-b.default.svc.cluster.local")
        let simulation = try Simulation { question, _ in
            question.name == port ? .code(.nameError, question) : .silence
        }
        let waiter = try simulation.ask("_http._tcp.service-b", .services, timeout: .seconds(1))
        simulation.run(for: .milliseconds(1001))
        #expect(waiter.outcome?.error?.code == .noSuchService)
    }

    @Test("Targets that have not answered at the deadline are not said to have no address")
    func silentTargets() throws {
        let simulation = try Simulation { question, _ in
            guard question.type == .srv else { return .silence }
            return .service(question, ttl: 30)
        }
        let waiter = try simulation.ask("service-b", .services, timeout: .seconds(1))
        simulation.run(for: .milliseconds(1001))
        #expect(waiter.outcome?.error?.code == .timedOut)
    }

    // MARK: What the cache has

    @Test("Both families of a name in use are asked for again together, so that nobody waits", arguments: [5, 10, 30])
    func refreshOfFamilies(ttl: UInt32) throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .addresses(question, "10.0.0.1", "fd00::1", ttl: ttl)
        }
        _ = try simulation.resolve("service-b")
        for _ in 0..<300 {
            simulation.run(for: .seconds(1))
            #expect(simulation.front.addresses(of: "service-b") != nil)
        }
        // Two for each refresh, and no more of these than there are last fifths of a TTL.
        #expect(simulation.sent.count <= 2 + 2 * 300 / Int(ttl * 3 / 4))
    }

    @Test("A name that is read seldom, but in the last fifth of its TTL, is asked for again, and nobody waits")
    func seldomRead() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        _ = try simulation.resolve("service-b")
        for _ in 0..<20 {
            simulation.run(for: .seconds(27))
            #expect(simulation.front.addresses(of: "service-b") != nil)
        }
        #expect(simulation.sent.count == 20)
    }

    @Test(
        "A name written in three ways is refreshed for each of them, and nobody waits",
        arguments: [1, 5, 30],
        [LookupKey.Kind.addresses, .services]
    )
    func spellings(ttl: UInt32, kind: LookupKey.Kind) throws {
        let simulation = try Simulation { question, _ in
            question.type == .srv ? .service(question, ttl: ttl) : .addresses(question, "10.0.0.1", ttl: ttl)
        }
        let names = ["service-b", "service-b.default", "service-b.default.svc.cluster.local"]
        for name in names { try simulation.ask(name, kind) }
        for _ in 0..<3000 {
            simulation.run(for: .milliseconds(100))
            for name in names {
                let outcome = simulation.front.outcome(of: LookupKey(name: name, kind: kind))
                #expect(outcome != nil)
                if outcome == nil { try simulation.ask(name, kind) }
            }
        }
    }

    @Test("A refresh goes on although the callers whose lookup it joined have given up")
    func refreshBesideCallers() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        simulation.latency = .milliseconds(100)
        _ = try simulation.resolve("service-b")
        // The time to be refreshed, of which the jitter leaves open when exactly it comes, finds a caller's lookup under way.
        simulation.run(for: .milliseconds(23_300))
        _ = try simulation.resolve("service-b")
        simulation.server = { _, _ in .silence }
        for _ in 0..<14 {
            let waiter = try simulation.ask("service-b", isForced: true)
            simulation.run(for: .milliseconds(99))
            simulation.abandon(waiter, "service-b")
            simulation.run(for: .milliseconds(1))
        }
        simulation.server = { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        for _ in 0..<400 {
            #expect(simulation.front.addresses(of: "service-b") != nil)
            simulation.run(for: .milliseconds(50))
        }
    }

    @Test("A reader beside a handle puts off nothing that only the handle would have asked")
    func readerBesideHandle() throws {
        var targets = ["a.example"]
        let simulation = try Simulation { question, _ in
            question.type == .srv
                ? .service(question, targets: targets, ttl: 30) : .addresses(question, "10.0.0.1", ttl: 5)
        }
        let live = try simulation.watch("service-b", .services)
        let key = LookupKey(name: "service-b", kind: .services)
        func read(for duration: Duration) throws {
            let end = simulation.now + duration
            while simulation.now < end {
                if simulation.front.outcome(of: key) == nil { try simulation.ask("service-b", .services) }
                simulation.run(for: .milliseconds(100))
            }
        }
        for round in 0..<10 {
            try read(for: .milliseconds(7300))
            targets = ["a.example", "b\(round).example"]
            try read(for: .seconds(6))
            #expect(live.addresses?.count == 2)
        }
    }

    @Test("An answer that comes late takes the place of no newer one", arguments: [false, true])
    func lateAnswer(isNewerNegative: Bool) throws {
        var isSlow = true
        let simulation = try Simulation { _, _ in .silence }
        simulation.server = { question, attempt in
            if isSlow { return .delayed(.addresses(question, "10.0.0.1", ttl: 5), by: .seconds(4)) }
            return isNewerNegative ? .code(.nameError, question) : .addresses(question, "10.0.0.2", ttl: 5)
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(100))
        isSlow = false
        simulation.run(for: .seconds(4))
        // What the cache has: the front table knows the name by the other way to write it.
        let addresses = try? simulation.resolve("service-b.default").endpoints.map(\.description)
        #expect(addresses == (isNewerNegative ? nil : ["10.0.0.2"]))
        let name = DomainName("service-b.default.svc.cluster.local")
        #expect(simulation.sent.count { $0.question.name == name } == 2)
    }

    @Test("An answer that comes late takes the place of no denial, though the question has failed since")
    func lateBehindFailure() throws {
        var (isRefused, sent) = (false, 0)
        let simulation = try Simulation { question, _ in
            sent += 1
            if isRefused { return .failure(.refused) }
            return sent == 1
                ? .delayed(.addresses(question, "10.0.0.1", ttl: 30), by: .milliseconds(4500))
                : .code(.nameError, question, minimum: nil)
        }
        let first = try simulation.ask("service-b")
        simulation.run(for: .seconds(2))
        #expect(first.outcome?.error?.code == .noSuchService)
        isRefused = true
        try simulation.ask("service-b")
        simulation.run(for: .seconds(4))
        let third = try simulation.ask("service-b")
        simulation.run(for: .seconds(1))
        #expect(third.outcome?.error?.code == .unreachable)
    }

    @Test("However many wait for a service to come, they ask twice a second at most")
    func manyWaitingForService() throws {
        let simulation = try Simulation { question, _ in .code(.nameError, question) }
        // Three hundred, each of which asks every 750 ms.
        for _ in 0..<2000 {
            try simulation.ask("service-b", isForced: true)
            simulation.run(for: .microseconds(2500))
        }
        #expect((9...11).contains(simulation.sent.count))
    }

    @Test("That a name does not exist says nothing of what was asked for later")
    func lateNameError() throws {
        var attempts: [RecordType: Int] = [:]
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            attempts[question.type, default: 0] += 1
            let isFirst = attempts[question.type] == 1
            // The second queries leave after 250 ms.
            if question.type == .a {
                return isFirst ? .delayed(.code(.nameError, question), by: .milliseconds(260)) : .silence
            }
            return isFirst ? .silence : .addresses(question, "fd00::1", ttl: 30)
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(300))
        #expect(attempts == [.a: 2, .aaaa: 2])
        let question = Question(name: try simulation.plan("service-b").candidates[0], type: .aaaa)
        guard case .fresh = simulation.engine.cache.peek(question, now: simulation.now) else {
            Issue.record("the answer of AAAA is gone")
            return
        }
    }

    @Test("That no candidate of a name exists is not kept longer than the first of the answers that say so")
    func walkedCandidates() throws {
        let first = DomainName("web-0.nginx.svc.cluster.local")
        let simulation = try Simulation { question, _ in
            .code(.nameError, question, minimum: question.name == first ? 1 : 5)
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("web-0.nginx") }
        #expect(error?.timeToLive ?? .seconds(5) <= .seconds(1))
        simulation.run(for: .milliseconds(1001))
        simulation.server = { question, _ in .twoMeanings(question, isFirstThere: true) }
        #expect(try simulation.resolve("web-0.nginx").endpoints.map(\.description) == ["10.0.0.1"])
    }

    @Test("A flush reaches what is under way: nobody gets what was asked for before it, and nothing of it is kept")
    func flushUnderWay() throws {
        var address = "10.0.0.1"
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .addresses(question, address, "fd00::1", ttl: 30)
        }
        simulation.latency = .milliseconds(100)
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(50))
        address = "10.0.0.2"
        try simulation.flush("service-b")
        simulation.run(for: .milliseconds(110))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["10.0.0.2", "fd00::1"])
        #expect(try simulation.resolve("service-b").endpoints.map(\.description) == ["10.0.0.2", "fd00::1"])
        #expect(simulation.sent.count == 4)
        #expect(simulation.engine.servers.placesTaken == 0)
    }

    @Test("What the loop thread looks at while a name is being flushed is given to no later caller")
    func flushMeetsAnswer() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        let waiter = try simulation.ask("service-b")
        // The caller has got as far as the front table, and not yet to the mailbox.
        let names = Set(try simulation.plan("service-b").candidates)
        simulation.front.flush(names)
        simulation.run(for: .milliseconds(10))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
        #expect(simulation.front.addresses(of: "service-b") == nil)
        simulation.server = { question, _ in .addresses(question, "10.0.0.2", ttl: 30) }
        _ = simulation.mailbox.post(.flush(names))
        #expect(try simulation.resolve("service-b").endpoints.map(\.description) == ["10.0.0.2"])
        #expect(simulation.front.addresses(of: "service-b") != nil)
    }

    @Test("A name that is flushed while its one candidate is asked for again is asked for under all of them")
    func flushRefresh() throws {
        var exists = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: exists) }
        simulation.latency = .milliseconds(100)
        // Until the second refresh is under way: the first has made what is published of one candidate.
        while simulation.sent.count < 3 {
            _ = try simulation.resolve("web-0.nginx")
            simulation.run(for: .milliseconds(20))
        }
        exists = false
        try simulation.flush("web-0.nginx")
        #expect(try simulation.resolve("web-0.nginx").endpoints.map(\.description) == ["10.9.9.9"])
    }

    @Test("A flush of a name reaches its ports under all candidates, and what is known not to exist")
    func flushPorts() throws {
        var exists = false
        let simulation = try Simulation { question, _ in
            guard question.type == .srv else { return .addresses(question, "10.0.0.1") }
            return exists ? .service(question, ttl: 30) : .code(.nameError, question)
        }
        let first = try simulation.ask("_http._tcp.web-0.nginx", .services)
        simulation.run(for: .milliseconds(10))
        #expect(first.outcome?.error?.code == .noSuchService)
        exists = true
        try simulation.flush("web-0.nginx")
        let second = try simulation.ask("_http._tcp.web-0.nginx", .services)
        simulation.run(for: .milliseconds(10))
        #expect(try second.outcome?.get().absoluteName.description == "_http._tcp.web-0.nginx.svc.cluster.local.")
    }

    @Test("A lookup that waits for the address of a flushed target asks for it again")
    func flushTarget() throws {
        let simulation = try Simulation { question, _ in
            question.type == .srv ? .service(question, ttl: 30) : .addresses(question, "10.0.0.1")
        }
        simulation.latency = .milliseconds(100)
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(150))
        let target: Set = [try #require(DomainName("a.example"))]
        simulation.front.flush(target)
        _ = simulation.mailbox.post(.flush(target))
        simulation.run(for: .milliseconds(110))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["10.0.0.1:80"])
    }

    @Test("A flush of all forgets no count")
    func flushedCounts() throws {
        let simulation = try Simulation(configuration: { $0.cache.capacity = 10 }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 30)
        }
        for number in 0..<15 { _ = try simulation.resolve("service-\(number)") }
        simulation.front.flushAll()
        _ = simulation.mailbox.post(.flushAll)
        simulation.run(for: .milliseconds(1))
        #expect(simulation.engine.statistics.evictions == 5)
        #expect(simulation.engine.statistics.names == 0)
    }

    @Test("A burst of names that are asked for once pushes out only itself")
    func burst() throws {
        let simulation = try Simulation(configuration: { $0.cache.capacity = 100 }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 30)
        }
        let names = (0..<50).map { "hot-\($0)" }
        for name in names { _ = try simulation.resolve(name) }
        for name in names { _ = try simulation.resolve(name) }
        for index in 0..<1000 { _ = try simulation.resolve("once-\(index)") }
        #expect(names.count { simulation.front.addresses(of: $0) != nil } == names.count)
    }

    @Test("A burst of missing names pushes out no missing name that is asked for all the time")
    func negativeBurst() throws {
        let simulation = try Simulation(configuration: { $0.cache.negativeCapacity = 100 }) { question, _ in
            .code(.nameError, question)
        }
        for _ in 0..<2 {
            try simulation.ask("missing")
            simulation.run(for: .milliseconds(2))
        }
        for index in 0..<500 {
            try simulation.ask("once-\(index)")
            simulation.run(for: .milliseconds(2))
        }
        let sent = simulation.sent.count
        try simulation.ask("missing")
        simulation.run(for: .milliseconds(2))
        #expect(simulation.sent.count == sent)
    }

    @Test("What cannot be asked again for want of room counts as long as it would have")
    func overloadedRefresh() throws {
        var isSilent = false
        let simulation = try Simulation(
            configuration: {
                $0.limits.queriesInFlight = 1
                $0.limits.queueLength = 1
            }
        ) { question, _ in isSilent ? .silence : .addresses(question, "10.0.0.1", ttl: 10) }
        _ = try simulation.resolve("service-b")
        isSilent = true
        simulation.run(for: .milliseconds(7000))
        for second in 0..<28 {
            for index in 0..<20 { try simulation.ask("busy-\(second)-\(index)") }
            simulation.run(for: .milliseconds(100))
            #expect(simulation.front.addresses(of: "service-b") != nil)
        }
        // It is not tried at each turn.
        #expect(simulation.turns < 2000)
    }

    @Test("Without any name server a stale answer is better than none")
    func noNameServers() throws {
        var servers: [NameServer]?
        let simulation = try Simulation(nameServerChange: { servers }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        servers = []
        simulation.run(for: .seconds(60))
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-c") }
        #expect(error?.code == .unreachable)
    }

    @Test("No answer is given that is staler than allowed")
    func staleWindow() throws {
        var isDown = false
        let simulation = try Simulation(configuration: { $0.cache.staleWindow = .seconds(10) }) { question, _ in
            isDown ? .failure(.refused) : .addresses(question, "10.0.0.1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        isDown = true
        var served = 0
        for _ in 0..<600 {
            if let found = try? simulation.resolve("service-b") {
                served += 1
                #expect(try #require(found.expires) + .seconds(10) >= simulation.now)
            }
            simulation.run(for: .milliseconds(100))
        }
        #expect(served > 100)
    }

    @Test("That no target of an SRV record has an address is not kept longer than the targets' answers")
    func missingTargets() throws {
        let simulation = try Simulation { question, _ in
            guard question.type == .srv else { return .code(.nameError, question, minimum: 3) }
            return .service(question, ttl: 30)
        }
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(10))
        #expect(waiter.outcome?.error?.code == .noRecords)
        #expect(waiter.outcome?.error?.timeToLive ?? .seconds(30) <= .seconds(3))
        simulation.run(for: .seconds(3))
        #expect(simulation.front.outcome(of: LookupKey(name: "service-b", kind: .services)) == nil)
    }

    // MARK: Aliases

    @Test(
        "A name that is an alias alone is read from the front table, and stale while what it leads to does not answer"
    )
    func alias() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            if isDown { return .silence }
            return question.name == DomainName("db.example")
                ? .addresses(question, "192.0.2.1", ttl: 5) : .alias(question, "db.example", ttl: 30)
        }
        #expect(try simulation.resolve("service-b").canonicalName == "db.example.")
        for _ in 0..<300 {
            simulation.run(for: .milliseconds(100))
            #expect(simulation.front.addresses(of: "service-b") != nil)
        }
        isDown = true
        for _ in 0..<300 {
            let before = simulation.now
            #expect(try simulation.resolve("service-b").endpoints.map(\.description) == ["192.0.2.1"])
            #expect(simulation.now - before <= .milliseconds(200))
            simulation.run(for: .milliseconds(100))
        }
    }

    @Test(
        "Behind an alias a failure is a failure, and no name or a name server that does not care is no record",
        arguments: [
            (ResponseCode.serverFailure, ClusterDNSError.Code.serverFailure), (.refused, .noRecords),
            (.nameError, .noRecords),
        ]
    )
    func failureBehindAlias(responseCode: ResponseCode, code: ClusterDNSError.Code) throws {
        let target = DomainName("db.example")
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.name == target ? .code(responseCode, question) : .alias(question, "db.example", ttl: 30)
        }
        // Its other candidate exists, but is another name.
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("web-0.nginx") }
        #expect(error?.code == code)
        #expect(error?.absoluteName == "web-0.nginx.svc.cluster.local.")
        #expect(error?.canonicalName == "db.example.")
    }

    @Test("An error names the end of a chain of aliases, whoever has followed which part of it")
    func chainToNowhere() throws {
        let simulation = try Simulation { question, _ in
            guard question.name == DomainName("db.example") else { return .alias(question, "db.example", ttl: 30) }
            return .alias(question, "gone.example", ttl: 5, .nameError)
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .noRecords)
        #expect(error?.canonicalName == "gone.example.")
    }

    @Test("An error names the alias, be it that only its end does not answer")
    func silenceBehindAlias() throws {
        let simulation = try Simulation { question, _ in
            question.name == DomainName("db.example") ? .silence : .alias(question, "db.example", ttl: 30)
        }
        let waiter = try simulation.ask("service-b", timeout: .seconds(1))
        simulation.run(for: .seconds(2))
        let error = #expect(throws: ClusterDNSError.self) { try waiter.outcome?.get() }
        #expect(error?.code == .timedOut)
        #expect(error?.absoluteName == "service-b.default.svc.cluster.local.")
        #expect(error?.canonicalName == "db.example.")
    }

    @Test("Behind an alias one family that does not exist does not hide that the other failed")
    func halfBehindAlias() throws {
        let target = DomainName("db.example")
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            guard question.name == target else { return .alias(question, "db.example", ttl: 30) }
            return question.type == .a ? .code(.serverFailure, question) : .code(.nameError, question)
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("web-0.nginx") }
        #expect(error?.code == .serverFailure)
    }
}
