/// What a message says about a question.
package enum Answer: Hashable, Sendable {
    case records(AnswerRecords)
    /// The name exists, but not with this type (RFC 2308 section 2.2). `canonicalName` is the end of the CNAME chain,
    /// `nil` without a CNAME; `ttl` the seconds that the answer may be kept (RFC 2308 section 5), `nil` if no SOA
    /// record says so.
    case noData(canonicalName: DomainName?, ttl: UInt32?)
    /// NXDOMAIN: the name, or the end of its CNAME chain (RFC 6604 section 3), does not exist. The response code stands
    /// against any records that came with it, as for the resolvers of glibc and c-ares.
    case nameError(canonicalName: DomainName?, ttl: UInt32?)
    /// TC: ask again over TCP.
    case truncated
    /// Any response code but NOERROR and NXDOMAIN.
    case failure(ResponseCode)
    /// It answers the question, but cannot be used.
    case malformed(reason: String)
    /// No response, or one to something else: to be ignored, and waited on for the real one.
    case notOurs
}

/// The records that answer a question.
package struct AnswerRecords: Hashable, Sendable {
    /// The end of the CNAME chain (RFC 1034 section 3.6.2); `nil` if the name asked has the records itself.
    package var canonicalName: DomainName?
    /// The contents of the records of the type asked, in the message's order, none of them twice. Empty where the message
    /// has nothing but CNAME records: the name at their end, which the server did not look up, is yet to be asked for.
    package var data: [RecordData]
    /// Seconds; the least of the records in `data` and of the CNAME records that lead to them.
    package var ttl: UInt32
    /// The addresses of the targets of SRV records, as far as the message has them (RFC 2782).
    package var targets: [DomainName: TargetAddresses] = [:]
}

/// The addresses of the target of an SRV record.
package struct TargetAddresses: Hashable, Sendable {
    package var addresses: [IPAddress] = []
    /// Seconds; the least of the addresses' records.
    package var ttl: UInt32 = .max
}

extension Answer {
    /// Whether it ends the question: with all else another attempt may fare better.
    package var isConclusive: Bool {
        switch self {
        case .records, .noData, .nameError: true
        case .truncated, .failure, .malformed, .notOurs: false
        }
    }

    /// Follows more CNAME records than CoreDNS, which stops at 8, and no loop for long.
    private static let longestChain = 16

    /// What a name server's octets say about `question`.
    package init(_ octets: [UInt8], to question: Question) {
        var isOurs = false
        do throws(WireError) {
            var decoder = try MessageDecoder(octets, expecting: question.name)
            isOurs = decoder.message.isResponse(to: question)
            guard isOurs else {
                self = .notOurs
                return
            }
            let (data, ttl) = try decoder.takeAddresses()
            try decoder.decodeRecords()
            self.init(decoder.message, to: question, ChainEnd(name: question.name, data: data, ttl: ttl))
        } catch {
            self = isOurs ? .malformed(reason: error.description) : .notOurs
        }
    }

    /// What a message says about `question`.
    package init(_ message: Message, to question: Question) {
        guard message.isResponse(to: question) else {
            self = .notOurs
            return
        }
        self.init(message, to: question, ChainEnd(name: question.name))
    }

    /// What a response to `question` says.
    ///
    /// - Parameter start: the name asked, with what was read of its records already.
    private init(_ message: Message, to question: Question, _ start: ChainEnd) {
        if message.isTruncated {
            self = .truncated
        } else if message.responseCode != .noError, message.responseCode != .nameError {
            self = .failure(message.responseCode)
        } else if let end = message.chainEnd(of: question, from: start, longest: Self.longestChain) {
            self.init(message, end, isAlias: end.name != question.name)
        } else {
            self = .malformed(reason: "the CNAME records go in a circle or are more than \(Self.longestChain)")
        }
    }

    private init(_ message: Message, _ end: ChainEnd, isAlias: Bool) {
        let canonicalName = isAlias ? end.name : nil
        let negativeTTL = message.negativeTTL(end)
        if message.responseCode == .nameError {
            self = .nameError(canonicalName: canonicalName, ttl: negativeTTL)
        } else if end.data.isEmpty, !isAlias || negativeTTL != nil {
            self = .noData(canonicalName: canonicalName, ttl: negativeTTL)
        } else {
            let data = end.data.areDistinctAddresses ? end.data : end.data.withoutDuplicates()
            let targets = message.addresses(ofTargetsIn: data)
            self = .records(AnswerRecords(canonicalName: canonicalName, data: data, ttl: end.ttl, targets: targets))
        }
    }
}

/// Where the CNAME records of an answer lead.
private struct ChainEnd {
    var name: DomainName
    /// Of the type asked.
    var data: [RecordData] = []
    /// The least of the records on the way.
    var ttl = UInt32.max
}

extension Message {
    /// Whether the message is a response to a standard query of just this question.
    fileprivate func isResponse(to question: Question) -> Bool {
        isResponse && opcode == 0 && self.question == question
    }

    /// Follows the CNAME records, in whatever order they came; records that they do not lead to have no say. Where a name
    /// has records of the type asked and a CNAME as well, the chain ends; of several CNAMEs the first counts.
    fileprivate func chainEnd(of question: Question, from start: ChainEnd, longest: Int) -> ChainEnd? {
        var end = start
        for _ in 0...longest {
            var alias: DomainName?
            var aliasTTL = UInt32.max
            for record in answers where record.name == end.name {
                if record.data.isData(of: question.type) {
                    if end.data.isEmpty { end.data.reserveCapacity(answers.count) }
                    end.data.append(record.data)
                    end.ttl = min(end.ttl, record.ttl)
                } else if case .cname(let target) = record.data, alias == nil {
                    alias = target
                    aliasTTL = record.ttl
                }
            }
            guard end.data.isEmpty, let alias else { return end }
            end.name = alias
            end.ttl = min(end.ttl, aliasTTL)
        }
        return nil
    }

    /// RFC 2308 section 5, and no longer than the CNAME records hold.
    fileprivate func negativeTTL(_ end: ChainEnd) -> UInt32? {
        for record in authorities {
            guard case .soa(let start) = record.data else { continue }
            return min(record.ttl, start.minimum, end.ttl)
        }
        return nil
    }

    fileprivate func addresses(ofTargetsIn data: [RecordData]) -> [DomainName: TargetAddresses] {
        // All of them are of the type asked.
        guard case .srv? = data.first else { return [:] }
        var targets: [DomainName: TargetAddresses] = [:]
        for case .srv(let service) in data { targets[service.target] = TargetAddresses() }
        for records in [answers, additionals] {
            for record in records {
                guard case .address(let address) = record.data else { continue }
                targets[record.name]?.add(address, ttl: record.ttl)
            }
        }
        return targets.compactMapValues { $0.addresses.isEmpty ? nil : $0.withoutDuplicates() }
    }
}

extension RecordData {
    /// Whether it is of this type and was read: a class other than IN leaves `.other` of the same type.
    fileprivate func isData(of type: RecordType) -> Bool {
        if case .other = self { return false }
        return self.type == type
    }
}

extension TargetAddresses {
    fileprivate mutating func add(_ address: IPAddress, ttl: UInt32) {
        addresses.append(address)
        self.ttl = min(self.ttl, ttl)
    }

    fileprivate func withoutDuplicates() -> TargetAddresses {
        TargetAddresses(addresses: addresses.withoutDuplicates(), ttl: ttl)
    }
}

extension [RecordData] {
    /// Whether these are addresses and plainly none is there twice, as in nearly all answers. Sorting a number for each
    /// tells at a quarter of the cost of a set of a thousand.
    fileprivate var areDistinctAddresses: Bool {
        guard count > 1 else { return true }
        var numbers: [UInt64] = []
        numbers.reserveCapacity(count)
        for case .address(let address) in self { numbers.append(address.high ^ address.low) }
        numbers.sort()
        return numbers.count == count && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    }
}
