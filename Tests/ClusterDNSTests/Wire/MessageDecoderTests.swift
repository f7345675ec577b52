import Testing

@testable import ClusterDNS

@Suite("Decoding messages")
struct MessageDecoderTests {
    @Test("A message from a name server")
    func wholeMessage() throws {
        let message = try Message(
            decoding: packet(
                "1234 8583 0001 0001 0001 0002",
                "'Service-B.cluster.LOCAL' 0001 0001",
                "c00c 0001 0001 0000001e 0004 0a00000b",
                "c016 0006 0001 00000005 001d 026e73c016 0161c016 00000001 00000002 00000003 00000004 00000005",
                "c00c 001c 0001 0000001e 0010 fd000000000000000000000000000001",
                "00 0029 04d0 01008000 0004 000a0000"
            )
        )
        let soa = StartOfAuthority(
            primary: name("ns.cluster.local"),
            mailbox: name("a.cluster.local"),
            serial: 1,
            refresh: 2,
            retry: 3,
            expire: 4,
            minimum: 5
        )
        #expect(
            message
                == Message(
                    id: 0x1234,
                    isResponse: true,
                    isAuthoritative: true,
                    recursionDesired: true,
                    recursionAvailable: true,
                    responseCode: ResponseCode(rawValue: 0x13),
                    question: Question(name: name("service-b.cluster.local"), type: .a),
                    answers: [record("service-b.cluster.local", address(0x0A00_000B))],
                    authorities: [record("cluster.local", ttl: 5, .soa(soa))],
                    additionals: [record("service-b.cluster.local", .address(IPAddress(ipv6: 0xFD00 << 112 | 1)))],
                    udpPayloadSize: 1232
                )
        )
    }

    @Test(
        "Each flag is in its place",
        arguments: [
            ("8000", Message(isResponse: true, recursionDesired: false)),
            ("7800", Message(recursionDesired: false, opcode: 15)),
            ("0400", Message(isAuthoritative: true, recursionDesired: false)),
            ("0200", Message(isTruncated: true, recursionDesired: false)),
            ("0100", Message()),
            ("0080", Message(recursionDesired: false, recursionAvailable: true)),
            ("0070", Message(recursionDesired: false)),
            ("0005", Message(recursionDesired: false, responseCode: .refused)),
        ]
    )
    func flags(digits: String, message: Message) throws {
        #expect(try Message(decoding: packet("0000", digits, "0000 0000 0000 0000")) == message)
    }

    @Test(
        "Each type of record",
        arguments: [
            ("0001 0001 0000001e 0004 7f000001", address(0x7F00_0001)),
            ("001c 0001 0000001e 0010 00000000000000000000000000000001", .address(IPAddress(ipv6: 1))),
            (
                "0021 0001 0000001e 0009 0001 0002 1f90 'a'",
                service("a", priority: 1, weight: 2, port: 8080)
            ),
            ("0021 0001 0000001e 0008 0001 0002 1f90 c00c", service("x", priority: 1, weight: 2, port: 8080)),
            ("0005 0001 0000001e 0005 'a.b'", .cname(name("a.b"))),
            ("000c 0001 0000001e 0004 0161 c00c", .ptr(name("a.x"))),
            (
                "0006 0001 0000001e 0017 00 c00c 00000001 00000002 00000003 00000004 00000005",
                .soa(
                    StartOfAuthority(
                        primary: .root,
                        mailbox: name("x"),
                        serial: 1,
                        refresh: 2,
                        retry: 3,
                        expire: 4,
                        minimum: 5
                    )
                )
            ),
            ("0010 0001 0000001e 0006 03616263 00 00", .txt([Array("abc".utf8), [], []])),
            ("0010 0001 0000001e 0000", .txt([])),
            ("0002 0001 0000001e 0003 'n'", .other(.ns)),
            ("ff01 0001 0000001e 0002 c0ff", .other(RecordType(rawValue: 0xFF01))),
            ("0029 0001 0000001e 0000", .other(.opt)),
            // Not of class IN, whatever is in it.
            ("0001 0003 0000001e 0002 abcd", .other(.a)),
        ] as [(String, RecordData)]
    )
    func types(digits: String, data: RecordData) throws {
        let message = try Message(decoding: packet("0000 8000 0001 0001 0000 0000 'x' 00ff 0001 c00c", digits))
        #expect(message.answers == [record("x", data)])
    }

    @Test("A TTL with the first bit set is 0", arguments: [(0x7FFF_FFFF, 0x7FFF_FFFF), (0x8000_0000, 0), (.max, 0)])
    func timeToLive(given: UInt32, read: UInt32) throws {
        let sent = Message(answers: [record("x", ttl: given, address(1))])
        #expect(try Message(decoding: sent.encoded()).answers.first?.ttl == read)
    }

    @Test("A question of another class than IN is left out")
    func otherClass() throws {
        let message = try Message(decoding: packet("0000 0000 0001 0000 0000 0000 'version.bind' 0010 0003"))
        #expect(message.question == nil)
    }

    @Test("Octets behind the last record are ignored")
    func trailingOctets() throws {
        #expect(try Message(decoding: Samples.addresses.encoded() + [0xC0, 0xFF, 1]) == Samples.addresses)
    }

    @Test(
        "What is malformed, and where",
        arguments: [
            ("", .init(.cutShort, at: 0)),
            ("0000 8000 0001 0000 0000 00", .init(.cutShort, at: 11)),
            ("0000 8000 0001 0000 0000 0000", .init(.cutShort, at: 12)),
            ("0000 8000 0002 0000 0000 0000 00 0001 0001 00 0001 0001", .init(.manyQuestions, at: 4)),
            ("0000 8000 0000 ffff ffff ffff", .init(.cutShort, at: 12)),
            ("0000 8000 0001 0000 0000 0000 0361 62", .init(.cutShort, at: 15)),
            ("0000 8000 0001 0000 0000 0000 c0", .init(.cutShort, at: 13)),
            ("0000 8000 0001 0000 0000 0000 0161 40 00 0001 0001", .init(.badLabel, at: 14)),
            ("0000 8000 0001 0000 0000 0000 80 00 0001 0001", .init(.badLabel, at: 12)),
            // To itself, into its own name, forwards, into the header, past the end.
            ("0000 8000 0001 0000 0000 0000 c00c 0001 0001", .init(.badPointer, at: 12)),
            ("0000 8000 0001 0000 0000 0000 0161 c00c 0001 0001", .init(.badPointer, at: 14)),
            ("0000 8000 0001 0000 0000 0000 c00e 00 0001 0001", .init(.badPointer, at: 12)),
            ("0000 8000 0001 0000 0000 0000 c000 0001 0001", .init(.badPointer, at: 12)),
            ("0000 8000 0001 0000 0000 0000 ffff 0001 0001", .init(.badPointer, at: 12)),
            // A name that leads into the middle of itself, by way of another.
            (
                "0000 8000 0000 0001 0000 0000 00 0005 0001 00000000 0008 0161 0162 c017 c019",
                .init(.badPointer, at: 27)
            ),
            // The lengths of record data.
            ("0000 8000 0000 0001 0000 0000 00 0001 0001 00000000 0003 0a0000", .init(.cutShort, at: 26)),
            ("0000 8000 0000 0001 0000 0000 00 0001 0001 00000000 0003 0a000001", .init(.badDataLength, at: 23)),
            ("0000 8000 0000 0001 0000 0000 00 0001 0001 00000000 0005 0a00000100", .init(.badDataLength, at: 23)),
            ("0000 8000 0000 0001 0000 0000 00 0005 0001 00000000 0002 'a'", .init(.badDataLength, at: 23)),
            ("0000 8000 0000 0001 0000 0000 00 0010 0001 00000000 0002 026162", .init(.badDataLength, at: 23)),
            ("0000 8000 0000 0001 0000 0000 00 ff01 0001 00000000 ffff 00", .init(.cutShort, at: 23)),
            // OPT of a name, and twice.
            ("0000 8000 0000 0000 0000 0001 'a' 0029 04d0 00000000 0000", .init(.badOPT, at: 12)),
            (
                "0000 8000 0000 0000 0000 0002 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000",
                .init(.badOPT, at: 23)
            ),
        ] as [(String, WireError)]
    )
    func malformed(digits: String, error: WireError) {
        #expect(throws: error) { try Message(decoding: packet(digits)) }
    }

    @Test("A name has at most 255 octets, with and without pointers", arguments: [(59, true), (60, false)])
    func longNames(label: Int, isName: Bool) throws {
        let long = String(repeating: "a", count: 63)
        let tail = [long, long, long].joined(separator: ".")
        let head = String(repeating: "b", count: label + 2)
        let plain = packet("0000 8000 0001 0000 0000 0000 '\(head).\(tail)' 0001 0001")
        let compressed =
            packet("0000 8000 0001 0001 0000 0000 '\(tail)' 0001 0001") + wireName(head).dropLast()
            + packet("c00c 0001 0001 0000001e 0004 0a000001")
        for octets in [plain, compressed] {
            #expect(((try? Message(decoding: octets)) != nil) == isName)
        }
    }

    @Test("A name has at most 127 pointers", arguments: [(127, true), (128, false)])
    func pointerChains(count: Int, isName: Bool) {
        // Record data of a type not read holds the name `a` and pointers, each to the one before it.
        let pointer = { (place: Int) in [0xC0 | UInt8(place >> 8), UInt8(place & 0xFF)] }
        let start = 12 + 11
        var data = wireName("a")
        var place = start
        for _ in 1..<count {
            let next = start + data.count
            data += pointer(place)
            place = next
        }
        let octets =
            packet("0000 8000 0000 0002 0000 0000 00 ff01 0001 00000000")
            + [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
            + packet("0162") + pointer(place) + packet("0001 0001 00000000 0004 0a000001")
        let names = try? Message(decoding: octets).answers.map(\.name)
        #expect(names == (isName ? [.root, name("b.a")] : nil))
    }

    @Test("Each pointer is read on its own, whatever was read before it")
    func sharedNames() throws {
        let message = try Message(
            decoding: packet(
                "0000 8000 0001 0005 0000 0000 'a.b.c' 0001 0001",
                "c00c 0005 0001 0000001e 0004 0164 c00e",
                "c023 0005 0001 0000001e 0004 0165 c00c",
                "c00e 0001 0001 0000001e 0004 0a000001",
                "c023 0001 0001 0000001e 0004 0a000001",
                "c00c 0001 0001 0000001e 0004 0a000001"
            )
        )
        #expect(message.answers.map(\.name) == ["a.b.c", "d.b.c", "b.c", "d.b.c", "a.b.c"].map(name))
        #expect(message.answers[1].data == .cname(name("e.a.b.c")))
    }

    @Test("Every beginning of a message is refused", arguments: Samples.all)
    func everyBeginning(message: Message) {
        let octets = message.encoded()
        for length in octets.indices {
            #expect(throws: WireError.self) { try Message(decoding: Array(octets[..<length])) }
        }
    }

    @Test("A message with TC set may break off anywhere behind its question", arguments: Samples.all)
    func truncatedAnywhere(message: Message) throws {
        var message = message
        message.isTruncated = true
        let octets = message.encoded()
        let questionLength = 12 + (message.question?.name.octets.count ?? 0) + 4
        for length in questionLength...octets.count {
            let read = try Message(decoding: Array(octets[..<length]))
            #expect(read.isTruncated && read.question == message.question)
            #expect(read.answers[...] == message.answers.prefix(read.answers.count))
        }
    }
}
