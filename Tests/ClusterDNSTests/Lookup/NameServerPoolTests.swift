import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("The lookup engine and its name servers, in simulated time", .timeLimit(.minutes(5)))
struct NameServerPoolTests {
    private let three = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]

    // MARK: Which is asked

    @Test("A dead name server is probed beside a healthy one, so that nobody waits for it, and used once it is back")
    func probes() throws {
        var isDead = true
        let simulation = try Simulation(nameServers: three) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] && isDead ? .silence : .addresses(question, "10.1.0.1")
        }
        func slowLookups(_ names: Range<Int>) throws -> Int {
            try names.count { index in
                let before = simulation.now
                _ = try simulation.resolve("service-\(index)")
                let took = simulation.now - before
                simulation.run(for: .milliseconds(100))
                return took > .milliseconds(10)
            }
        }
        #expect(try slowLookups(0..<600) == 1)
        let probes = simulation.sent.count { $0.attempt.server.octets == [10, 0, 0, 1] }
        // A minute at steps of 1, 2, 4 … 30 s.
        #expect((4...8).contains(probes))
        // Each from a port of its own.
        #expect(simulation.overdue.count >= probes - 1)
        isDead = false
        #expect(try slowLookups(600..<1200) == 0)
        #expect(simulation.sent.count { $0.attempt.server.octets == [10, 0, 0, 1] } > probes + 100)
    }

    @Test("The first name server of the list is asked, though another is quicker: it may know nothing of the cluster")
    func order() throws {
        let simulation = try Simulation(nameServers: three) { question, attempt in
            guard attempt.server.octets == [10, 0, 0, 1] else { return .code(.nameError, question) }
            return .delayed(.addresses(question, "10.1.0.1"), by: .milliseconds(50))
        }
        for index in 0..<100 {
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
            simulation.run(for: .seconds(1))
        }
        #expect(simulation.sent.allSatisfy { $0.attempt.server.octets == [10, 0, 0, 1] })
    }

    @Test("Where a name server has long been dead, another's short failure is outlived as if it were alone")
    func restartBesideDead() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { _, _ in .silence }
        var refusesUntil = MonotonicTime(nanoseconds: 0)
        simulation.server = { [unowned simulation] question, attempt in
            if attempt.server.octets == [10, 0, 0, 1] { return .silence }
            return simulation.now < refusesUntil ? .failure(.refused) : .addresses(question, "10.1.0.1")
        }
        for number in 0..<60 {
            _ = try simulation.resolve("service-\(number)")
            simulation.run(for: .seconds(1))
        }
        refusesUntil = simulation.now + .milliseconds(300)
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
    }

    @Test("A name server that is back is asked within one lookup, however long it was dead, when the other dies")
    func swappedDeath() throws {
        var dead: [UInt8] = [10, 0, 0, 1]
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == dead ? .silence : .addresses(question, "10.1.0.1")
        }
        for number in 0..<600 {
            _ = try simulation.resolve("service-\(number)")
            simulation.run(for: .seconds(1))
        }
        dead = [10, 0, 0, 2]
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
    }

    @Test("A name server that answers SERVFAIL is left alone for longer each time")
    func failingServer() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1]
                ? .code(.serverFailure, question) : .addresses(question, "10.1.0.1")
        }
        for index in 0..<600 {
            _ = try simulation.resolve("service-\(index)")
            simulation.run(for: .milliseconds(100))
        }
        // A minute at steps of 1, 2, 4 … 30 s.
        #expect((4...8).contains(simulation.sent.count { $0.attempt.server.octets == [10, 0, 0, 1] }))
    }

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

    private static let nameServers = (1...5).map { "10.0.0.\($0)" }

    @Test("The last of the name servers is asked, whatever is wrong with the others", arguments: 0..<4, 2...5)
    func lastServer(kind: Int, count: Int) throws {
        let simulation = try Simulation(nameServers: Array(Self.nameServers.prefix(count))) { question, attempt in
            if attempt.server.octets == [10, 0, 0, UInt8(count)], attempt.transport == .udp {
                return .delayed(.addresses(question, "10.1.0.1"), by: .milliseconds(20))
            }
            return [
                .failure(.refused), .failure(.unreachable), .code(.serverFailure, question), .code(.refused, question),
            ][kind]
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
        // At once, and each of them once.
        #expect(simulation.now < MonotonicTime(nanoseconds: 100_000_000))
        #expect(simulation.sent.count == count)
    }

    @Test("What all name servers say is believed at once, what only does not reach them is tried once over TCP")
    func allServersBad() throws {
        for count in 3...5 {
            for kind in 0..<3 {
                let simulation = try Simulation(nameServers: Array(Self.nameServers.prefix(count))) { question, _ in
                    [.failure(.refused), .code(.serverFailure, question), .code(.refused, question)][kind]
                }
                let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
                #expect(error?.code == (kind == 0 ? .unreachable : .serverFailure))
                #expect(simulation.now < MonotonicTime(nanoseconds: 100_000_000))
                #expect(simulation.sent.count == (kind == 0 ? count + 1 : count))
                #expect(simulation.sent.count { $0.attempt.transport == .tcp } == (kind == 0 ? 1 : 0))
            }
        }
    }

    @Test("Three failures do not keep the name servers behind a silent one from being asked")
    func lastBehindSilent() throws {
        let simulation = try Simulation(nameServers: Self.nameServers) { question, attempt in
            switch attempt.server.octets.last {
            case 5: .addresses(question, "10.1.0.1")
            case 4: .silence
            default: .code(.serverFailure, question)
            }
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
    }

    @Test("Behind silent name servers one that is deaf to TCP is asked over UDP, too", arguments: 3...5)
    func thirdWithoutTCP(count: Int) throws {
        let simulation = try Simulation(nameServers: Array(Self.nameServers.prefix(count))) { question, attempt in
            attempt.server.octets == [10, 0, 0, 3] && attempt.transport == .udp
                ? .addresses(question, "10.1.0.1") : .silence
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
        let third = simulation.sent.filter { $0.attempt.server.octets == [10, 0, 0, 3] }
        #expect(third.map(\.attempt.transport) == [.tcp, .udp])
    }

    @Test("Where a name server has answered, however badly, another that cannot be reached is not tried over TCP")
    func unreachableAfterFailures() throws {
        let simulation = try Simulation(nameServers: Array(Self.nameServers.prefix(3))) { question, attempt in
            attempt.server.octets == [10, 0, 0, 3] ? .failure(.refused) : .code(.serverFailure, question)
        }
        #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(simulation.sent.map(\.attempt.transport) == [.udp, .udp, .udp])
    }

    @Test("A name server that cannot be asked at all does not stand before one that loses a datagram")
    func unaskable() throws {
        var isLost = true
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            if attempt.server.octets == [10, 0, 0, 1] { return .failure(.failed("no buffer space available")) }
            defer { isLost = false }
            return isLost ? .silence : .addresses(question, "10.1.0.1")
        }
        for index in 0..<20 {
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
            simulation.run(for: .milliseconds(100))
        }
    }

    @Test("What has just failed is not asked again at once by those who want it new, be it that its answer still holds")
    func forcedAfterFailure() throws {
        var isBad = false
        let simulation = try Simulation { question, _ in
            isBad ? .code(.refused, question) : .addresses(question, "10.0.0.1", ttl: 30)
        }
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(1))
        isBad = true
        let sent = simulation.sent.count
        for _ in 0..<8 {
            let waiter = try simulation.ask("service-b", isForced: true)
            simulation.run(for: .milliseconds(100))
            #expect(try waiter.outcome?.get().endpoints.count == 1)
        }
        #expect(simulation.sent.count == sent + 1)
        simulation.run(for: .seconds(1))
        try simulation.ask("service-b", isForced: true)
        simulation.run(for: .milliseconds(100))
        #expect(simulation.sent.count == sent + 2)
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

    @Test(
        "One that says how it is to be asked is asked so itself, not another that may know nothing of the cluster",
        arguments: 0..<3
    )
    func askedAgain(kind: Int) throws {
        var isFirst = true
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            guard attempt.server.octets == [10, 0, 0, 1] else { return .code(.nameError, question) }
            defer { isFirst = false }
            guard isFirst else { return .addresses(question, "10.1.0.1") }
            return [.truncated(question), .code(.formatError, question), .failure(.closed)][kind]
        }
        #expect(try simulation.resolve("service-b").endpoints.count == 1)
        #expect(simulation.sent.map(\.attempt.server.octets) == [[10, 0, 0, 1], [10, 0, 0, 1]])
    }

    @Test("One that cannot be asked over TCP is still the first for what UDP can carry", arguments: [false, true])
    func blockedTCP(isRefused: Bool) throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            guard attempt.server.octets == [10, 0, 0, 1] else { return .code(.nameError, question) }
            if attempt.transport == .tcp { return isRefused ? .failure(.refused) : .silence }
            return question.name.description.hasPrefix("large")
                ? .truncated(question) : .addresses(question, "10.1.0.1")
        }
        for index in 0..<5 {
            let error = #expect(throws: ClusterDNSError.self) { try simulation.resolve("large-\(index)") }
            #expect(error?.code == .truncated)
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
            #expect(simulation.sent.last?.attempt.server.octets == [10, 0, 0, 1])
        }
    }

    @Test("One that fails is not healthy for an answer that cannot be read")
    func garbage() throws {
        var isDown = true
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            guard attempt.server.octets == [10, 0, 0, 1] else { return .addresses(question, "10.1.0.1") }
            return isDown ? .code(.serverFailure, question) : .octets([1, 2, 3])
        }
        _ = try simulation.resolve("service-b")
        isDown = false
        simulation.run(for: .seconds(2))
        let before = simulation.sent.count
        for index in 0..<20 { _ = try simulation.resolve("service-\(index)") }
        let later = simulation.sent[before...]
        // A probe, for which nobody waits.
        #expect(later.count { $0.attempt.server.octets == [10, 0, 0, 1] } == 1)
    }

    @Test("One that finds nothing out about a name outside is still the first for those inside", arguments: 0..<3)
    func outsideFailure(kind: Int) throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            guard attempt.server.octets == [10, 0, 0, 1] else { return .code(.nameError, question) }
            if question.name.isWithin(.clusterLocal) { return .addresses(question, "10.1.0.1") }
            let answer = Simulation.Reply.addresses(question, "203.0.113.1")
            return [.code(.serverFailure, question), .silence, .delayed(answer, by: .milliseconds(700))][kind]
        }
        for index in 0..<50 {
            try simulation.ask("name-\(index).example.com.")
            simulation.run(for: .milliseconds(300))
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
            #expect(simulation.sent.last?.attempt.server.octets == [10, 0, 0, 1])
        }
    }

    @Test("One that is silent for names outside is left alone for these, and probed without harm to those inside")
    func silentForOutside() throws {
        var isLost = true
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            let isInside = question.name.isWithin(.clusterLocal)
            if attempt.server.octets == [10, 0, 0, 2] {
                return isInside ? .code(.nameError, question) : .addresses(question, "203.0.113.1")
            }
            defer { if isInside { isLost = false } }
            return isInside && !isLost ? .addresses(question, "10.1.0.1") : .silence
        }
        // One lost datagram has the first pushed back for a second.
        try simulation.ask("lost")
        simulation.run(for: .milliseconds(1300))
        var slow = 0
        for index in 0..<100 {
            let before = simulation.now
            #expect(try simulation.resolve("name-\(index).example.com.").endpoints.count == 1)
            slow += simulation.now - before > .milliseconds(10) ? 1 : 0
            simulation.run(for: .milliseconds(100))
        }
        #expect(slow <= 1)
        _ = try? simulation.resolve("probing")
        for index in 0..<20 { #expect(try simulation.resolve("service-\(index)").endpoints.count == 1) }
    }

    @Test("One that refuses connections is left alone, whatever it is asked for")
    func outsideRefused() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] ? .failure(.refused) : .addresses(question, "203.0.113.1")
        }
        for index in 0..<50 { _ = try simulation.resolve("name-\(index).example.com.") }
        #expect(simulation.sent.count == 51)
    }

    // MARK: Load

    @Test("However many names outside are asked for in vain, one inside has its place at once, and in the queue")
    func silentOutside() throws {
        let simulation = try Simulation(configuration: { $0.limits.queueLength = 500 }) { question, _ in
            question.name.isWithin(.clusterLocal) ? .addresses(question, "10.1.0.1") : .silence
        }
        let outside = try (0..<1000).map { try simulation.ask("name-\($0).example.com.") }
        simulation.run(for: .milliseconds(1))
        // 32 are sent, 250 wait.
        #expect(simulation.sent.count == 32)
        #expect(outside.count { $0.outcome?.error?.code == .overloaded } == 1000 - 32 - 250)
        let message = outside.last?.outcome?.error?.message ?? ""
        #expect(message.contains("250 queries for names outside the cluster wait behind 32 in flight"), "\(message)")
        for index in 0..<20 {
            let before = simulation.now
            #expect(try simulation.resolve("service-\(index)").endpoints.count == 1)
            #expect(simulation.now - before < .milliseconds(10))
            simulation.run(for: .milliseconds(100))
        }
        // Those inside may have all.
        let inside = try (0..<600).map { try simulation.ask("burst-\($0)") }
        simulation.run(for: .milliseconds(100))
        #expect(inside.count { $0.outcome?.error != nil } <= 100 && inside.allSatisfy(\.isOver))
    }

    @Test("A burst waits for the first name server rather than ask one that may know nothing of the cluster")
    func burst() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1]
                ? .addresses(question, "10.1.0.1") : .code(.nameError, question)
        }
        let waiters = try (0..<1000).map { try simulation.ask("service-\($0)") }
        simulation.run(for: .milliseconds(100))
        #expect(waiters.allSatisfy { (try? $0.outcome?.get()) != nil })
        #expect(simulation.sent.allSatisfy { $0.attempt.server.octets == [10, 0, 0, 1] })
    }

    @Test("What waits for a place at a name server that is silent goes on to the next after one interval")
    func burstAtSilent() throws {
        let simulation = try Simulation(nameServers: three) { question, attempt in
            attempt.server.octets == [10, 0, 0, 1] ? .silence : .addresses(question, "10.1.0.1")
        }
        let waiters = try (0..<1000).map { try simulation.ask("service-\($0)") }
        // The interval, and a millisecond for each 64.
        simulation.run(for: .milliseconds(267))
        #expect(waiters.allSatisfy { (try? $0.outcome?.get()) != nil })
        #expect(simulation.sent.count { $0.attempt.server.octets == [10, 0, 0, 1] } == 64)
    }

    @Test("A name server that is slow is not asked twice for what it is going to answer")
    func slowServer() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            .addresses(question, "10.1.0.1", "fd00::1")
        }
        simulation.latency = .milliseconds(600)
        for index in 0..<100 { _ = try simulation.resolve("service-\(index)") }
        // Two each, but for the first, by which it is known.
        #expect(simulation.sent.count == 2 * 100 + 2)
        // When it is quick again that is seen within some answers.
        simulation.latency = .milliseconds(1)
        for index in 0..<20 { _ = try simulation.resolve("quick-\(index)") }
        var isLost = true
        simulation.server = { question, _ in
            defer { isLost = false }
            return isLost ? .silence : .addresses(question, "10.1.0.1")
        }
        let before = simulation.now
        _ = try simulation.resolve("service-b")
        #expect(simulation.now - before < .milliseconds(260))
    }

    @Test("Where a slow name server fails, that is known as soon as where a quick one does")
    func slowFailure() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.1.0.1") }
        simulation.latency = .milliseconds(900)
        for index in 0..<10 { _ = try simulation.resolve("service-\(index)") }
        simulation.latency = .milliseconds(1)
        simulation.server = { _, _ in .failure(.refused) }
        let before = simulation.now
        #expect(throws: ClusterDNSError.self) { try simulation.resolve("service-b") }
        #expect(simulation.now - before < .milliseconds(800))
    }

    @Test("However slow a name server is, it is asked again after the longest interval")
    func verySlowServer() throws {
        let simulation = try Simulation { question, _ in .addresses(question, "10.1.0.1") }
        simulation.latency = .milliseconds(2500)
        for index in 0..<100 { _ = try simulation.resolve("service-\(index)") }
        #expect(simulation.sent.count == 3 * 100 + 1)
    }

    @Test("Where there is another healthy name server it is asked after 250 ms, however slow the first")
    func slowBesideQuick() throws {
        let simulation = try Simulation(nameServers: ["10.0.0.1", "10.0.0.2"]) { question, attempt in
            let answer = Simulation.Reply.addresses(question, "10.1.0.1")
            return attempt.server.octets == [10, 0, 0, 1] ? .delayed(answer, by: .milliseconds(600)) : answer
        }
        for index in 0..<100 {
            let before = simulation.now
            _ = try simulation.resolve("service-\(index)")
            #expect(simulation.now - before < .milliseconds(260))
            simulation.run(for: .milliseconds(700))
        }
    }
}
