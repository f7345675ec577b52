/// A set together with what is needed to choose from it quickly. Never changes.
final class PeerChoice: Sendable {
    let contents: EndpointSet.Contents
    /// Positions in the set of those that may be chosen, in turn: of the lowest priority, and not passed over.
    let usable: [Int]
    /// For each of these the sum of the weights up to and with its own; empty where there are no weights.
    private let weightSums: [Int]
    /// Positions of those that have none although others have.
    private let unweighted: [Int]

    /// - Parameter isPassedOver: whether an endpoint failed a caller a short while ago. If that is all of them, none is
    ///   passed over.
    init(_ contents: EndpointSet.Contents, isPassedOver: (Endpoint) -> Bool = { _ in false }) {
        self.contents = contents
        let all = Array(contents.endpoints.indices)
        let reachable = all.filter { !isPassedOver(contents.endpoints[$0]) }
        let candidates = reachable.isEmpty ? all : reachable
        let lowest = candidates.compactMap { contents.endpoints[$0].priority }.min()
        // In an order that a set keeps although CoreDNS shuffles it at each answer, or a turn would skip some.
        usable = candidates.filter { contents.endpoints[$0].priority == lowest }
            .sorted { contents.endpoints[$0].order < contents.endpoints[$1].order }
        var sum = 0
        let weights = usable.map { contents.endpoints[$0].weight }
        weightSums =
            weights.contains { $0 != nil && $0 != 0 }
            ? weights.map {
                sum += Int($0 ?? 0)
                return sum
            } : []
        unweighted = weightSums.isEmpty ? [] : usable.filter { (contents.endpoints[$0].weight ?? 0) == 0 }
    }

    /// The same in memory of its own; see ``EndpointSet/Contents/init(copying:)``.
    init(copying other: PeerChoice) {
        contents = EndpointSet.Contents(copying: other.contents)
        usable = other.usable.map { $0 }
        weightSums = other.weightSums.map { $0 }
        unweighted = other.unweighted.map { $0 }
    }

    /// The position of one to call; `nil` from an empty set.
    ///
    /// - Parameter turn: another number for each call.
    @inline(__always) func position(_ balancing: Balancing, turn: UInt64) -> Int? {
        switch balancing {
        case .roundRobin: inTurn(turn)
        case .random: byChance(turn, isWeighted: false)
        case .weighted: byChance(turn, isWeighted: true)
        }
    }

    func inTurn(_ count: UInt64) -> Int? {
        usable.isEmpty ? nil : usable[Int(count % UInt64(usable.count))]
    }

    @inline(never) private func byChance(_ turn: UInt64, isWeighted: Bool) -> Int? {
        // The system's generator would cost a system call, and nobody gains by guessing.
        var generator = SplitMix64(seed: turn &* 0x9E37_79B9_7F4A_7C15)
        return isWeighted ? weighted(using: &generator) : usable.randomElement(using: &generator)
    }

    /// As RFC 2782 has it: a number from 0 to the sum of the weights, and the first endpoint whose running sum is not
    /// less. An endpoint without weight has a small chance too: it stands first, where 0 finds it. Without any such there is
    /// no 0, which would be another chance for the first of the others.
    func weighted(using generator: inout some RandomNumberGenerator) -> Int? {
        guard let sum = weightSums.last else { return usable.randomElement(using: &generator) }
        let number = Int.random(in: (unweighted.isEmpty ? 1 : 0)...sum, using: &generator)
        if number == 0 { return unweighted.randomElement(using: &generator) }
        var low = 0
        var high = weightSums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if weightSums[middle] >= number { high = middle } else { low = middle + 1 }
        }
        return usable[low]
    }
}

extension Endpoint {
    fileprivate var order: (String, IPAddress, UInt16) { (hostname ?? "", address, port ?? 0) }
}
