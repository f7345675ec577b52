import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("The lookup engine, in simulated time")
struct LookupEngineTests {
    @Test("A name is asked once and read from the front table, until its TTL ends and nobody has read it")
    func cached() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", "10.0.0.2", ttl: 10) }
        let found = try simulation.resolve("service-b")
        #expect(found.absoluteName.description == "service-b.default.svc.cluster.local.")
        #expect(found.endpoints.map(\.description) == ["10.0.0.1", "10.0.0.2"])
        #expect(simulation.sent.count == 1)
        simulation.run(for: .seconds(1))
        #expect(simulation.front.addresses(of: "service-b") != nil)
        // It was read, so it is asked for once more.
        simulation.run(for: .seconds(19))
        #expect(simulation.front.addresses(of: "service-b") == nil)
        #expect(simulation.sent.count == 2)
    }

    @Test("After an answer nothing wakes the loop before the answer's own time")
    func quiet() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .addresses(question, "10.0.0.1", "fd00::1", ttl: 10)
        }
        _ = try simulation.resolve("service-b")
        let turns = simulation.turns
        simulation.run(for: .seconds(7))
        // One more to find that there is nothing to do: no timer of a retry, a deadline or a stale answer is left.
        #expect(simulation.turns - turns <= 2)
    }

    @Test("Names that had to go from the cache are gone from the front table, and their timers with them")
    func evicted() throws {
        let simulation = try Simulation(configuration: { $0.cache.capacity = 10 }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 30)
        }
        for number in 0..<100 { _ = try simulation.resolve("service-\(number)") }
        #expect(simulation.engine.cache.counts.names == 10)
        #expect(simulation.engine.publications.count <= 10)
        #expect((0..<100).count { simulation.front.addresses(of: "service-\($0)") != nil } <= 10)
        #expect(simulation.front.addresses(of: "service-99") != nil)
    }

    @Test("Names with thousands of records push out others, so that the cache is bounded in size, too")
    func largeAnswers() throws {
        var count = 100
        let simulation = try Simulation(configuration: { $0.cache.capacity = 10 }) { question, _ in
            let records = (0..<count).map { number in
                let address = IPAddress(ipv4: 0x0A00_0000 + UInt32(number))
                return Record(name: question.name, ttl: 30, data: .address(address))
            }
            return .message(Message(isResponse: true, question: question, answers: records))
        }
        for number in 0..<20 { #expect(try simulation.resolve("service-\(number)").endpoints.count == 100) }
        // 640 records in all.
        #expect(simulation.engine.cache.counts.names == 6)
        #expect(simulation.engine.publications.count == 6)
        // Where all are in use it is still one of the others that goes.
        for number in 14..<20 { _ = try simulation.resolve("service-\(number)") }
        let sent = simulation.sent.count
        _ = try simulation.resolve("service-20")
        _ = try simulation.resolve("service-20")
        #expect(simulation.sent.count == sent + 1)
        count = 1000
        #expect(try simulation.resolve("large").endpoints.count == 1000)
        #expect(simulation.engine.cache.counts.names == 1)
        // What is gone makes room.
        try simulation.flush("large")
        count = 1
        for number in 0..<10 { _ = try simulation.resolve("service-\(number)") }
        #expect(simulation.engine.cache.counts.names == 10)
    }

    @Test("Both families are asked at once, on lanes of their own, and joined")
    func families() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .addresses(question, "10.0.0.1", "fd00::1")
        }
        let found = try simulation.resolve("service-b")
        #expect(found.endpoints.map(\.description) == ["10.0.0.1", "fd00::1"])
        #expect(simulation.sent.map(\.attempt.lane) == [0, 1])
        #expect(Set(simulation.sent.map(\.time)).count == 1)
    }

    @Test("One family's addresses are given when the other's do not come, and again when they do")
    func oneFamilySilent() throws {
        var isSilent = true
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa && isSilent ? .silence : .addresses(question, "10.0.0.1", "fd00::1")
        }
        let found = try simulation.resolve("service-b")
        #expect(found.endpoints.map(\.description) == ["10.0.0.1"])
        #expect(simulation.now == MonotonicTime(nanoseconds: 1_000_000_000))
        isSilent = false
        simulation.run(for: .milliseconds(800))
        #expect(simulation.front.addresses(of: "service-b")?.endpoints.count == 2)
    }

    @Test("Those who ask for the same wait for one question")
    func coalesced() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let waiters = try (0..<100).map { _ in try simulation.ask("service-b") }
        let others = try ["service-b.default", "service-b.default.svc.cluster.local."].map { try simulation.ask($0) }
        simulation.run(for: .milliseconds(2))
        #expect((waiters + others).allSatisfy { (try? $0.outcome?.get()) != nil })
        #expect(simulation.sent.count == 1)
    }

    @Test("A caller who gives up takes nobody along")
    func abandoned() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let waiters = try (0..<3).map { _ in try simulation.ask("service-b") }
        simulation.abandon(waiters[1], "service-b")
        simulation.run(for: .milliseconds(2))
        #expect((try? waiters[0].outcome?.get()) != nil)
        #expect((try? waiters[2].outcome?.get()) != nil)
    }

    @Test("Another limit counts at once")
    func limits() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        var limits = ResolverConfiguration.Limits()
        limits.queriesInFlight = 1
        limits.sourcePortQueries = 7
        _ = simulation.mailbox.post(.reconfigure(limits, version: 0))
        let waiters = try ["a", "b", "c"].map { try simulation.ask($0) }
        simulation.run(for: .zero)
        #expect(simulation.sent.count == 1)
        #expect(simulation.sourcePorts?.maximumQueries == 7)
        // Four times as many questions may be open at a name server as have a place.
        #expect(simulation.sourcePorts?.maximumOpen == 4)
        simulation.run(for: .milliseconds(10))
        #expect(waiters.allSatisfy { $0.isOver })
    }

    @Test("What was asked for before there were static peers reaches nobody who comes after them")
    func outdatedPlan() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 60) }
        _ = try simulation.resolve("service-b")
        let early = try simulation.ask("service-c")
        simulation.run(for: .zero)
        _ = simulation.mailbox.post(.reconfigure(ResolverConfiguration.Limits(), version: 1))
        let late = try simulation.ask("service-d")
        simulation.run(for: .milliseconds(10))
        #expect(early.isOver && late.isOver)
        for name in ["service-b", "service-c", "service-d"] { #expect(simulation.front.addresses(of: name) == nil) }
        simulation.planVersion = 1
        _ = try simulation.resolve("service-b")
        #expect(simulation.front.addresses(of: "service-b") != nil)
        #expect(simulation.sent.count == 3)
    }

    @Test("An engine that is to finish takes no new lookup, and ends when the last in progress is over")
    func finishing() throws {
        let simulation = try Simulation { _, _ in .silence }
        let waiters = try [2, 3].map { try simulation.ask("service-b", timeout: .seconds($0)) }
        let peers = LivePeers()
        _ = simulation.mailbox.post(.watch(try simulation.plan("service-c"), id: 1, peers))
        simulation.run(for: .seconds(1))
        _ = simulation.mailbox.post(.finish)
        let late = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1500))
        #expect(late.outcome?.error?.code == .shutDown)
        #expect(waiters[0].outcome?.error?.code == .timedOut)
        #expect(!waiters[1].isOver && !simulation.isFinished)
        simulation.run(for: .seconds(1))
        #expect(waiters[1].outcome?.error?.code == .timedOut)
        // Nobody waits for the handle's first set.
        #expect(simulation.isFinished)
    }

    @Test("Only NXDOMAIN moves on to the next candidate")
    func candidates() throws {
        let pod = try #require(DomainName("web-0.nginx.default.svc.cluster.local"))
        let simulation = try Simulation { question, _ in
            question.name == pod ? .addresses(question, "10.0.0.1") : .code(.nameError, question)
        }
        #expect(try simulation.resolve("web-0.nginx").absoluteName.name == pod)
        #expect(
            simulation.sent.map(\.question.name.description) == ["web-0.nginx.svc.cluster.local.", pod.description]
        )
        let other = try Simulation { question, _ in .code(.noError, question) }
        let error = #expect(throws: ClusterDNSError.self) { try other.resolve("web-0.nginx") }
        #expect(error?.code == .noRecords)
        #expect(other.sent.count == 1)
    }

    @Test(
        "An answer is kept for its TTL, but for 1 s at least and 30 s at most",
        arguments: [(0, 1), (1, 1), (29, 29), (300, 30)] as [(UInt32, Int)]
    )
    func timeToLive(ttl: UInt32, seconds: Int) throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: ttl) }
        let found = try simulation.resolve("service-b")
        #expect(found.expires == simulation.now + .seconds(seconds))
    }

    @Test("A question offers 1232 octets, or as many as are set", arguments: [nil, 512, 4096] as [Int?])
    func payload(set: Int?) throws {
        let simulation = try Simulation(configuration: { if let set { $0.ednsPayload = set } }) { question, _ in
            .addresses(question, "10.0.0.1")
        }
        _ = try simulation.resolve("service-b")
        let offered = try simulation.sent.map { try Message(decoding: $0.attempt.message).udpPayloadSize }
        #expect(offered == [UInt16(set ?? 1232)])
    }

    @Test(
        "A name that nobody asks for goes when no answer of it may be given, and an empty cache is left alone",
        arguments: [(Duration.seconds(3600), 3600), (.zero, 300)]
    )
    func swept(staleWindow: Duration, kept: Int) throws {
        let simulation = try Simulation(configuration: { $0.cache.staleWindow = staleWindow }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(kept))
        #expect(simulation.engine.cache.counts.names == 1)
        // A sweep comes every five minutes.
        simulation.run(for: .seconds(310))
        #expect(simulation.engine.cache.counts.names == 0)
        let turns = simulation.turns
        simulation.run(for: .seconds(3600))
        #expect(simulation.turns - turns <= 2)
    }

    @Test("A stale answer is given for an hour", arguments: [(59, true), (61, false)])
    func staleHour(minutes: Int, isGiven: Bool) throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            isDown ? .silence : .addresses(question, "10.0.0.1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        isDown = true
        simulation.run(for: .seconds(5 + minutes * 60))
        let found = try? simulation.resolve("service-b")
        #expect((found != nil) == isGiven)
    }

    @Test(
        "A missing name is remembered for as long as the SOA record says, for 5 s at most, and for 1 s without one",
        arguments: [(3, 3), (60, 5), (nil, 1)] as [(UInt32?, Int)]
    )
    func negative(minimum: UInt32?, seconds: Int) throws {
        let simulation = try Simulation { question, _ in .code(.nameError, question, minimum: minimum) }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("missing") }
        #expect(error?.code == .noSuchService)
        #expect(error?.absoluteName == "missing.default.svc.cluster.local.")
        simulation.run(for: .seconds(seconds) - .milliseconds(100))
        #expect(throws: ClusterDNSError.self) { try simulation.resolve("missing") }
        #expect(simulation.sent.count == 1)
        simulation.run(for: .milliseconds(200))
        #expect(throws: ClusterDNSError.self) { try simulation.resolve("missing") }
        #expect(simulation.sent.count == 2)
    }

    // MARK: Retries

    @Test("A silent name server is asked after 0, 250, 750, 1750, 2750, 3750 and 4750 ms, the third time over TCP")
    func retries() throws {
        let simulation = try Simulation { _, _ in .silence }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .timedOut)
        #expect(error?.attempts == 7)
        #expect(error?.elapsed == .seconds(5))
        let times = simulation.sent.map { $0.time.nanoseconds / 1_000_000 }
        #expect(times == [0, 250, 750, 1750, 2750, 3750, 4750])
        #expect(simulation.sent.map(\.attempt.transport) == [.udp, .udp, .tcp, .udp, .udp, .udp, .udp])
        // For each attempt that was not answered the transport is told which ports to leave.
        #expect(simulation.overdue.count == 7)
    }

    @Test("A late answer to an earlier attempt still counts")
    func lateAnswer() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        simulation.latency = .milliseconds(300)
        _ = try simulation.resolve("service-b")
        #expect(simulation.now == MonotonicTime(nanoseconds: 300_000_000))
        #expect(simulation.sent.count == 2)
        simulation.run(for: .seconds(1))
        #expect(simulation.engine.attempts.isEmpty)
    }

    @Test("A caller's own deadline holds, and the answer that comes later is kept")
    func ownDeadline() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        simulation.latency = .milliseconds(100)
        let error = #expect(throws: ClusterDNSError.self) {
            try simulation.resolve("service-b", timeout: .milliseconds(20))
        }
        #expect(error?.code == .timedOut)
        #expect(error?.elapsed == .milliseconds(20))
        simulation.run(for: .milliseconds(100))
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
        #expect(simulation.sent.count == 1)
    }

    @Test("With three name servers, one of them dead, the first lookups cost one interval and later ones nothing")
    func deadServer() throws {
        let servers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        let simulation = try Simulation(nameServers: servers) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] ? .silence : .addresses(question, "10.1.0.1")
        }
        var slow = 0
        for index in 0..<50 {
            let before = simulation.now
            _ = try simulation.resolve("service-\(index)")
            if simulation.now - before > .milliseconds(10) { slow += 1 }
            #expect(simulation.now - before <= .milliseconds(251))
        }
        #expect(slow == 1)
    }

    @Test("A refused port is told apart from silence, and the next name server is asked at once")
    func refused() throws {
        let simulation = try Simulation { _, _ in .failure(.refused) }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .unreachable)
        #expect(error?.nameServer == "10.96.0.10:53")
        let two = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] ? .failure(.refused) : .addresses(question, "10.1.0.1")
        }
        _ = try two.resolve("service-b")
        #expect(two.now == MonotonicTime(nanoseconds: 2_000_000))
    }

    @Test("SERVFAIL is tried again, believed after three attempts, and said so")
    func serverFailure() throws {
        let simulation = try Simulation { question, _ in .code(.serverFailure, question) }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .serverFailure)
        #expect(error?.responseCode == "SERVFAIL")
        #expect(simulation.sent.count == 3)
    }

    @Test("REFUSED is a decision: each name server is asked once, and at once")
    func refusedByPolicy() throws {
        let servers = ["10.0.0.1", "10.0.0.2"]
        let simulation = try Simulation(nameServers: servers) { question, _ in .code(.refused, question) }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.responseCode == "REFUSED")
        #expect(simulation.sent.count == 2)
        #expect(simulation.now == MonotonicTime(nanoseconds: 2_000_000))
    }

    @Test("A truncated answer is asked again over TCP at once")
    func truncated() throws {
        let simulation = try Simulation { question, attempt in
            attempt.transport == .udp ? .truncated(question) : .addresses(question, "10.0.0.1")
        }
        _ = try simulation.resolve("service-b")
        #expect(simulation.sent.map(\.attempt.transport) == [.udp, .tcp])
        #expect(simulation.now == MonotonicTime(nanoseconds: 2_000_000))
    }

    @Test("With TCP blocked a truncated answer is an error of its own", arguments: [true, false])
    func truncatedWithoutTCP(isReset: Bool) throws {
        let simulation = try Simulation { question, attempt in
            attempt.transport == .udp ? .truncated(question) : isReset ? .failure(.refused) : .silence
        }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .truncated)
        // A connection that is refused carries no message.
        let messages = simulation.sent.count { !(isReset && $0.attempt.transport == .tcp) }
        #expect(error?.attempts == messages)
        #expect(error?.message.contains("TCP/53") == true)
    }

    @Test("A name server that knows no EDNS is asked without it")
    func withoutEDNS() throws {
        let simulation = try Simulation { question, attempt in
            attempt.message.count > 12 + question.name.octets.count + 4
                ? .code(.formatError, question, minimum: nil) : .addresses(question, "10.0.0.1")
        }
        _ = try simulation.resolve("service-b")
        #expect(simulation.sent.count == 2)
    }

    @Test("An answer that cannot be read is an error of its own, and a good one that follows wins")
    func malformed() throws {
        func broken(_ question: Question) -> Simulation.Reply {
            var octets = Message(isResponse: true, question: question).encoded()
            octets[7] = 9
            return .octets(octets)
        }
        let simulation = try Simulation { question, _ in broken(question) }
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .malformedResponse)
        var isFirst = true
        let other = try Simulation { question, _ in
            defer { isFirst = false }
            return isFirst ? broken(question) : .addresses(question, "10.0.0.1")
        }
        #expect(try other.resolve("service-b").endpoints.count == 1)
    }

    // MARK: What is kept

    @Test("A name in use is asked for again before its TTL ends, and nobody waits for it")
    func refreshAhead() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 10) }
        _ = try simulation.resolve("service-b")
        for _ in 0..<600 {
            simulation.run(for: .milliseconds(100))
            #expect(simulation.front.addresses(of: "service-b") != nil)
        }
        // A minute at a refresh every 8 s or so.
        #expect((6...9).contains(simulation.sent.count))
    }

    @Test("A name that nobody reads any more is left alone")
    func unused() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 10) }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(3600))
        #expect(simulation.sent.count == 1)
    }

    @Test("Through ten minutes without DNS every lookup is answered stale, at one question a backoff step")
    func outage() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in isDown ? .silence : .addresses(question, "10.0.0.1", ttl: 5) }
        _ = try simulation.resolve("service-b")
        isDown = true
        var longest = Duration.zero
        let outageEnd = simulation.now + .seconds(600)
        while simulation.now < outageEnd {
            let before = simulation.now
            #expect(try simulation.resolve("service-b").endpoints.count == 1)
            longest = max(longest, simulation.now - before)
            simulation.run(for: .milliseconds(100))
        }
        #expect(longest <= .milliseconds(200))
        // Steps of 1, 2, 4, 8, 16 and then 30 s, each with the attempts of one flight.
        let flights = Set(simulation.sent.map(\.attempt.query))
        #expect((18...26).contains(flights.count))
        isDown = false
        simulation.run(for: .seconds(36))
        _ = try simulation.resolve("service-b")
        simulation.run(for: .milliseconds(2))
        #expect(try #require(try simulation.resolve("service-b").expires) > simulation.now)
    }

    @Test("A pod that starts while DNS is down finds its peers within seconds of DNS coming up")
    func startDuringOutage() throws {
        var isDown = true
        let simulation = try Simulation { question, _ in isDown ? .failure(.refused) : .addresses(question, "10.0.0.1")
        }
        let end = simulation.now + .seconds(60)
        while simulation.now < end {
            #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
            simulation.run(for: .milliseconds(50))
        }
        #expect(Set(simulation.sent.map(\.attempt.query)).count < 20)
        isDown = false
        simulation.run(for: .milliseconds(5000))
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
    }

    @Test("A service that was deleted is gone at once, unless deletions are to be hidden", arguments: [false, true])
    func deleted(isHidden: Bool) throws {
        var exists = true
        let simulation = try Simulation(configuration: { $0.cache.hidesDeletionsWithStale = isHidden }) { question, _ in
            exists ? .addresses(question, "10.0.0.1", ttl: 5) : .code(.nameError, question)
        }
        _ = try simulation.resolve("service-b")
        exists = false
        simulation.run(for: .seconds(6))
        let outcome = Result { try simulation.resolve("service-b") }
        #expect(outcome.error?.code == (isHidden ? nil : .noSuchService))
    }

    // MARK: Overload

    @Test("Ten thousand callers for ten thousand missing names are all answered, 64 questions at a time")
    func manyMissingNames() throws {
        let simulation = try Simulation { question, _ in .code(.nameError, question) }
        let waiters = try (0..<10_000).map { try simulation.ask("missing-\($0)") }
        var mostInFlight = 0
        simulation.run(for: .seconds(5)) {
            mostInFlight = max(mostInFlight, simulation.engine.attempts.count)
            return false
        }
        #expect(waiters.allSatisfy { $0.outcome?.error?.code == .noSuchService })
        #expect(mostInFlight == 64)
    }

    @Test("Of ten thousand callers of whom all but one give up, the one is answered, and little is asked")
    func allButOneGiveUp() throws {
        let simulation = try Simulation { question, _ in .code(.nameError, question) }
        let waiters = try (0..<10_000).map { try simulation.ask("missing-\($0)") }
        for index in 0..<10_000 where index != 7000 { simulation.abandon(waiters[index], "missing-\(index)") }
        simulation.run(for: .seconds(1))
        #expect(waiters[7000].outcome?.error?.code == .noSuchService)
        #expect(simulation.sent.count <= 65)
    }

    @Test("Those who wait for a place go before those who come later")
    func firstComeFirstServed() throws {
        let simulation = try Simulation(configuration: { $0.limits.queriesInFlight = 1 }) { question, _ in
            .addresses(question, "10.0.0.1")
        }
        var waiters = try (0..<3).map { try simulation.ask("early-\($0)") }
        for number in 0..<10 {
            simulation.run(for: .zero)
            // Heard of in the turn that brings the answer to another.
            waiters.append(try simulation.ask("late-\(number)"))
            simulation.pause(for: .milliseconds(1))
        }
        simulation.run(for: .milliseconds(20))
        #expect(waiters.allSatisfy { $0.isOver })
        let order = simulation.sent.map { String($0.question.name.description.prefix { $0 != "." }) }
        #expect(order == waiters.map(\.name))
    }

    @Test("Over the bound of the queue a caller is told so at once")
    func overloaded() throws {
        let simulation = try Simulation { _, _ in .silence }
        let waiters = try (0..<20_000).map { try simulation.ask("name-\($0)") }
        simulation.run(for: .milliseconds(1))
        let refused = waiters.filter { $0.outcome?.error?.code == .overloaded }
        #expect(refused.count == 20_000 - 64 - 16_384)
        simulation.run(for: .seconds(6))
        #expect(waiters.allSatisfy { $0.outcome != nil })
        #expect(simulation.engine.flights.isEmpty)
        #expect(simulation.engine.lookups.isEmpty)
    }

    // MARK: Manners

    @Test("A stopped process takes the answer that lay in the socket, however late it is")
    func pausedProcess() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .microseconds(1))
        simulation.pause(for: .seconds(60))
        simulation.run(for: .milliseconds(1))
        #expect((try? waiter.outcome?.get()) != nil)
    }

    @Test("At the end everybody who waits is told")
    func shutDown() throws {
        let simulation = try Simulation { _, _ in .silence }
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1))
        let late = try simulation.ask("service-c")
        _ = simulation.mailbox.post(.shutDown)
        simulation.run(for: .milliseconds(1))
        #expect(simulation.isFinished)
        #expect(waiter.outcome?.error?.code == .shutDown)
        #expect(late.outcome?.error?.code == .shutDown)
        #expect(simulation.mailbox.post(.flushAll) == .closed)
    }

    @Test("Of a great many commands a turn obeys some, so that no question is overdue when it is sent")
    func manyCommands() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        var waiters = try (0..<1500).map { try simulation.ask("service-\($0)") }
        var orders = Orders()
        simulation.engine.turn(now: simulation.now, completions: [], orders: &orders)
        #expect(simulation.engine.lookups.count == LookupEngine.commandsPerTurn)
        let mayFallAsleep = simulation.engine.mayFallAsleep()
        #expect(!mayFallAsleep)
        // Those that are left when the end comes are told, too.
        _ = simulation.mailbox.post(.shutDown)
        waiters += try (1500..<3000).map { try simulation.ask("service-\($0)") }
        simulation.run(for: .milliseconds(1))
        #expect(simulation.isFinished)
        #expect(waiters.allSatisfy { $0.outcome?.error?.code == .shutDown })
    }

    @Test("A flushed name is asked again, however it was written")
    func flushed() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        _ = try simulation.resolve("service-b")
        _ = try simulation.resolve("service-b.default")
        try simulation.flush("service-b")
        simulation.run(for: .milliseconds(1))
        _ = try simulation.resolve("service-b.default")
        #expect(simulation.sent.count == 2)
    }
}
