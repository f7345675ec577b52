extension Message {
    /// The message as it goes over the wire, in at most `limit` octets, or 512 if that is more: every DNS
    /// implementation takes those (RFC 1035 section 2.3.4, RFC 6891 section 6.2.3).
    ///
    /// What does not fit is left out from the end, in whole records. TC is set if answers or authorities are missing;
    /// additional records leave without it, all of one name and type together (RFC 2181 section 9).
    ///
    /// - Parameter query: The octets of the query that this message answers. Its question's letter case is used, also in
    ///   the names that are compressed against it, as name servers do.
    package func encoded(limit: Int = 65535, echoing query: [UInt8] = []) -> [UInt8] {
        var encoder = MessageEncoder(limit: min(max(limit, 512), 65535))
        encoder.encode(self, echoing: query)
        return encoder.octets
    }

    /// A query as the client sends it: id 0, recursion desired, and the OPT record (RFC 6891) in the last 11 octets.
    ///
    /// - Parameter udpPayloadSize: what can be taken over UDP, in octets; `nil` for a query without EDNS.
    package static func query(_ question: Question, udpPayloadSize: UInt16?) -> [UInt8] {
        let name = question.name.octets
        var octets: [UInt8] = []
        octets.reserveCapacity(OctetReader.headerLength + name.count + 4 + MessageEncoder.optLength)
        octets += [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, udpPayloadSize == nil ? 0 : 1]
        octets += name
        octets.append(bigEndian: question.type.rawValue)
        octets.append(bigEndian: RecordHead.classIN)
        if let udpPayloadSize { octets.appendOPT(udpPayloadSize: udpPayloadSize, upperResponseCode: 0) }
        return octets
    }
}

/// Writes a message, each name that was written before as a pointer to it.
struct MessageEncoder {
    private(set) var octets: [UInt8] = []
    private var limit: Int
    /// Where the names that can be pointed to start, by their octets.
    private var places: [NameEnd: UInt16] = [:]
    /// The name written last as an owner, and where: most owners are the same one.
    private var latestOwner: (name: DomainName, place: UInt16)?

    static let optLength = 11
    /// A pointer has 14 bits for a place (RFC 1035 section 4.1.4).
    private static let placesEnd = 0x4000

    init(limit: Int) {
        self.limit = limit
    }

    mutating func encode(_ message: Message, echoing query: [UInt8]) {
        let code = message.encodableResponseCode
        append(header: message, responseCode: code)
        if let question = message.question { append(question, echoing: query) }
        if message.udpPayloadSize != nil { limit -= Self.optLength }

        let answers = append(message.answers)
        let authorities = answers == message.answers.count ? append(message.authorities) : 0
        let isWhole = answers + authorities == message.answers.count + message.authorities.count
        var additionals = isWhole ? append(message.additionals, wholeSets: true) : 0
        if !isWhole { octets[2] |= 0x02 }

        if let udpPayloadSize = message.udpPayloadSize {
            octets.appendOPT(udpPayloadSize: udpPayloadSize, upperResponseCode: UInt8(truncatingIfNeeded: code >> 4))
            additionals += 1
        }
        octets.replace(at: 6, bigEndian: UInt16(truncatingIfNeeded: answers))
        octets.replace(at: 8, bigEndian: UInt16(truncatingIfNeeded: authorities))
        octets.replace(at: 10, bigEndian: UInt16(truncatingIfNeeded: additionals))
    }

    private mutating func append(header message: Message, responseCode: UInt16) {
        var flags = UInt16(message.opcode & 0xF) << 11 | responseCode & 0xF
        if message.isResponse { flags |= 0x8000 }
        if message.isAuthoritative { flags |= 0x0400 }
        if message.isTruncated { flags |= 0x0200 }
        if message.recursionDesired { flags |= 0x0100 }
        if message.recursionAvailable { flags |= 0x0080 }
        octets.append(bigEndian: message.id)
        octets.append(bigEndian: flags)
        octets.append(bigEndian: UInt16(message.question == nil ? 0 : 1))
        octets += [0, 0, 0, 0, 0, 0]
    }

    private mutating func append(_ question: Question, echoing query: [UInt8]) {
        append(question.name)
        let name = OctetReader.headerLength..<octets.count
        if query.count >= name.upperBound, DomainName(wire: Array(query[name])) == question.name {
            octets.replaceSubrange(name, with: query[name])
        }
        octets.append(bigEndian: question.type.rawValue)
        octets.append(bigEndian: RecordHead.classIN)
    }

    /// Appends as many of the records as fit, and says how many that are. With `wholeSets`, the records next to one
    /// another that have one name and type stay or leave together.
    private mutating func append(_ records: [Record], wholeSets: Bool = false) -> Int {
        var kept = (count: 0, length: octets.count)
        for (index, record) in records.enumerated() {
            if index == 0 || !wholeSets || !record.isOfOneSet(with: records[index - 1]) {
                kept = (index, octets.count)
            }
            append(record)
            guard octets.count <= limit else {
                octets.removeLast(octets.count - kept.length)
                return kept.count
            }
        }
        return records.count
    }

    private mutating func append(_ record: Record) {
        append(owner: record.name)
        octets.append(bigEndian: record.data.type.rawValue)
        octets.append(bigEndian: RecordHead.classIN)
        octets.append(bigEndian: record.ttl)
        octets.append(bigEndian: UInt16(0))
        let start = octets.count
        append(record.data)
        octets.replace(at: start - 2, bigEndian: UInt16(truncatingIfNeeded: octets.count - start))
    }

    private mutating func append(_ data: RecordData) {
        switch data {
        case .address(let address): append(address)
        case .srv(let service):
            octets.append(bigEndian: service.priority)
            octets.append(bigEndian: service.weight)
            octets.append(bigEndian: service.port)
            // RFC 2782: never compressed.
            append(service.target, compressed: false)
        case .cname(let name), .ptr(let name): append(name)
        case .soa(let start): append(start)
        case .txt(let strings): strings.forEach { append(characterString: $0) }
        case .other: break
        }
    }

    private mutating func append(_ address: IPAddress) {
        if let value = address.ipv4Value { octets.append(bigEndian: value) }
        if let value = address.ipv6Value { octets.append(bigEndian: value) }
    }

    private mutating func append(_ start: StartOfAuthority) {
        append(start.primary)
        append(start.mailbox)
        for value in [start.serial, start.refresh, start.retry, start.expire, start.minimum] {
            octets.append(bigEndian: value)
        }
    }

    /// A string of over 255 octets becomes several, as in tools that read zone files.
    private mutating func append(characterString string: [UInt8]) {
        var rest = string[...]
        repeat {
            let part = rest.prefix(255)
            octets.append(UInt8(truncatingIfNeeded: part.count))
            octets += part
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
    }
}

extension MessageEncoder {
    private mutating func append(owner name: DomainName) {
        if let latestOwner, latestOwner.name == name {
            octets.append(bigEndian: 0xC000 | latestOwner.place)
            return
        }
        append(name)
        latestOwner = places[NameEnd(octets: name.octets[...])].map { (name, $0) }
    }

    /// Appends a name, and remembers where it and the names that it ends in can be pointed to.
    private mutating func append(_ name: DomainName, compressed: Bool = true) {
        var rest = name.octets[...]
        var isKnown = false
        while let length = rest.first, length > 0 {
            // Where a name is known, so are all that it ends in.
            if !isKnown, let place = places[NameEnd(octets: rest)] {
                isKnown = true
                if compressed {
                    octets.append(bigEndian: 0xC000 | place)
                    return
                }
            }
            if !isKnown, octets.count < Self.placesEnd {
                places[NameEnd(octets: rest)] = UInt16(truncatingIfNeeded: octets.count)
            }
            octets += rest.prefix(1 + Int(length))
            rest = rest.dropFirst(1 + Int(length))
        }
        octets.append(0)
    }
}

/// A name, or what is left of it behind some of its labels.
private struct NameEnd: Hashable {
    var octets: ArraySlice<UInt8>

    func hash(into hasher: inout Hasher) {
        hasher.combine(octets: octets)
    }
}

extension Message {
    /// The response code; SERVFAIL in place of one that needs an OPT record where there is none, or needs more than 12
    /// bits.
    fileprivate var encodableResponseCode: UInt16 {
        let code = responseCode.rawValue
        return code <= (udpPayloadSize == nil ? 0xF : 0xFFF) ? code : ResponseCode.serverFailure.rawValue
    }
}

extension Record {
    fileprivate func isOfOneSet(with other: Record) -> Bool {
        name == other.name && data.type == other.data.type
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    fileprivate mutating func replace(at index: Int, bigEndian value: UInt16) {
        self[index] = UInt8(truncatingIfNeeded: value >> 8)
        self[index + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// RFC 6891 section 6.1.2.
    fileprivate mutating func appendOPT(udpPayloadSize: UInt16, upperResponseCode: UInt8) {
        append(0)
        append(bigEndian: RecordType.opt.rawValue)
        append(bigEndian: udpPayloadSize)
        self += [upperResponseCode, 0, 0, 0, 0, 0]
    }
}

extension Hasher {
    /// Eight octets at a time, which is several times faster than one at a time.
    fileprivate mutating func combine(octets: some Sequence<UInt8>) {
        var word: UInt64 = 0
        for (index, octet) in octets.enumerated() {
            word = word << 8 | UInt64(octet)
            if index % 8 == 7 { combine(word) }
        }
        combine(word)
    }
}
