import DNSTransport
import Testing

@testable import ClusterDNS

/// What callers and handles get while a part of what is asked does not come.
@Suite("The lookup engine where a part of the answer is missing, in simulated time", .timeLimit(.minutes(5)))
struct PartialAnswerTests {
    /// How the answers to AAAA questions get lost.
    enum Loss: CaseIterable {
        case silence
        case serverFailure
        case refused

        func reply(_ question: Question) -> Simulation.Reply {
            switch self {
            case .silence: .silence
            case .serverFailure: .code(.serverFailure, question)
            case .refused: .code(.refused, question)
            }
        }
    }

    @Test("With one family lost a handle has its first set after a second, and sees changes in time")
    func handleWithOneFamily() throws {
        var address = "10.0.0.1"
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa ? .silence : .addresses(question, address, ttl: 5)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(1001))
        #expect(live.addresses == ["10.0.0.1"])
        for change in 2...40 {
            simulation.run(for: .milliseconds(7130))
            address = "10.0.0.\(change)"
            // The interval of 5 s, its jitter, and a second for the other family.
            simulation.run(for: .milliseconds(6510))
            #expect(live.addresses == [address])
        }
    }

    @Test("A handle that loses one family keeps what it knows of it")
    func handleLosesFamily() throws {
        var isLost = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa && isLost ? .silence : .addresses(question, "10.0.0.1", "fd00::1", ttl: 5)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(10))
        isLost = true
        for _ in 0..<100 {
            simulation.run(for: .milliseconds(610))
            #expect(live.addresses == ["10.0.0.1", "fd00::1"])
        }
    }

    @Test(
        "With one family lost only the first caller waits, and nobody gets the other past its TTL",
        arguments: Loss.allCases
    )
    func callersWithOneFamily(loss: Loss) throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa ? loss.reply(question) : .addresses(question, "10.0.0.1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        for _ in 0..<1200 {
            let before = simulation.now
            let found = try simulation.resolve("service-b")
            #expect(simulation.now - before <= .milliseconds(2))
            #expect(found.endpoints.map(\.description) == ["10.0.0.1"])
            #expect(try #require(found.expires) > simulation.now)
            simulation.run(for: .milliseconds(50))
        }
        // A minute of A questions, one for each 80 % of 5 s or so, and some more to have both at once.
        #expect((12...30).contains(simulation.sent.count { $0.question.type == .a }))
    }

    @Test("Both families are there as soon as the second can be had again")
    func familyIsBack() throws {
        var isLost = true
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa && isLost ? .silence : .addresses(question, "10.0.0.1", "fd00::1", ttl: 30)
        }
        for _ in 0..<200 {
            _ = try simulation.resolve("service-b")
            simulation.run(for: .milliseconds(100))
        }
        isLost = false
        // The longest time between two questions, where there is no answer at all.
        for _ in 0..<60 {
            _ = try simulation.resolve("service-b")
            simulation.run(for: .milliseconds(100))
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 2)
    }

    @Test("However long a stale answer is held back, one family does not wait for the other longer than a second")
    func staleHeldBack() throws {
        let simulation = try Simulation(
            families: [.a, .aaaa],
            configuration: { $0.cache.staleAnswerDelay = .seconds(60) }
        ) { question, _ in question.type == .aaaa ? .silence : .addresses(question, "10.0.0.1") }
        _ = try simulation.resolve("service-b")
        #expect(simulation.now == MonotonicTime(nanoseconds: 1_000_000_000))
    }

    @Test("With one target of a service lost only the first caller waits, and for a second")
    func lostTarget() throws {
        let simulation = try Simulation { question, _ in
            switch question.type {
            case .srv: .service(question, targets: ["a.example", "b.example"], ttl: 5)
            default: question.name == DomainName("b.example") ? .silence : .addresses(question, "10.0.0.1", ttl: 5)
            }
        }
        let key = LookupKey(name: "service-b", kind: .services)
        let first = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(1001))
        #expect(try first.outcome?.get().endpoints.map(\.description) == ["10.0.0.1:80"])
        for _ in 0..<600 {
            if simulation.front.outcome(of: key) == nil {
                let waiter = try simulation.ask("service-b", .services)
                simulation.run(for: .milliseconds(4))
                #expect(try waiter.outcome?.get().endpoints.count == 1)
            }
            simulation.run(for: .milliseconds(100))
        }
    }

    @Test("In an outage of both families every lookup after the first is answered at once, for ten minutes")
    func dualStackOutage() throws {
        var isDown = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            isDown ? .silence : .addresses(question, "10.0.0.1", "fd00::1", ttl: 5)
        }
        _ = try simulation.resolve("service-b")
        isDown = true
        var waits: [Duration] = []
        for _ in 0..<6000 {
            let before = simulation.now
            #expect(try simulation.resolve("service-b").endpoints.count == 2)
            if simulation.now > before { waits.append(simulation.now - before) }
            simulation.run(for: .milliseconds(100))
        }
        #expect(waits.count <= 1)
        #expect(waits.allSatisfy { $0 <= .milliseconds(200) })
        // Each family in steps of 1, 2, 4, 8, 16 and then 30 s.
        #expect((36...56).contains(Set(simulation.sent.map(\.attempt.query)).count))
    }

    @Test("A caller who joins a lookup that waits for one family gets no answer past its TTL")
    func joinsLate() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa ? .silence : .addresses(question, "10.0.0.1", ttl: 2)
        }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .milliseconds(1500))
        let before = simulation.now
        let found = try simulation.resolve("service-b")
        #expect(try #require(found.expires) > simulation.now)
        #expect(simulation.now - before <= .milliseconds(2))
    }
}
