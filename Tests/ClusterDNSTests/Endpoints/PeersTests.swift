import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("Peers without a resolver", .timeLimit(.minutes(5)))
struct PeersTests {
    private let endpoints = (1...3).map { Endpoint(address: IPAddress(ipv4: $0), port: 80) }

    @Test("Fixed peers are there at once, and each in its turn")
    func fixed() async throws {
        let peers = Peers.fixed(endpoints)
        #expect(peers.current.map(Array.init) == endpoints)
        var given: [Endpoint] = []
        for _ in 0..<6 { given.append(try await peers.next()) }
        #expect(given == endpoints + endpoints)
    }

    @Test("Many tasks together get each as often as any other")
    func fair() async throws {
        let peers = Peers.fixed(endpoints)
        let counts = try await withThrowingTaskGroup(of: Endpoint.self) { group in
            for _ in 0..<3000 { group.addTask { try await peers.next() } }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(counts == Dictionary(uniqueKeysWithValues: endpoints.map { ($0, 1000) }))
    }

    @Test("An empty set has no next, and says so")
    func empty() async {
        let error = await #expect(throws: ClusterDNSError.self) { try await Peers.fixed([]).next() }
        #expect(error?.code == .noSuchService)
    }

    @Test("A reader gets the set that is there, then what is new and what is gone; another order is no change")
    func changes() async throws {
        let (peers, update) = Peers.makeControlled([endpoints[0]])
        var iterator = peers.changes.makeAsyncIterator()
        let first = try #require(try await iterator.next())
        #expect(first.added == [endpoints[0]])
        update([endpoints[1], endpoints[0]])
        let second = try #require(try await iterator.next())
        #expect(second.added == [endpoints[1]])
        #expect(second.removed.isEmpty)
        update([endpoints[0], endpoints[1]])
        update([endpoints[1]])
        let third = try #require(try await iterator.next())
        #expect(third.added.isEmpty)
        #expect(third.removed == [endpoints[0]])
    }

    @Test("A slow reader gets the newest set, with all that changed since its last")
    func slowReader() async throws {
        let (peers, update) = Peers.makeControlled([endpoints[0]])
        var iterator = peers.changes.makeAsyncIterator()
        _ = try await iterator.next()
        update([endpoints[1]])
        update([])
        update([endpoints[1], endpoints[2]])
        let change = try #require(try await iterator.next())
        #expect(change.added == [endpoints[1], endpoints[2]])
        #expect(change.removed == [endpoints[0]])
    }

    @Test("A slow reader is not given the set that he has once more")
    func sameSetAgain() async throws {
        let (peers, update) = Peers.makeControlled([endpoints[0]])
        var iterator = peers.changes.makeAsyncIterator()
        _ = try await iterator.next()
        update([])
        update([endpoints[0]])
        // What is there for the reader he would get although he is cancelled.
        let reader = Task { [iterator] in
            var iterator = iterator
            return try await iterator.next()
        }
        reader.cancel()
        await #expect(throws: CancellationError.self) { _ = try await reader.value }
    }

    @Test("There is no waiting too long to be waited for")
    func longestWait() async throws {
        let live = LivePeers()
        let peers = Peers(
            live,
            name: "service-b",
            port: nil,
            balancing: .roundRobin,
            timeout: .seconds(1),
            resolver: nil
        )
        let next = Task { try await peers.next(timeout: .seconds(Int64.max)) }
        while !live.isAwaited { await Task.yield() }
        live.update(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text(".")), now: .now)
        #expect(try await next.value == endpoints[0])
    }

    @Test("A reader of a name that cannot stand for anything is told so")
    func invalidName() async throws {
        let live = LivePeers()
        let peers = Peers(live, name: "b c", port: nil, balancing: .random, timeout: .seconds(5), resolver: nil)
        let reader = Task {
            var iterator = peers.changes.makeAsyncIterator()
            return try await iterator.next()
        }
        live.update(.invalidName("b c", BrokenRule("a space")))
        let error = await #expect(throws: ClusterDNSError.self) { _ = try await reader.value }
        #expect(error?.code == .invalidName)
    }

    @Test("A port name that only looks like another's has no part in that one's handle")
    func foldedPort() async throws {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [try NameServer("127.0.0.1:9")]
        let resolver = try ClusterResolver(configuration)
        // A Kelvin sign, whose small letter is a k.
        let wrong = resolver.peers("service-b", port: .named("\u{212A}8s"))
        #expect(wrong.lastError?.code == .invalidName)
        #expect(resolver.peers("service-b", port: "k8s").live !== wrong.live)
        #expect(resolver.peers("service-b", port: "K8S").live === resolver.peers("service-b", port: "k8s").live)
        await resolver.shutdown()
    }

    @Test("Port 0 is refused, whatever is known of the name")
    func portZero() async throws {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [try NameServer("127.0.0.1:9")]
        configuration.staticPeers = ["service-c": [Endpoint(address: IPAddress(ipv4: 0x0A00_0001))]]
        let resolver = try ClusterResolver(configuration)
        for name in ["10.0.0.1", "localhost", "service-c"] {
            for _ in 0..<2 {
                #expect(try await resolver.resolve(name, port: 8080).map(\.port).allSatisfy { $0 == 8080 })
                #expect(try await resolver.peers(name, port: 8080).next().port == 8080)
                let error = await #expect(throws: ClusterDNSError.self) { try await resolver.resolve(name, port: 0) }
                #expect(error?.code == .invalidName)
                #expect(error?.message.hasPrefix("\"\(name)\": 0 is no port") == true)
                #expect(resolver.peers(name, port: 0).lastError == error)
                #expect(throws: ClusterDNSError.self) { try resolver.prefetch(name, port: 0) }
            }
        }
        await resolver.shutdown()
    }

    @Test("A cancelled reader is let go")
    func cancelled() async throws {
        let peers = Peers.fixed(endpoints)
        let reader = Task {
            var iterator = peers.changes.makeAsyncIterator()
            _ = try await iterator.next()
            return try await iterator.next()
        }
        reader.cancel()
        await #expect(throws: CancellationError.self) { _ = try await reader.value }
    }

    @Test("A port that nobody listens on says nothing about the others of the same endpoint")
    func reportedPort() async throws {
        let live = LivePeers()
        let endpoints = (1...3).map { Endpoint(address: IPAddress(ipv4: $0)) }
        live.update(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text("b.")), now: .now)
        func peers(_ port: UInt16) -> Peers {
            Peers(live, name: "b", port: port, balancing: .roundRobin, timeout: .seconds(5), resolver: nil)
        }
        func addresses(_ peers: Peers) async throws -> [UInt32?] {
            var addresses: [UInt32?] = []
            for _ in 0..<6 { addresses.append(try await peers.next().address.ipv4Value) }
            return addresses
        }
        let (closed, open) = (peers(9090), peers(8080))
        closed.reportFailure(of: Endpoint(address: IPAddress(ipv4: 1), port: 9090))
        closed.reportFailure(of: Endpoint(address: IPAddress(ipv4: 2), port: 9090))
        #expect(try await addresses(closed) == [3, 3, 3, 3, 3, 3])
        #expect(try await addresses(open) == [1, 2, 3, 1, 2, 3])
        // A new set changes nothing about it.
        live.update(EndpointSet.Contents(endpoints: endpoints.reversed(), absoluteName: .text("b.")), now: .now)
        #expect(try await addresses(peers(9090)) == [3, 3, 3, 3, 3, 3])
        #expect(try await addresses(peers(8080)) == [1, 2, 3, 1, 2, 3])
    }

    @Test("When a time is over nothing is passed over any more, whichever port is asked for")
    func passedOverTime() {
        let live = LivePeers()
        let endpoints = (1...3).map { Endpoint(address: IPAddress(ipv4: $0)) }
        live.update(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text("b.")), now: .now)
        live.report(Endpoint(address: IPAddress(ipv4: 1), port: 9090), 9090)
        #expect(live.choice(9090)?.usable.count == 2)
        live.update(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text("b.")), now: .now + .seconds(6))
        #expect(live.choice(9090)?.usable.count == 3)
        #expect(live.choice(8080)?.usable.count == 3)
    }

    @Test("Handles of a resolver do not all begin with the same endpoint")
    func beginning() async throws {
        var configuration = ResolverConfiguration()
        configuration.staticPeers = ["service-b": endpoints]
        let resolver = try ClusterResolver(configuration)
        var first: Set<Endpoint> = []
        for _ in 0..<100 { first.insert(try await resolver.peers("service-b").next()) }
        #expect(first == Set(endpoints))
        #expect(resolver.peers("service-b").timeSinceLastSuccess == nil)
        await resolver.shutdown()
    }

    @Test(
        "Only what DNS has answered is a success: no older answer, none with an error, and none that it was not asked for"
    )
    func lastSuccess() {
        let live = LivePeers()
        let start = MonotonicTime.now
        func update(after seconds: Int, answered: Int?, error: ClusterDNSError? = nil) {
            live.update(
                EndpointSet.Contents(endpoints: endpoints, absoluteName: .name(.root)),
                now: start + .seconds(seconds),
                answered: answered.map { start + .seconds($0) },
                error: error
            )
        }
        update(after: 0, answered: nil)
        #expect(live.health.lastSuccess == nil)
        update(after: 2, answered: 1)
        #expect(live.health.lastSuccess == start + .seconds(1))
        update(after: 7, answered: 1)
        update(after: 8, answered: 7, error: ClusterDNSError(code: .timedOut, message: "silence", name: "b"))
        #expect(live.health.lastSuccess == start + .seconds(1))
        #expect(live.health.lastError?.code == .timedOut)
        update(after: 9, answered: 9)
        #expect(live.health.lastSuccess == start + .seconds(9) && live.health.lastError == nil)
    }

    @Test("A reported endpoint is passed over; when all are reported, all are used")
    func reported() async throws {
        let peers = Peers.fixed(endpoints)
        peers.reportFailure(of: endpoints[0])
        for _ in 0..<10 {
            let endpoint = try await peers.next()
            #expect(endpoint != endpoints[0])
        }
        peers.reportFailure(of: endpoints[1])
        peers.reportFailure(of: endpoints[2])
        var given: Set<Endpoint> = []
        for _ in 0..<3 { given.insert(try await peers.next()) }
        #expect(given == Set(endpoints))
    }

    @Test("The set can be read by many tasks while it changes")
    func readWhileItChanges() async throws {
        let (peers, update) = Peers.makeControlled(endpoints)
        let all = endpoints
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<2000 {
                        #expect(peers.current?.isEmpty == false)
                        let endpoint = try await peers.next()
                        #expect(all.contains(endpoint))
                    }
                }
            }
            group.addTask {
                for round in 0..<1000 { update(Array(all.prefix(1 + round % 3))) }
            }
            try await group.waitForAll()
        }
    }

    @Test("An endpoint with another weight is neither new nor gone")
    func weights() async throws {
        let (heavy, light) = (endpoints[0].weighing(100), endpoints[0].weighing(50))
        let (peers, update) = Peers.makeControlled([heavy])
        var iterator = peers.changes.makeAsyncIterator()
        _ = try await iterator.next()
        update([light, endpoints[1].weighing(50)])
        let change = try #require(try await iterator.next())
        #expect(change.added == [endpoints[1].weighing(50)])
        #expect(change.removed.isEmpty)
    }

    @Test("A hundred sets are what their differences add up to", arguments: 0..<5 as Range<UInt64>)
    func differences(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let (peers, update) = Peers.makeControlled([])
        var iterator = peers.changes.makeAsyncIterator()
        var known: Set<Endpoint> = []
        for _ in 0..<100 {
            let change = try #require(try await iterator.next())
            known.subtract(change.removed)
            known.formUnion(change.added)
            #expect(known == Set(change.endpoints))
            var next = known
            while next == known {
                next = Set(
                    (0..<8).filter { _ in Bool.random(using: &random) }.map { Endpoint(address: IPAddress(ipv4: $0)) }
                )
            }
            update(next.shuffled(using: &random))
        }
    }
}

extension Endpoint {
    fileprivate func weighing(_ weight: UInt16) -> Endpoint {
        Endpoint(address: address, port: port, priority: 0, weight: weight)
    }
}
