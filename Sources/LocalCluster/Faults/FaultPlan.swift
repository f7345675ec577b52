import ClusterDNS

/// Which faults befall which query.
struct FaultPlan: Sendable {
    /// A fault with its scope as a name on the wire.
    fileprivate struct Rule: Sendable {
        var fault: Fault
        var name: DomainName?
    }

    /// Names and types whose queries are counted; when there are more, counting begins anew.
    private static let maximumQuestions = 16_384

    private let rules: [Rule]
    private let seed: UInt64
    private var counts: [Question: Int] = [:]

    /// - Parameter expand: The absolute name of a scope's name.
    init(_ faults: [Fault], seed: UInt64, expand: (String) throws(LocalClusterError) -> DomainName)
        throws(LocalClusterError)
    {
        var rules: [Rule] = []
        for fault in faults {
            if let rule = fault.brokenRule { throw LocalClusterError(.outOfBounds, "fault \(fault.effect): \(rule)") }
            let name = fault.scope.name
            rules.append(Rule(fault: fault, name: try name.map { name throws(LocalClusterError) in try expand(name) }))
        }
        self.rules = rules
        self.seed = seed
    }

    var isEmpty: Bool { rules.isEmpty }

    var refusesTCP: Bool {
        rules.contains { $0.fault.effect == .refuseTCP }
    }

    /// The faults of the next query for a question, in the plan's order.
    mutating func effects(on question: Question, over transport: LocalCluster.Transport) -> [Fault.Effect] {
        guard !isEmpty else { return [] }
        if counts.count >= Self.maximumQuestions { counts = [:] }
        let count = counts[question, default: 0]
        counts[question] = count + 1
        return rules.enumerated().filter { index, rule in
            rule.applies(to: question, transport, count) && chance(question, count, index) < rule.fault.probability
        }.map(\.element.fault.effect)
    }

    /// A number in 0..<1 that the seed, the question, its count and the fault's place decide.
    private func chance(_ question: Question, _ count: Int, _ index: Int) -> Double {
        var generator = SplitMix64(seed: StableHash.hash(question.name.octets) ^ seed)
        for value in [UInt64(question.type.rawValue), UInt64(count), UInt64(index)] {
            generator = SplitMix64(seed: generator.next() ^ value)
        }
        return Double.random(in: 0..<1, using: &generator)
    }
}

extension Fault {
    /// What is wrong with its numbers, or with where it is to befall queries.
    fileprivate var brokenRule: String? {
        if !(0...1).contains(probability) { return "expected a probability from 0 to 1, not \(probability)" }
        if let limit, limit < 0 { return "expected a number of queries, not \(limit)" }
        switch effect {
        case .delay(let delay) where delay < .zero: return "expected a time, not \(delay)"
        case .closeTCP where transport != .tcp: return "expected over(.tcp): there is no connection to close over UDP"
        case .refuseTCP where transport == .udp || limit != nil:
            return "expected neither first(_:) nor over(.udp): nothing listens on the TCP port, or something does"
        case .garbage(let octets) where octets < 0: return "expected a number of octets, not \(octets)"
        default: return nil
        }
    }
}

extension FaultPlan.Rule {
    fileprivate func applies(to question: Question, _ transport: LocalCluster.Transport, _ count: Int) -> Bool {
        (fault.transport == nil || fault.transport == transport)
            && (fault.scope.type == nil || fault.scope.type?.rawValue == question.type.rawValue)
            && (fault.limit.map { count < $0 } ?? true)
            && (name.map { question.name.isWithin($0) } ?? true)
    }
}
