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
            .ipv4Only(question, .addresses(question, address, ttl: 5))
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

    @Test("More SRV targets than anybody asks for are an error that says so, and no flood of questions")
    func tooManyTargets() throws {
        let targets = (0..<1500).map { "t\($0).x" }
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .srv
                ? .service(question, targets: targets, ttl: 30) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .seconds(2))
        #expect(waiter.outcome?.error?.code == .malformedResponse)
        let message = waiter.outcome?.error?.message ?? ""
        #expect(message.contains("1500 SRV targets, of which 1024 at most"), "\(message)")
        #expect(simulation.sent.count == 1)
    }

    @Test("SRV records and addresses that multiply are an error that says so, and no millions of endpoints")
    func tooManyEndpoints() throws {
        let target = try #require(DomainName("pods.example"))
        let simulation = try Simulation { question, _ in
            let services = (0..<1000).map { port in
                let service = ServiceRecord(priority: 0, weight: 1, port: UInt16(port), target: target)
                return Record(name: question.name, ttl: 30, data: .srv(service))
            }
            let addresses = (0..<2000).map { number in
                Record(name: target, ttl: 30, data: .address(IPAddress(ipv4: 0x0A00_0000 + UInt32(number))))
            }
            return .message(
                Message(isResponse: true, question: question, answers: services, additionals: addresses)
            )
        }
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .seconds(2))
        #expect(waiter.outcome?.error?.code == .malformedResponse)
        let message = waiter.outcome?.error?.message ?? ""
        #expect(message.contains("more than 16384 endpoints"), "\(message)")
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
        ) { question, _ in .ipv4Only(question, .addresses(question, "10.0.0.1")) }
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
        simulation.run(for: .milliseconds(1002))
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

    @Test("In an outage a service of one family is answered stale after 200 ms, though nothing is held of the other")
    func outageOfOneFamilyService() throws {
        var isDown = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            if isDown { return .silence }
            return question.type == .aaaa ? .code(.noError, question) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        _ = try simulation.resolve("service-b")
        isDown = true
        for _ in 0..<20 {
            // By then it is forgotten that there was no AAAA record: that is kept for 5 s.
            simulation.run(for: .seconds(40))
            let before = simulation.now
            #expect(try simulation.resolve("service-b").endpoints.map(\.description) == ["10.0.0.1"])
            #expect(simulation.now - before <= .milliseconds(200))
        }
    }

    @Test("A deleted service is gone although AAAA questions get lost, whose answer still holds")
    func deletedWithFamilyLost() throws {
        var isDeleted = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            if isDeleted { return .ipv4Only(question, .code(.nameError, question)) }
            return .addresses(question, "10.0.0.1", "fd00::1", ttl: 30)
        }
        let live = try simulation.watch("service-b")
        _ = try simulation.resolve("service-b")
        isDeleted = true
        // The TTL, and a second for the other family.
        simulation.run(for: .seconds(31))
        for _ in 0..<60 {
            #expect(live.addresses == [])
            #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
            simulation.run(for: .milliseconds(990))
        }
    }

    @Test("A service that is deleted while the cache still has one family is gone", arguments: [false, true])
    func deletedWithFamilyInCache(isOtherLost: Bool) throws {
        var isDeleted = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            if isDeleted {
                return isOtherLost ? .ipv4Only(question, .code(.nameError, question)) : .code(.nameError, question)
            }
            return .addresses(question, "10.0.0.1", "fd00::1", ttl: question.type == .a ? 5 : 30)
        }
        _ = try simulation.resolve("service-b")
        isDeleted = true
        simulation.run(for: .seconds(6))
        let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(error?.code == .noSuchService)
    }

    @Test(
        "A handle on a service that is deleted while one family has been failing for long is empty as soon as that is known"
    )
    func deletedAfterFailures() throws {
        var (isDeleted, isLost) = (false, false)
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            if isLost, question.type == .aaaa { return .silence }
            return isDeleted ? .code(.nameError, question) : .addresses(question, "10.0.0.1", "fd00::1", ttl: 5)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(10))
        isLost = true
        simulation.run(for: .seconds(90))
        #expect(live.addresses == ["10.0.0.1", "fd00::1"])
        isDeleted = true
        let sent = simulation.sent.count
        simulation.run(for: .seconds(10)) { simulation.sent.dropFirst(sent).contains { $0.question.type == .a } }
        simulation.run(for: .seconds(1))
        #expect(live.addresses == [])
    }

    @Test("A server that denies a name and has addresses of it is believed in the addresses, whatever comes first")
    func deniedByOneFamily() throws {
        for first in [RecordType.a, .aaaa] {
            let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
                let reply =
                    question.type == .a
                    ? Simulation.Reply.code(.nameError, question) : .addresses(question, "fd00::1", ttl: 5)
                return question.type == first ? reply : .delayed(reply, by: .milliseconds(20))
            }
            for _ in 0..<20 {
                #expect(try simulation.resolve("service-b").endpoints.map(\.address.description) == ["fd00::1"])
                simulation.run(for: .seconds(1))
            }
        }
    }

    @Test("A name that is denied is gone for those, too, who have one family from the cache and wait for the other")
    func deniedToOtherSpelling() throws {
        var isDeleted = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            if isDeleted { return .ipv4Only(question, .code(.nameError, question)) }
            return .addresses(question, "10.0.0.1", ttl: 30)
        }
        _ = try simulation.resolve("service-b")
        isDeleted = true
        // That there is no AAAA record is kept for 5 s.
        simulation.run(for: .seconds(6))
        let live = try simulation.watch("service-b.default")
        let waiter = try simulation.ask("service-b.default.svc.cluster.local.")
        simulation.run(for: .milliseconds(500))
        #expect(waiter.outcome == nil)
        // Another asks for what the cache has.
        try simulation.ask("service-b", isForced: true)
        simulation.run(for: .milliseconds(600))
        #expect(waiter.outcome?.error?.code == .noSuchService)
        #expect(live.addresses == [])
    }

    @Test("An alias that is denied while its end is waited for leads nobody to it")
    func deniedAlias() throws {
        var exists = true
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            guard question.name == DomainName("x.example") else {
                return exists ? .alias(question, "x.example", ttl: 30) : .code(.nameError, question)
            }
            let reply = Simulation.Reply.addresses(question, "10.0.0.1", "fd00::1")
            return question.type == .aaaa ? .delayed(reply, by: .milliseconds(900)) : reply
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(600))
        exists = false
        let other = try simulation.ask("service-b.default", isForced: true)
        simulation.run(for: .milliseconds(100))
        #expect(other.outcome?.error?.code == .noSuchService)
        let late = try simulation.ask("service-b")
        simulation.run(for: .seconds(4))
        #expect(late.outcome?.error?.code == .noSuchService)
        #expect(simulation.front.addresses(of: "service-b") == nil)
    }

    @Test("SRV records that are denied while the address of a target is waited for lead nobody to the others")
    func deniedServices() throws {
        var exists = true
        let simulation = try Simulation(families: [.a]) { question, _ in
            guard question.type == .a else {
                return exists
                    ? .service(question, targets: ["a.example", "b.example"], ttl: 30) : .code(.nameError, question)
            }
            return question.name == DomainName("a.example") ? .silence : .addresses(question, "10.0.0.1")
        }
        try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(600))
        exists = false
        let other = try simulation.ask("service-b.default", .services, isForced: true)
        simulation.run(for: .milliseconds(100))
        #expect(other.outcome?.error?.code == .noSuchService)
        let late = try simulation.ask("service-b", .services)
        simulation.run(for: .seconds(4))
        #expect(late.outcome?.error?.code == .noSuchService)
    }

    @Test("An answer of one family that was asked for before the name was denied is no news after that")
    func lateOtherFamily() throws {
        var exists = true
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            guard exists else { return .ipv4Only(question, .code(.nameError, question)) }
            let reply = Simulation.Reply.addresses(question, "10.0.0.1", "fd00::1", ttl: 30)
            return question.type == .a ? reply : .delayed(reply, by: .seconds(3))
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1500))
        exists = false
        try simulation.ask("service-b.default", isForced: true)
        simulation.run(for: .milliseconds(2500))
        let third = try simulation.ask("service-b")
        simulation.run(for: .seconds(2))
        #expect(third.outcome?.error?.code == .noSuchService)
    }

    @Test("A denial of one family is known at once by those who wait for the other, whose answer is older")
    func deniedByRetry() throws {
        var (isDeleted, asked) = (false, 0)
        let simulation = try Simulation(
            families: [.a, .aaaa],
            configuration: { $0.cache.staleAnswerDelay = .seconds(3) },
            server: { question, _ in
                guard isDeleted else { return .addresses(question, "10.0.0.1", "fd00::1") }
                guard question.type == .a else {
                    return .delayed(.code(.nameError, question), by: .milliseconds(300))
                }
                asked += 1
                return asked == 1 ? .silence : .code(.nameError, question)
            }
        )
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(10))
        isDeleted = true
        let start = simulation.now
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .seconds(5)) { waiter.outcome != nil }
        #expect(waiter.outcome?.error?.code == .noSuchService)
        #expect(simulation.now - start <= .milliseconds(301))
    }

    @Test("A target that does not exist has no address of a family that is lost either")
    func deniedTarget() throws {
        var exists = true
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            switch question.type {
            case .srv: .service(question, ttl: 5)
            case .a: exists ? .addresses(question, "10.0.0.1") : .code(.nameError, question)
            default: .late(.noResponse, after: .seconds(5))
            }
        }
        let live = try simulation.watch("service-b", .services)
        simulation.run(for: .seconds(30))
        #expect(live.addresses == ["10.0.0.1"])
        exists = false
        simulation.run(for: .seconds(60))
        #expect(live.addresses == [])
    }

    @Test("A name that is denied to a pod of IPv6 alone is gone in all the ways, though it has other records")
    func deniedToIPv6() throws {
        var exists = true
        let simulation = try Simulation(families: [.aaaa]) { question, _ in
            guard exists else { return .code(.nameError, question) }
            return question.type == .srv ? .service(question, ttl: 30) : .addresses(question, "fd00::1", ttl: 30)
        }
        try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(10))
        for name in ["service-b", "service-b.default"] { _ = try simulation.resolve(name) }
        simulation.run(for: .seconds(1))
        exists = false
        let waiter = try simulation.ask("service-b", isForced: true)
        simulation.run(for: .seconds(1))
        #expect(waiter.outcome?.error?.code == .noSuchService)
        #expect(simulation.front.addresses(of: "service-b.default") == nil)
    }

    @Test("A name that is denied is gone in all the ways in which it was written")
    func deniedInAllSpellings() throws {
        var isDeleted = false
        let simulation = try Simulation { question, _ in
            isDeleted ? .code(.nameError, question) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        let live = try simulation.watch("service-b")
        _ = try simulation.resolve("service-b.default")
        isDeleted = true
        simulation.run(for: .seconds(30)) { live.addresses == [] }
        #expect(live.addresses == [])
        for name in ["service-b", "service-b.default"] {
            #expect(throws: ClusterDNSError.self) { try simulation.resolve(name) }
        }
    }

    @Test("A caller who joins a lookup that waits for one family gets no answer past its TTL")
    func joinsLate() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .addresses(question, "10.0.0.1", ttl: 2))
        }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .milliseconds(1500))
        let before = simulation.now
        let found = try simulation.resolve("service-b")
        #expect(try #require(found.expires) > simulation.now)
        #expect(simulation.now - before <= .milliseconds(2))
    }

    @Test("What is given without the other family is within its TTL although it came long before")
    func partialInTime() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .addresses(question, "10.0.0.1", ttl: 2))
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1500))
        // Another way to write it is another lookup, which has the address from the cache.
        let found = try simulation.resolve("service-b.default")
        #expect(try #require(found.expires) > simulation.now)
    }

    @Test("A handle on a name that is being looked up gets no answer past its TTL")
    func handleJoinsLate() throws {
        var address = "10.0.0.1"
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .addresses(question, address, ttl: 2))
        }
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(2100))
        address = "10.0.0.2"
        simulation.run(for: .milliseconds(1900))
        let live = try simulation.watch("service-b")
        simulation.run(for: .milliseconds(2))
        #expect(live.addresses == ["10.0.0.2"])
    }

    @Test("Where a service's targets are known only after a second, one that is lost is waited for a second longer")
    func lateTargets() throws {
        let simulation = try Simulation { question, _ in
            switch question.type {
            case .srv:
                .delayed(.service(question, targets: ["a.example", "b.example"], ttl: 5), by: .milliseconds(1100))
            default: question.name == DomainName("b.example") ? .silence : .addresses(question, "10.0.0.1", ttl: 5)
            }
        }
        let waiter = try simulation.ask("service-b", .services)
        simulation.run(for: .milliseconds(2101))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
    }

    @Test("With one family lost the other's NXDOMAIN says after a second that there is no such name")
    func missingName() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .code(.nameError, question))
        }
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1001))
        #expect(waiter.outcome?.error?.code == .noSuchService)
    }

    @Test("With one family lost the next candidate is asked for after a second, and there only the other waited for")
    func nextCandidate() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .twoMeanings(question, isFirstThere: false))
        }
        let waiter = try simulation.ask("web-0.nginx")
        simulation.run(for: .milliseconds(1002))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["10.9.9.9"])
    }

    @Test("With one family lost the other's alias is followed after a second, and from then on ahead of time")
    func aliasOfOneFamily() throws {
        let target = DomainName("db.example")
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            switch (question.type, question.name) {
            case (.aaaa, _): .silence
            case (_, target): .addresses(question, "192.0.2.1")
            default: .alias(question, "db.example", ttl: 5)
            }
        }
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1002))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["192.0.2.1"])
        for _ in 0..<600 {
            let before = simulation.now
            #expect(try simulation.resolve("service-b").endpoints.count == 1)
            // A refresh begins a second before the time is over, more or less a tenth, and waits a second for the family.
            #expect(simulation.now - before <= .milliseconds(102))
            simulation.run(for: .milliseconds(100))
        }
    }

    @Test("With one family lost a handle sees in time that the name is there")
    func handleOnMissingName() throws {
        var exists = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, exists ? .addresses(question, "10.0.0.1") : .code(.nameError, question))
        }
        let live = try simulation.watch("service-b")
        for _ in 0..<8 {
            exists = false
            simulation.run(for: .milliseconds(60_100))
            #expect(live.addresses ?? [] == [])
            exists = true
            // A second for the other family, the interval of 5 s, its jitter, and a second again.
            simulation.run(for: .milliseconds(7510))
            #expect(live.addresses == ["10.0.0.1"])
        }
    }

    @Test(
        "However long a patient caller waits for one family, what is known of the other counts no longer than it would",
        arguments: [ResponseCode.nameError, .serverFailure]
    )
    func patientCaller(code: ResponseCode) throws {
        var exists = false
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, exists ? .addresses(question, "10.0.0.1") : .code(code, question, minimum: 1))
        }
        // A failure cannot be taken for the name's, so that the lookup goes on.
        try simulation.ask("service-b", timeout: .seconds(60))
        simulation.run(for: .milliseconds(900))
        exists = true
        simulation.run(for: .seconds(8))
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(1002))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
    }

    @Test("A stale half of what a patient caller waits for is asked for again when somebody else asks")
    func staleHalf() throws {
        var isDown = false
        var address = "10.0.0.1"
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            switch question.type {
            case .a where isDown: .failure(.refused)
            case .aaaa where isDown || address == "10.0.0.2": .silence
            default: .addresses(question, address, "fd00::1", ttl: 2)
            }
        }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(3))
        isDown = true
        try simulation.ask("service-b", timeout: .seconds(60))
        simulation.run(for: .seconds(2))
        (isDown, address) = (false, "10.0.0.2")
        simulation.run(for: .seconds(25))
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(250))
        #expect(try waiter.outcome?.get().endpoints.map(\.description) == ["10.0.0.2", "fd00::1"])
    }

    @Test("Nobody waits longer for the other family because somebody else asks")
    func partialNotPutOff() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .addresses(question, "10.0.0.1", ttl: 2))
        }
        try simulation.ask("service-b.default")
        simulation.run(for: .milliseconds(1800))
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(900))
        try simulation.ask("service-b")
        simulation.run(for: .milliseconds(102))
        #expect(waiter.isOver)
    }

    @Test("Nobody waits longer for one family of the last candidate because somebody else asks for those before it")
    func walkNotPutOff() throws {
        let last = DomainName("web-0.nginx.default.svc.cluster.local")
        func reply(to question: Question) -> Simulation.Reply {
            guard question.name == last else { return .code(.nameError, question, minimum: nil) }
            return .ipv4Only(question, .addresses(question, "10.9.9.9"))
        }
        let simulation = try Simulation(
            families: [.a, .aaaa],
            configuration: { $0.cache.negativeTTLWithoutSOA = .milliseconds(300) },
            server: { question, _ in reply(to: question) }
        )
        let waiter = try simulation.ask("web-0.nginx")
        for _ in 0..<9 {
            simulation.run(for: .milliseconds(100))
            try simulation.ask("web-0.nginx")
        }
        simulation.run(for: .milliseconds(102))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
    }

    @Test("A family that is lost while its answer holds is given as it was, however long stale answers are held back")
    func freshFamily() throws {
        var isLost = false
        let simulation = try Simulation(
            families: [.a, .aaaa],
            configuration: { $0.cache.staleAnswerDelay = .seconds(2) }
        ) { question, _ in
            question.type == .aaaa && isLost ? .silence : .addresses(question, "10.0.0.1", "fd00::1", ttl: 30)
        }
        let live = try simulation.watch("service-b")
        simulation.run(for: .seconds(1))
        isLost = true
        for _ in 0..<600 {
            simulation.run(for: .milliseconds(100))
            #expect(live.addresses?.count == 2)
        }
    }

    @Test("That a name has no IPv6 address is not taken from a name server that says so with NXDOMAIN")
    func mistakenNameError() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .aaaa
                ? .code(.nameError, question)
                : .delayed(.addresses(question, "10.0.0.1"), by: .milliseconds(1200))
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
    }

    @Test(
        "Where a name server says of AAAA alone that there is no such name, what comes of A decides, at every lookup",
        arguments: [
            (ResponseCode?.none, ClusterDNSError.Code.timedOut), (.serverFailure, .serverFailure),
            (.noError, .noRecords),
        ]
    )
    func mistakenNameErrorAlone(code: ResponseCode?, expected: ClusterDNSError.Code) throws {
        let first = DomainName("web-0.nginx.svc.cluster.local")
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            // Its other candidate exists, but is another name.
            guard question.name == first else { return .addresses(question, "10.9.9.9") }
            if question.type == .aaaa { return .code(.nameError, question) }
            return code.map { .code($0, question) } ?? .silence
        }
        for _ in 0..<5 {
            let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("web-0.nginx") }
            #expect(error?.code == expected)
            #expect(error?.absoluteName == first?.description)
            simulation.run(for: .milliseconds(700))
        }
    }

    @Test("That one family of a missing name is lost is known after the first lookup, and hardly anybody waits again")
    func missingNameAgain() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .ipv4Only(question, .code(.nameError, question))
        }
        var waits = 0
        for _ in 0..<600 {
            let before = simulation.now
            #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
            if simulation.now - before > .milliseconds(2) { waits += 1 }
            simulation.run(for: .milliseconds(100))
        }
        // A minute: the first time, and when AAAA is asked for again, 5 s after it failed.
        #expect(waits <= 8)
        #expect(simulation.engine.flights.count <= 1)
    }
}
