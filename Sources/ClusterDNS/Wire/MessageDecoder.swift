extension Message {
    /// A message from its octets. Octets behind its last record are ignored, and so is where a message with TC set
    /// breaks off: its records are as many as could be read.
    ///
    /// Records of types that the library does not read, and of classes other than IN, are `.other`. A question of
    /// another class is left out.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var decoder = try MessageDecoder(octets)
        try decoder.decodeRecords()
        self = decoder.message
    }
}

/// Decodes a message in two steps, so that a message that answers somebody else's question is put aside after the first.
struct MessageDecoder {
    private(set) var message: Message
    private var reader: OctetReader
    private var counts: (answers: Int, authorities: Int, additionals: Int)

    /// Decodes the header and the question (RFC 1035 sections 4.1.1 and 4.1.2).
    ///
    /// - Parameter expected: the name that the question most likely has; nothing is made of octets that spell it.
    init(_ octets: [UInt8], expecting expected: DomainName? = nil) throws(WireError) {
        // The properties are set last: where an error may be thrown with some of them set, the compiler has the value made
        // elsewhere and copied.
        var reader = OctetReader(octets)
        let id = try reader.uint16()
        let flags = try reader.uint16()
        let questions = try reader.uint16()
        let counts = try (Int(reader.uint16()), Int(reader.uint16()), Int(reader.uint16()))
        guard questions <= 1 else { throw WireError(.manyQuestions, at: 4) }
        var question: Question?
        if questions == 1 {
            let name = try reader.name(expecting: expected)
            let type = try RecordType(rawValue: reader.uint16())
            if try reader.uint16() == RecordHead.classIN { question = Question(name: name, type: type) }
        }
        self.reader = reader
        self.counts = counts
        message = Message(
            id: id,
            isResponse: flags & 0x8000 != 0,
            isAuthoritative: flags & 0x0400 != 0,
            isTruncated: flags & 0x0200 != 0,
            recursionDesired: flags & 0x0100 != 0,
            recursionAvailable: flags & 0x0080 != 0,
            opcode: UInt8(truncatingIfNeeded: flags >> 11 & 0xF),
            responseCode: ResponseCode(rawValue: flags & 0xF),
            question: question
        )
    }

    /// Takes the addresses off that the answers begin with, of the type and name in the question: a thousand of them without
    /// a record made of each. Those that are written in another way, if there are any, are left to ``decodeRecords()``.
    mutating func takeAddresses() throws(WireError) -> (data: [RecordData], ttl: UInt32) {
        var taken: (data: [RecordData], ttl: UInt32) = ([], .max)
        guard let type = message.question?.type, type == .a || type == .aaaa else { return taken }
        taken.data.reserveCapacity(reader.room(for: counts.answers))
        while counts.answers > 0, let (address, ttl) = try reader.addressOfQuestion(type) {
            taken.data.append(.address(address))
            taken.ttl = min(taken.ttl, ttl)
            counts.answers -= 1
        }
        return taken
    }

    /// Decodes what comes behind the question.
    mutating func decodeRecords() throws(WireError) {
        do throws(WireError) {
            try reader.records(counts.answers, into: &message.answers)
            try reader.records(counts.authorities, into: &message.authorities)
            try decodeAdditionals()
        } catch {
            // RFC 2181 section 9: such a message is asked for again over TCP, however it was cut.
            guard message.isTruncated else { throw error }
        }
    }

    private mutating func decodeAdditionals() throws(WireError) {
        // One of them is the OPT record, in nearly all messages the only one.
        message.additionals.reserveCapacity(reader.room(for: counts.additionals - 1))
        for _ in 0..<counts.additionals {
            let start = reader.position
            let head = try reader.recordHead()
            guard head.type == .opt else {
                try message.additionals.append(reader.record(head))
                continue
            }
            // RFC 6891 section 6.1: the class is the payload size, the TTL begins with the upper bits of the code, and the
            // version stands behind them.
            guard head.name == .root, message.udpPayloadSize == nil else { throw WireError(.badOPT, at: start) }
            message.udpPayloadSize = head.classCode
            message.ednsVersion = UInt8(truncatingIfNeeded: head.ttl >> 16)
            let upper = UInt16(truncatingIfNeeded: head.ttl >> 24)
            message.responseCode = ResponseCode(rawValue: upper << 4 | message.responseCode.rawValue)
            try reader.skip(head.dataLength)
        }
    }
}
