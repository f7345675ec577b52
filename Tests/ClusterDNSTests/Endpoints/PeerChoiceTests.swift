import Testing

@testable import ClusterDNS

@Suite("Choosing a peer")
struct PeerChoiceTests {
    private func endpoint(_ number: UInt32, priority: UInt16? = nil, weight: UInt16? = nil) -> Endpoint {
        Endpoint(address: IPAddress(ipv4: number), priority: priority, weight: weight)
    }

    private func choice(_ endpoints: [Endpoint], passedOver: Set<Endpoint> = []) -> PeerChoice {
        PeerChoice(EndpointSet.Contents(endpoints: endpoints, absoluteName: .text("."))) { passedOver.contains($0) }
    }

    /// How often each endpoint is chosen.
    private func counts(_ choice: PeerChoice, _ times: Int, _ choose: (PeerChoice) -> Int?) -> [Endpoint: Int] {
        var counts: [Endpoint: Int] = [:]
        for _ in 0..<times {
            if let position = choose(choice) { counts[choice.contents.endpoints[position], default: 0] += 1 }
        }
        return counts
    }

    @Test("An empty set gives nobody")
    func empty() {
        var random = SplitMix64(seed: 1)
        #expect(choice([]).inTurn(7) == nil)
        for balancing in [Balancing.roundRobin, .random, .weighted] {
            #expect(choice([]).position(balancing, turn: 7) == nil)
        }
        #expect(choice([]).weighted(using: &random) == nil)
    }

    @Test("In turn, each gets the same, also where the count starts over")
    func inTurn() {
        let choice = choice((1...3).map { endpoint($0) })
        #expect((0..<6).map { choice.inTurn($0) } == [0, 1, 2, 0, 1, 2])
        #expect(choice.inTurn(.max) != nil)
    }

    @Test("Only those of the lowest priority are chosen (RFC 2782)")
    func priority() {
        let choice = choice([endpoint(1, priority: 5), endpoint(2, priority: 1), endpoint(3, priority: 1)])
        #expect(Set((0..<10).compactMap { choice.inTurn($0) }) == [1, 2])
    }

    @Test("The next priority is used while all of the lowest are passed over")
    func passedOverPriority() {
        let first = endpoint(1, priority: 1)
        let choice = choice([first, endpoint(2, priority: 9)], passedOver: [first])
        #expect(choice.inTurn(0) == 1)
    }

    @Test("One who failed is passed over; when all are, all are used")
    func passedOver() {
        let endpoints = (1...3).map { endpoint($0) }
        let some = choice(endpoints, passedOver: [endpoints[1]])
        #expect(Set((0..<10).compactMap { some.inTurn($0) }) == [0, 2])
        let all = choice(endpoints, passedOver: Set(endpoints))
        #expect(Set((0..<10).compactMap { all.inTurn($0) }) == [0, 1, 2])
    }

    @Test("By chance, each is as likely as any other")
    func random() {
        let choice = choice((1...4).map { endpoint($0) })
        var counts = [0, 0, 0, 0]
        for turn in 0..<10_000 as Range<UInt64> {
            if let position = choice.position(.random, turn: turn) { counts[position] += 1 }
        }
        #expect(counts.allSatisfy { (2300...2700).contains($0) }, "\(counts)")
    }

    @Test("Weights are shares (RFC 2782)", arguments: 0..<5 as Range<UInt64>)
    func weights(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let weights: [UInt16] = [10, 20, 30, 40]
        let endpoints = weights.enumerated().map { endpoint(UInt32($0.offset), priority: 0, weight: $0.element) }
        let counts = counts(choice(endpoints), 100_000) { $0.weighted(using: &random) }
        for endpoint in endpoints {
            let share = Double(counts[endpoint] ?? 0) / 100_000
            #expect(abs(share - Double(endpoint.weight ?? 0) / 100) < 0.02)
        }
    }

    @Test("A weight of zero beside others is a small chance, not none, and alone an even one")
    func zeroWeights() {
        var random = SplitMix64(seed: 3)
        let mixed = [endpoint(1, priority: 0, weight: 0), endpoint(2, priority: 0, weight: 99)]
        let small = counts(choice(mixed), 100_000) { $0.weighted(using: &random) }[mixed[0]] ?? 0
        #expect((500...2000).contains(small))
        let zeros = (1...2).map { endpoint($0, priority: 0, weight: 0) }
        let even = counts(choice(zeros), 10_000) { $0.weighted(using: &random) }
        #expect(even.values.allSatisfy { $0 > 4500 })
    }

    @Test("Endpoints of the same weight are as likely as each other, the first too")
    func sameWeights() {
        var random = SplitMix64(seed: 5)
        // CoreDNS gives 100 over the number of endpoints, and 1 from 50 of them on.
        let endpoints = (1...100).map { endpoint($0, priority: 0, weight: 1) }
        let counts = counts(choice(endpoints), 100_000) { $0.weighted(using: &random) }
        #expect(counts.count == 100)
        #expect(counts.values.allSatisfy { (800...1200).contains($0) })
    }

    @Test("The greatest weights there are do not overflow")
    func greatestWeights() {
        var random = SplitMix64(seed: 4)
        let endpoints = (0..<2000).map { endpoint($0, priority: 0, weight: .max) }
        #expect(choice(endpoints).weighted(using: &random) != nil)
    }
}
