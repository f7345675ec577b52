@testable import ClusterDNS

extension SplitMix64 {
    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type = Number.self) -> Number {
        Number(truncatingIfNeeded: next())
    }

    mutating func octets(_ count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &self)).map { _ in number() }
    }
}

extension DomainName {
    /// A name whose ending it often shares with others.
    static func random(using generator: inout SplitMix64) -> DomainName {
        let known = ["a", "svc", "default", "service-b", "cluster", "local", "example"].map { Array($0.utf8) }
        let labels = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            generator.chance(90) ? known[Int.random(in: 0..<known.count, using: &generator)] : generator.octets(1...63)
        }
        return DomainName(labels: labels) ?? .root
    }
}

extension RecordData {
    static func random(using generator: inout SplitMix64) -> RecordData {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: return .address(IPAddress(ipv4: generator.number()))
        case 1: return .address(IPAddress(ipv6: generator.number()))
        case 2:
            return .srv(
                ServiceRecord(
                    priority: generator.number(),
                    weight: generator.number(),
                    port: generator.number(),
                    target: .random(using: &generator)
                )
            )
        case 3: return .cname(.random(using: &generator))
        case 4: return .ptr(.random(using: &generator))
        case 5:
            return .soa(
                StartOfAuthority(
                    primary: .random(using: &generator),
                    mailbox: .random(using: &generator),
                    serial: generator.number(),
                    refresh: generator.number(),
                    retry: generator.number(),
                    expire: generator.number(),
                    minimum: generator.number()
                )
            )
        default: return .txt((0..<Int.random(in: 0...3, using: &generator)).map { _ in generator.octets(0...255) })
        }
    }
}

extension Message {
    /// Any message that the encoder can write in full.
    static func random(using generator: inout SplitMix64) -> Message {
        let hasOPT = generator.chance(50)
        var message = Message(
            id: generator.number(),
            isResponse: generator.chance(50),
            isAuthoritative: generator.chance(50),
            isTruncated: generator.chance(10),
            recursionDesired: generator.chance(50),
            recursionAvailable: generator.chance(50),
            opcode: generator.number() & 0xF,
            responseCode: ResponseCode(rawValue: generator.number() & (hasOPT ? 0xFFF : 0xF)),
            udpPayloadSize: hasOPT ? generator.number() : nil
        )
        if generator.chance(80) {
            message.question = Question(
                name: .random(using: &generator),
                type: RecordType(rawValue: generator.number())
            )
        }
        message.answers = records(using: &generator)
        message.authorities = records(using: &generator)
        message.additionals = records(using: &generator)
        return message
    }

    private static func records(using generator: inout SplitMix64) -> [Record] {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            Record(
                name: .random(using: &generator),
                ttl: generator.number() >> 1,
                data: .random(using: &generator)
            )
        }
    }
}
