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

    @Test("A handle stays with its candidate whoever else asks for the name", arguments: [false, true])
    func heldCandidate(isForced: Bool) throws {
        var exists = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: exists) }
        let live = try simulation.watch("web-0.nginx")
        simulation.run(for: .seconds(10))
        exists = false
        for _ in 0..<100 {
            simulation.run(for: .milliseconds(370))
            let waiter = Waiter(name: "web-0.nginx", started: simulation.now, deadline: simulation.now + .seconds(5))
            _ = simulation.mailbox.post(.look(try simulation.plan("web-0.nginx"), waiter, isForced: isForced))
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

    @Test("A missing port whose service can not be asked for in time is a missing name, not silence")
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

    @Test("What can not be asked again for want of room counts as long as it would have")
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

    // MARK: Name servers

    @Test("A name server that resolv.conf lists twice is one")
    func listedTwice() throws {
        let servers = [try NameServer("10.0.0.1"), try NameServer("10.0.0.1")]
        let simulation = try Simulation(nameServers: ["10.0.0.1"], nameServerChange: { servers }) { question, _ in
            .addresses(question, "10.1.0.1")
        }
        let waiters = try (0..<200).map { try simulation.ask("service-\($0)") }
        simulation.run(for: .milliseconds(10))
        #expect(waiters.allSatisfy { $0.isOver })
        #expect(simulation.engine.servers.addresses.count == 1)
    }

    @Test("A lost datagram counts against its name server once")
    func lostDatagram() throws {
        var isLost = true
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            defer { if attempt.server.octets == [10, 0, 0, 1] { isLost = false } }
            // The transport gives an attempt up after 5 s.
            return attempt.server.octets == [10, 0, 0, 1] && isLost
                ? .late(.noResponse, after: .seconds(5)) : .addresses(question, "10.1.0.1")
        }
        for index in 0..<600 {
            _ = try simulation.resolve("service-\(index)")
            simulation.run(for: .milliseconds(10))
        }
        let later = MonotonicTime(nanoseconds: 5_010_000_000)...MonotonicTime(nanoseconds: 5_900_000_000)
        let asked = simulation.sent.filter { later.contains($0.time) }
        #expect(asked.count { $0.attempt.server.octets == [10, 0, 0, 1] } > 1)
    }
}
