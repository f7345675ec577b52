/// What every record begins with (RFC 1035 section 3.2.1).
struct RecordHead {
    var name: DomainName
    var type: RecordType
    var classCode: UInt16
    var ttl: UInt32
    var dataLength: Int

    static let classIN: UInt16 = 1
    /// The octets of the smallest record: the root's name, type, class, TTL and length of the data.
    static let smallestRecord = 11

    /// A TTL with the first bit set is 0 (RFC 2181 section 8).
    static func seconds(_ ttl: UInt32) -> UInt32 { ttl >> 31 == 0 ? ttl : 0 }
}

extension OctetReader {
    mutating func records(_ count: Int, into records: inout [Record]) throws(WireError) {
        guard count > 0 else { return }
        records.reserveCapacity(room(for: count))
        for _ in 0..<count { try records.append(record(recordHead())) }
    }

    /// `count` records, or as many as there can be in what is left of the message.
    func room(for count: Int) -> Int {
        max(0, min(count, remaining / RecordHead.smallestRecord))
    }

    /// What the next record has, if it is of this type, A or AAAA, and its owner is a pointer to the question's name, as
    /// name servers write it (RFC 1035 section 4.1.4). Otherwise nothing is read.
    mutating func addressOfQuestion(_ type: RecordType) throws(WireError) -> (address: IPAddress, ttl: UInt32)? {
        let length = type == .a ? 4 : 16
        let start = position
        let head = 0xC000 | UInt64(Self.headerLength)
        guard remaining >= 12 + length,
            number(at: start, octets: 6) == head << 32 | UInt64(type.rawValue) << 16 | UInt64(RecordHead.classIN),
            number(at: start + 10, octets: 2) == length
        else { return nil }
        try skip(6)
        let ttl = try RecordHead.seconds(uint32())
        try skip(2)
        return (try type == .a ? IPAddress(ipv4: uint32()) : IPAddress(ipv6: uint128()), ttl)
    }

    mutating func recordHead() throws(WireError) -> RecordHead {
        try RecordHead(
            name: name(),
            type: RecordType(rawValue: uint16()),
            classCode: uint16(),
            ttl: uint32(),
            dataLength: Int(uint16())
        )
    }

    /// The rest of the record that begins with `head`.
    mutating func record(_ head: RecordHead) throws(WireError) -> Record {
        let start = position
        guard head.dataLength <= remaining else { throw WireError(.cutShort, at: start) }
        let data = try recordData(head)
        guard position - start == head.dataLength else { throw WireError(.badDataLength, at: start) }
        return Record(name: head.name, ttl: RecordHead.seconds(head.ttl), data: data)
    }

    private mutating func recordData(_ head: RecordHead) throws(WireError) -> RecordData {
        guard head.classCode == RecordHead.classIN else { return try otherData(head) }
        switch head.type {
        case .a: return try .address(IPAddress(ipv4: uint32()))
        case .aaaa: return try .address(IPAddress(ipv6: uint128()))
        case .srv:
            return try .srv(ServiceRecord(priority: uint16(), weight: uint16(), port: uint16(), target: name()))
        case .cname: return try .cname(name())
        case .ptr: return try .ptr(name())
        case .soa: return try .soa(startOfAuthority())
        case .txt: return try .txt(characterStrings(head.dataLength))
        default: return try otherData(head)
        }
    }

    private mutating func otherData(_ head: RecordHead) throws(WireError) -> RecordData {
        try skip(head.dataLength)
        return .other(head.type)
    }

    private mutating func startOfAuthority() throws(WireError) -> StartOfAuthority {
        try StartOfAuthority(
            primary: name(),
            mailbox: name(),
            serial: uint32(),
            refresh: uint32(),
            retry: uint32(),
            expire: uint32(),
            minimum: uint32()
        )
    }

    private mutating func characterStrings(_ length: Int) throws(WireError) -> [[UInt8]] {
        let end = position + length
        var strings: [[UInt8]] = []
        while position < end { try strings.append(Array(slice(Int(uint8())))) }
        return strings
    }
}
