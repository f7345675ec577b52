import DNSTransport
import Testing

@testable import ClusterDNS

/// Everything that callers, operators and name servers do, in an order by chance: what must hold whatever happens.
@Suite("Everything at once", .timeLimit(.minutes(5)))
struct StormTests {
    @Test("Every wait ends in time, handles end with the truth, and nothing is left behind", arguments: 0..<10)
    func storm(seed: Int) throws {
        let storm = try Storm(seed: UInt64(seed))
        for _ in 0..<1500 { try storm.step() }
        storm.isOver = true
        storm.run(for: .seconds(20))
        #expect(storm.waiters.allSatisfy { $0.isOver })
        #expect(storm.isInTime)
        let simulation = storm.simulation
        #expect(simulation.engine.waiterCount == 0)
        #expect(simulation.engine.queues.count == 0)
        #expect(simulation.engine.servers.placesTaken == 0)
        #expect(simulation.engine.flights.isEmpty)

        storm.run(for: .seconds(60))
        // Where deletions are hidden a set may be one from before.
        if !storm.hidesDeletions {
            for (name, _, live) in storm.handles { try storm.expectTruth(name, live) }
        }

        storm.dropHandles()
        storm.run(for: .seconds(8000))
        #expect(simulation.engine.lookups.isEmpty && simulation.engine.watches.isEmpty)
        #expect(simulation.engine.attempts.isEmpty && simulation.engine.publications.isEmpty)
        #expect(simulation.engine.waits.count == 0 && simulation.engine.timers.count == 0)
        #expect(simulation.engine.cache.counts == (0, 0))
    }
}

private final class Storm {
    let simulation: Simulation
    let hidesDeletions: Bool
    /// From now on the name servers do what they should.
    var isOver = false
    private(set) var waiters: [Waiter] = []
    private(set) var handles: [(name: String, id: UInt64, live: LivePeers)] = []
    /// No caller has waited for longer than he was to.
    private(set) var isInTime = true
    private var generator: SplitMix64
    /// What a name has: 0 for one that is not there.
    private var world: [DomainName: Int] = [:]
    private var nameServers: [NameServer]?
    private var lastID: UInt64 = 0

    init(seed: UInt64) throws {
        generator = SplitMix64(seed: seed)
        let (isSmall, hidesDeletions) = (seed.isMultiple(of: 3), seed % 5 == 4)
        self.hidesDeletions = hidesDeletions
        var change: () -> [NameServer]? = { nil }
        simulation = try Simulation(
            nameServers: Self.nameServers,
            families: [.a, .aaaa],
            nameServerChange: { change() },
            configuration: { configuration in
                configuration.limits.queriesInFlight = 4
                configuration.limits.queueLength = 50
                configuration.cache.capacity = isSmall ? 20 : 4096
                configuration.cache.negativeCapacity = isSmall ? 10 : 4096
                configuration.cache.hidesDeletionsWithStale = hidesDeletions
            },
            server: { _, _ in .silence }
        )
        change = { [unowned self] in nameServers.take() }
        simulation.server = { [unowned self] question, _ in reply(to: question) }
    }

    private static let nameServers = (1...3).map { "10.0.0.\($0)" }

    private func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    private func oneIn(_ count: Int) -> Bool { number(1...count) == 1 }

    /// One of a few services and pods, in one of the ways to write it.
    private func name() -> String {
        let number = number(0...24)
        let spellings = [
            "s\(number)", "s\(number).default", "p\(number).s\(number)", "s\(number).default.svc.cluster.local",
            "p\(number).s\(number).dev",
        ]
        return spellings[self.number(0...4)]
    }

    // MARK: Name servers

    private func reply(to question: Question) -> Simulation.Reply {
        if isOver { return truth(question) }
        return switch number(0...13) {
        case 0, 1: .late(.noResponse, after: .seconds(5))
        case 2: .failure(.refused)
        case 3: .failure(.closed)
        case 4: .code(.serverFailure, question)
        case 5: .code(.formatError, question)
        case 6: .truncated(question)
        case 7: .octets([])
        case 8: .alias(question, "x\(number(0...4)).example", ttl: 3)
        case 9: .delayed(truth(question), by: .milliseconds(number(1...4500)))
        default: truth(question)
        }
    }

    private func truth(_ question: Question) -> Simulation.Reply {
        let value = world[question.name, default: 1]
        if value == 0 { return .code(.nameError, question) }
        if question.type == .srv { return .service(question, targets: ["t\(value).example", "u.example"], ttl: 5) }
        return .addresses(question, "10.0.\(value).1", "fd00::\(value)", ttl: UInt32(value % 3) * 5)
    }

    /// - Parameter live: a handle on the name, whose candidates are walked until one is there.
    func expectTruth(_ name: String, _ live: LivePeers) throws {
        let plan = try simulation.plan(name)
        // One that was there once is stayed with, be it for a caller who came before the handle.
        var candidates = simulation.engine.watches[plan.key]?.plan.candidates ?? plan.candidates
        let held = candidates.first { name in
            name != plan.outside
                && [.a, .aaaa].contains { simulation.engine.cache.holds(Question(name: name, type: $0), for: plan.key) }
        }
        if let held { candidates = [held] }
        let values = candidates.map { world[$0, default: 1] }
        let addresses = live.addresses ?? ["none"]
        let found = values.first { $0 != 0 }.map { ["10.0.\($0).1", "fd00::\($0)"] } ?? []
        #expect(addresses.sorted() == found, "\(name) \(values)")
        #expect(live.health.lastError?.code.isNegative ?? true, "\(name)")
    }

    // MARK: Callers and operators

    func step() throws {
        switch number(0...29) {
        case 0...13: try look()
        case 14: _ = simulation.mailbox.post(.look(try simulation.plan(name()), nil))
        case 15, 16: try hold()
        case 17: if !handles.isEmpty { drop(handles.remove(at: number(0...handles.count - 1))) }
        case 18: if oneIn(4) { try simulation.flush(name()) }
        case 19: if oneIn(20) { flushAll() }
        case 20:
            guard let handle = handles.randomElement(using: &generator) else { break }
            _ = simulation.mailbox.post(.reported(LookupKey(name: handle.name, kind: .addresses)))
        case 21:
            if oneIn(10) {
                nameServers = try Self.nameServers.shuffled(using: &generator).prefix(number(1...3)).map {
                    try NameServer($0)
                }
            }
        case 22: if oneIn(20) { try reconfigure() }
        case 23: world[try simulation.plan(name()).candidates[0]] = number(0...5)
        default: break
        }
        run(for: .milliseconds(number(0...60)))
    }

    private func look() throws {
        let name = name()
        let kind = oneIn(4) ? LookupKey.Kind.services : .addresses
        let key = LookupKey(name: name, kind: kind)
        if simulation.front.outcome(of: key) != nil, oneIn(2) { return }
        let timeout = Duration.milliseconds(number(1...9000))
        let waiter = try simulation.ask(name, kind, timeout: timeout, isForced: oneIn(5))
        waiters.append(waiter)
        guard oneIn(4) else { return }
        waiter.end(with: .failure(CancellationError()))
        _ = simulation.mailbox.post(.abandon(key))
    }

    private func hold() throws {
        let name = name()
        guard !handles.contains(where: { $0.name == name }) else { return }
        lastID += 1
        handles.append((name, lastID, try simulation.watch(name, id: lastID)))
    }

    private func drop(_ handle: (name: String, id: UInt64, live: LivePeers)) {
        _ = simulation.mailbox.post(.unwatch(LookupKey(name: handle.name, kind: .addresses), id: handle.id))
    }

    func dropHandles() {
        for handle in handles { drop(handle) }
        handles = []
    }

    private func flushAll() {
        simulation.front.flushAll()
        _ = simulation.mailbox.post(.flushAll)
    }

    private func reconfigure() throws {
        var limits = ResolverConfiguration.Limits()
        limits.queriesInFlight = number(1...8)
        limits.queueLength = number(1...60)
        simulation.planVersion += 1
        _ = simulation.mailbox.post(.reconfigure(limits, version: simulation.planVersion))
        for handle in handles {
            _ = simulation.mailbox.post(.watch(try simulation.plan(handle.name), id: handle.id, handle.live))
        }
    }

    // MARK: Time

    func run(for duration: Duration) {
        simulation.run(for: duration)
        // Deadlines that are close to each other are looked at together, ten milliseconds apart.
        isInTime = isInTime && waiters.allSatisfy { $0.isOver || simulation.now <= $0.deadline + .milliseconds(11) }
    }
}
