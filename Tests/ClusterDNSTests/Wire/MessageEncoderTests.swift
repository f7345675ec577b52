import Testing

@testable import ClusterDNS

@Suite("Encoding messages")
struct MessageEncoderTests {
    @Test("Names are compressed, but not the targets of SRV records")
    func compression() {
        let message = Message(
            id: 7,
            isResponse: true,
            isAuthoritative: true,
            question: Question(name: name("_p._tcp.b.local"), type: .srv),
            answers: [record("_p._tcp.b.local", service("a.b.local", priority: 1, weight: 2, port: 3))],
            authorities: [record("local", .cname(name("c.b.local"))), record("local", .ptr(name("c.b.local")))],
            additionals: [record("a.b.local", address(0x0A00_0001))],
            udpPayloadSize: 1232
        )
        #expect(
            message.encoded()
                == packet(
                    "0007 8500 0001 0001 0002 0002 '_p._tcp.b.local' 0021 0001",
                    "c00c 0021 0001 0000001e 0011 0001 0002 0003 'a.b.local'",
                    "c016 0005 0001 0000001e 0004 0163 c014",
                    "c016 000c 0001 0000001e 0002 c04a",
                    "c033 0001 0001 0000001e 0004 0a000001",
                    "00 0029 04d0 00000000 0000"
                )
        )
    }

    @Test("The letter case of the query is kept, where names point to its question as well")
    func letterCase() {
        let query = packet("0007 0100 0001 0000 0000 0000 'B.Default.Local' 0001 0001")
        let answer = Message(
            id: 7,
            isResponse: true,
            question: Question(name: name("b.default.local"), type: .a),
            answers: [record("b.default.local", address(1))]
        )
        #expect(
            answer.encoded(echoing: query)
                == packet(
                    "0007 8100 0001 0001 0000 0000 'B.Default.Local' 0001 0001",
                    "c00c 0001 0001 0000001e 0004 00000001"
                )
        )
    }

    @Test("The letters of another question are not kept", arguments: ["'A.Default.Local'", "'B.Default'", "'B'", ""])
    func otherQuestion(asked: String) {
        let message = Message(question: Question(name: name("b.default.local"), type: .a))
        #expect(message.encoded(echoing: packet("0007 0100 0001 0000 0000 0000", asked)) == message.encoded())
    }

    @Test("A query has id 0 and ends with its OPT record, if it has EDNS")
    func query() throws {
        let question = Question(name: name("b.local"), type: .aaaa)
        let octets = Message.query(question, udpPayloadSize: 1232)
        #expect(
            octets
                == packet("0000 0100 0001 0000 0000 0001 'b.local' 001c 0001 00 0029 04d0 00000000 0000")
        )
        #expect(octets == Message(question: question, udpPayloadSize: 1232).encoded())
        let plain = Message(question: question)
        #expect(Message.query(question, udpPayloadSize: nil) == plain.encoded())
    }

    @Test(
        "The response code takes its upper bits from the OPT record",
        arguments: [
            (.refused, nil, .refused), (.badVersion, 1232, .badVersion),
            (ResponseCode(rawValue: 0xFFF), 1232, ResponseCode(rawValue: 0xFFF)),
            // There is no room for it.
            (.badVersion, nil, .serverFailure), (ResponseCode(rawValue: 0x1000), 1232, .serverFailure),
        ] as [(ResponseCode, UInt16?, ResponseCode)]
    )
    func responseCodes(code: ResponseCode, udpPayloadSize: UInt16?, read: ResponseCode) throws {
        let octets = Message(responseCode: code, udpPayloadSize: udpPayloadSize).encoded()
        #expect(try Message(decoding: octets).responseCode == read)
    }

    @Test("A character-string of over 255 octets becomes several")
    func longStrings() throws {
        let long = [UInt8](repeating: 0x61, count: 600)
        let octets = Message(answers: [record("x", .txt([long, []]))]).encoded()
        let strings = [long[..<255], long[255..<510], long[510...], []].map(Array.init)
        #expect(try Message(decoding: octets).answers.first?.data == .txt(strings))
    }

    @Test("What does not fit is left out from the end, in whole records", arguments: [nil, 1232] as [UInt16?])
    func limits(udpPayloadSize: UInt16?) throws {
        var message = Samples.services(12)
        message.udpPayloadSize = udpPayloadSize
        message.authorities = Samples.nameError.authorities
        let length = message.encoded().count
        for limit in 0...length {
            let octets = message.encoded(limit: limit)
            #expect(octets.count <= max(limit, 512))
            let read = try Message(decoding: octets)
            #expect(read.question == message.question && read.udpPayloadSize == udpPayloadSize)
            #expect(read.answers[...] == message.answers.prefix(read.answers.count))
            #expect(read.authorities.isEmpty || read.answers == message.answers)
            #expect(read.additionals[...] == message.additionals.prefix(read.additionals.count))
            let isMissing = read.answers != message.answers || read.authorities != message.authorities
            #expect(read.isTruncated == isMissing)
            #expect(read.additionals.isEmpty || !isMissing)
            #expect((read == message) == (limit == length))
        }
    }

    @Test("Additional records of one name and type stay or leave together")
    func wholeSets() throws {
        let message = Message(
            question: Question(name: name("x"), type: .srv),
            answers: [record("x", service("a")), record("x", service("b"))],
            additionals: [record("a", address(1))] + (1...40).map { record("b", address($0)) }
        )
        #expect(try Message(decoding: message.encoded(limit: 512)).additionals == [record("a", address(1))])
    }

    @Test("No limit is over 65535 octets")
    func largest() throws {
        let message = Message(answers: (0..<5000).map { record("x", address($0)) })
        let octets = message.encoded(limit: .max)
        #expect(octets.count <= 65535)
        #expect(try Message(decoding: octets).isTruncated)
        let giant = Message(answers: [record("x", .txt([[UInt8](repeating: 0, count: 70_000)]))])
        #expect(try Message(decoding: giant.encoded()) == Message(isTruncated: true))
    }

    @Test("Names behind octet 16383 are written in full where nothing can point to them")
    func farNames() throws {
        let message = Samples.services(600)
        let octets = message.encoded()
        #expect(octets.count > 43_000)
        #expect(try Message(decoding: octets) == message)
    }

    @Test("What was encoded is decoded to the same", arguments: 0..<16)
    func roundTrips(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let message = Message.random(using: &generator)
            #expect(try Message(decoding: message.encoded()) == message)
        }
    }
}
