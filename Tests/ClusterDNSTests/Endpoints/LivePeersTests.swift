import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("Live peers, in simulated time", .timeLimit(.minutes(5)))
struct LivePeersTests {
    @Test("A held name is kept fresh although nobody reads it, at its floor of 5 s")
    func keptFresh() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 1) }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(600))
        #expect(live.addresses == ["10.0.0.1"])
        // 600 s at 5 to 5.5 s, and one early question that spreads names that began together.
        #expect((109...122).contains(simulation.sent.count))
        let gaps = zip(simulation.sent.dropFirst(2), simulation.sent.dropFirst()).map { $0.time - $1.time }
        #expect(gaps.allSatisfy { $0 >= .seconds(5) })
    }

    @Test(
        "A scale-up is seen within the TTL or 5 s, whichever is longer, and one second",
        arguments: [1, 5, 30] as [UInt32]
    )
    func scaleUp(ttl: UInt32) throws {
        var isLarger = false
        let simulation = try Simulation { question, _ in
            isLarger
                ? .addresses(question, "10.0.0.1", "10.0.0.2", ttl: ttl) : .addresses(question, "10.0.0.1", ttl: ttl)
        }
        let live = try simulation.watch("service-b")
        for offset in 0..<20 {
            isLarger = false
            simulation.run(for: .seconds(70) + .milliseconds(offset * 371))
            #expect(live.addresses?.count == 1)
            isLarger = true
            simulation.run(for: .seconds(Int(max(ttl, 5)) + 1))
            #expect(live.addresses?.count == 2)
        }
    }

    @Test("When the last handle goes, so does the traffic")
    func released() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let plan = try simulation.plan("service-b")
        let handles = Handles()
        var live: LivePeers? = handles.live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        var other: LivePeers? = handles.live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        #expect(live === other)
        simulation.run(for: .seconds(60))
        live = nil
        let sent = simulation.sent.count
        simulation.run(for: .seconds(60))
        #expect(simulation.sent.count > sent)
        other = nil
        simulation.run(for: .milliseconds(1))
        let last = simulation.sent.count
        simulation.run(for: .seconds(3600))
        #expect(simulation.sent.count == last)
        #expect(simulation.engine.watches.isEmpty)
    }

    @Test("A new handle right after the last one went is kept fresh as any other")
    func heldAgain() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1") }
        let handles = Handles()
        var live: LivePeers? = handles.live(
            "service-b",
            nil,
            .success(.ask(try simulation.plan("service-b"))),
            simulation.mailbox
        )
        simulation.run(for: .seconds(1))
        live = nil
        live = handles.live("service-b", nil, .success(.ask(try simulation.plan("service-b"))), simulation.mailbox)
        simulation.run(for: .seconds(30))
        #expect(simulation.engine.watches.count == 1)
        #expect(live?.contents != nil)
    }

    @Test("A service that is deleted is an empty set, and comes back")
    func deleted() throws {
        var exists = true
        let simulation = try Simulation { question, _ in
            exists ? .addresses(question, "10.0.0.1") : .code(.nameError, question)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(10))
        exists = false
        simulation.run(for: .seconds(7))
        #expect(live.addresses == [])
        #expect(live.health.lastError?.code == .noSuchService)
        exists = true
        simulation.run(for: .seconds(7))
        #expect(live.addresses == ["10.0.0.1"])
        #expect(live.health.lastError == nil)
    }

    @Test("A held name stays with the candidate that answered: NXDOMAIN there is nobody, not another name")
    func heldCandidate() throws {
        var exists = true
        let simulation = try Simulation { question, _ in .twoMeanings(question, isFirstThere: exists) }
        let live = try simulation.watch("web-0.nginx")
        simulation.run(for: .seconds(10))
        exists = false
        simulation.run(for: .seconds(20))
        #expect(live.addresses == [])
    }

    @Test("Neither callers nor new static peers put off the next question of a handle", arguments: [false, true])
    func undisturbed(isPlannedAnew: Bool) throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        let live = try simulation.watch("service-b")
        for second in 0..<300 {
            simulation.run(for: .seconds(1))
            if isPlannedAnew {
                _ = simulation.mailbox.post(.watch(try simulation.plan("service-b"), id: 1, live))
            } else if second % 2 == 0 {
                // As after an eviction from the front table.
                try simulation.ask("service-b")
            }
        }
        let gaps = zip(simulation.sent.dropFirst(), simulation.sent).map { $0.time - $1.time }
        // 80 % of the TTL, and the jitter of both.
        #expect(gaps.allSatisfy { $0 <= .seconds(28) })
    }

    @Test("An outage leaves the set as it was, and says so")
    func outage() throws {
        var isDown = false
        var warnings: [ClusterDNSError] = []
        var reports: [LoopReport] = []
        let simulation = try Simulation(report: { reports.append($0) }, warn: { warnings.append($0) }) { question, _ in
            isDown ? .silence : .addresses(question, "10.0.0.1")
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(20))
        #expect(warnings.isEmpty)
        #expect(reports.last.map { [$0.handles, $0.failingHandles] } == [1, 0])
        isDown = true
        simulation.run(for: .seconds(600))
        #expect(live.addresses == ["10.0.0.1"])
        #expect(live.health.lastError?.code == .timedOut)
        #expect(reports.last.map { [$0.handles, $0.failingHandles] } == [1, 1])
        // One a minute, at the next question that fails.
        #expect((6...10).contains(warnings.count))
        #expect(warnings.allSatisfy { $0.code == .timedOut && $0.name == "service-b" })
        isDown = false
        simulation.run(for: .seconds(60))
        #expect(live.health.lastError == nil)
        #expect(reports.last.map { [$0.handles, $0.failingHandles] } == [1, 0])
    }

    @Test("A report has the name asked for at once, and at most once a second")
    func reported() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 30) }
        let plan = try simulation.plan("service-b")
        let handles = Handles()
        let live = handles.live("service-b", nil, .success(.ask(plan)), simulation.mailbox)
        simulation.run(for: .seconds(1))
        #expect(simulation.sent.count == 1)
        for _ in 0..<100 { live.report(Endpoint(address: IPAddress(ipv4: 0x0A00_0001)), nil) }
        live.report(Endpoint(address: IPAddress(ipv4: 1)), nil)
        simulation.run(for: .milliseconds(10))
        #expect(simulation.sent.count == 2)
        live.report(Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 8080), nil)
        simulation.run(for: .milliseconds(10))
        #expect(simulation.sent.count == 2)
    }

    @Test("Of 500 names that are held from the same moment on, no second has more than twice the mean of questions")
    func spread() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.0.0.1", ttl: 5) }
        let handles = try (0..<500).map { try simulation.watch("service-\($0)", id: UInt64($0)) }
        simulation.run(for: .seconds(60))
        #expect(handles.allSatisfy { $0.contents != nil })
        var perSecond = [Int](repeating: 0, count: 60)
        for sent in simulation.sent { perSecond[min(59, Int(sent.time.nanoseconds / 1_000_000_000))] += 1 }
        // The first second has the questions that begin it all.
        let later = perSecond.dropFirst()
        let mean = Double(later.reduce(0, +)) / Double(later.count)
        #expect(later.allSatisfy { Double($0) <= 2 * mean })
        #expect((85...105).contains(mean))
    }

    @Test("At the resolver's end everybody who waits is told")
    func ended() async throws {
        let simulation = try Simulation { _, _ in .silence }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(1))
        _ = simulation.mailbox.post(.shutDown)
        simulation.run(for: .seconds(1))
        guard case .ended = await live.arrival(after: nil, wantsFailure: false) else {
            Issue.record("not ended")
            return
        }
    }
}
