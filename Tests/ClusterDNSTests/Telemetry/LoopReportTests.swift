import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("What the loop reports, in simulated time")
struct LoopReportTests {
    @Test("A report follows what has happened, and nothing follows a report")
    func occasions() throws {
        var reports: [LoopReport] = []
        let simulation = try Simulation(report: { reports.append($0) }) { question, _ in
            .addresses(question, "10.0.0.1", ttl: 2)
        }
        _ = try simulation.resolve("service-b")
        #expect(simulation.front.addresses(of: "service-b") != nil)
        simulation.run(for: .seconds(1))
        #expect(reports.isEmpty)
        simulation.run(for: .seconds(240))
        #expect(reports.map(\.attemptsOverUDP) == [2])
        #expect(reports.last?.reads == FrontTable.Reads(fresh: 1, stale: 0))
        #expect(reports.last?.queryTimes.count == 2)
        #expect(reports.last?.statistics.names == 1)
        _ = try simulation.resolve("service-b")
        simulation.run(for: .seconds(20))
        #expect(reports.map(\.attemptsOverUDP) == [2, 3])
        #expect(reports.last?.queryTimes == [.init(duration: .milliseconds(1), isAnswered: true)])
    }

    @Test("The last report has no handle and nothing in flight")
    func last() throws {
        var reports: [LoopReport] = []
        let simulation = try Simulation(report: { reports.append($0) }) { _, _ in .silence }
        let live = try simulation.watch("service-b")
        try simulation.ask("service-c")
        simulation.run(for: .milliseconds(100))
        #expect(simulation.engine.statistics.attemptsInFlight == 2)
        _ = simulation.mailbox.post(.shutDown)
        simulation.run(for: .seconds(1))
        #expect(reports.last?.handles == 0)
        #expect(reports.last?.statistics.attemptsInFlight == 0)
        // What is read of the resolver says the same.
        #expect(simulation.counters.statistics.attemptsInFlight == 0)
        withExtendedLifetime(live) {}
    }

    @Test("Many questions are reported before the report is due")
    func many() throws {
        var reports: [LoopReport] = []
        let simulation = try Simulation(report: { reports.append($0) }) { question, _ in
            .addresses(question, "10.0.0.1")
        }
        let waiters = try (0..<3000).map { try simulation.ask("service-\($0)") }
        simulation.run(for: .seconds(1))
        #expect(waiters.allSatisfy { $0.isOver })
        #expect(reports.count >= 2)
        simulation.run(for: .seconds(60))
        #expect(reports.reduce(0) { $0 + $1.queryTimes.count } == 3000)
    }

    @Test("An answer to a repeated question is a hedge that won, and its silent first attempt is not")
    func hedge() throws {
        var count = 0
        let simulation = try Simulation { question, _ in
            count += 1
            return count == 1 ? .silence : .addresses(question, "10.0.0.1")
        }
        _ = try simulation.resolve("service-b")
        #expect(simulation.engine.tally.hedgesWon == 1)
        _ = try simulation.resolve("service-c")
        #expect(simulation.engine.tally.hedgesWon == 1)
        #expect(simulation.engine.tally.attemptsOverUDP == 3)
        #expect(simulation.engine.tally.tcpFallbacks == 0)
    }

    @Test("An answer that comes when its own question has been given up is that of the next one")
    func late() throws {
        let simulation = try Simulation(report: { _ in }) { _, _ in .silence }
        simulation.server = { [unowned simulation] question, _ in
            simulation.sent.count == 1 ? .delayed(.addresses(question, "10.0.0.1"), by: .milliseconds(900)) : .silence
        }
        try simulation.ask("service-b", timeout: .milliseconds(300))
        simulation.run(for: .milliseconds(800))
        let waiter = try simulation.ask("service-b")
        simulation.run(for: .milliseconds(200))
        #expect(try waiter.outcome?.get().endpoints.count == 1)
        #expect(simulation.engine.tally.queryTimes.map(\.isAnswered) == [true])
    }

    @Test("A truncated answer leads to TCP, which resolv.conf may also ask for")
    func fallback() throws {
        for usesTCP in [false, true] {
            let simulation = try Simulation(usesTCP: usesTCP) { question, attempt in
                attempt.transport == .udp ? .truncated(question) : .addresses(question, "10.0.0.1")
            }
            _ = try simulation.resolve("service-b")
            #expect(simulation.engine.tally.attemptsOverTCP == 1)
            #expect(simulation.engine.tally.tcpFallbacks == (usesTCP ? 0 : 1))
        }
    }

    @Test("A set that becomes another is a change; the first one is none, and the order of records neither")
    func changes() throws {
        var addresses = [["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"], ["10.0.0.3"]]
        let simulation = try Simulation { question, _ in
            let current = addresses.count > 1 ? addresses.removeFirst() : addresses[0]
            return .addresses(question, current[0], current.last ?? "")
        }
        let live = LivePeers()
        _ = simulation.mailbox.post(.watch(try simulation.plan("service-b"), id: 1, live))
        simulation.run(for: .seconds(60))
        #expect(live.contents?.endpoints.count == 1)
        #expect(simulation.engine.tally.peerChanges == 1)
    }

    @Test("A caller who traces gets the questions that it waited for, whatever came of them")
    func trace() throws {
        let simulation = try Simulation(families: [.a, .aaaa]) { question, _ in
            question.type == .a ? .addresses(question, "10.0.0.1") : .silence
        }
        let trace = QueryTrace()
        let waiter = Waiter(
            name: "b",
            started: .init(nanoseconds: 0),
            deadline: .init(nanoseconds: 500_000_000),
            trace: trace
        )
        _ = simulation.mailbox.post(.look(try simulation.plan("service-b"), waiter))
        simulation.run(for: .seconds(1))
        #expect(trace.queries.map(\.question.type) == [.a, .aaaa])
        #expect(trace.queries.map(\.failure) == [nil, "timedOut"])
        #expect(trace.queries.map(\.attempts) == [1, 2])
        #expect(trace.queries.allSatisfy { $0.nameServer?.port == 53 && $0.transport == .udp })
    }
}
