import Testing

@testable import ClusterDNS

@Suite("What a message says about a question")
struct AnswerTests {
    let question = Question(name: name("b.local"), type: .a)

    private func response(
        _ code: ResponseCode = .noError,
        answers: [Record] = [],
        authorities: [Record] = []
    ) -> Message {
        Message(
            isResponse: true,
            responseCode: code,
            question: question,
            answers: answers,
            authorities: authorities
        )
    }

    /// `c0.local`, `c1.local`, … each the CNAME of the one before it, the first one that of the question.
    private func chain(_ count: Int) -> [Record] {
        (0..<count).map { record($0 == 0 ? "b.local" : "c\($0).local", ttl: 60, .cname(name("c\($0 + 1).local"))) }
    }

    @Test("The records of the name asked, in their order, each once, with the least TTL")
    func records() {
        let message = response(answers: [
            record("b.local", ttl: 30, address(3)), record("B.Local", ttl: 20, address(1)),
            record("b.local", ttl: 10, address(3)), record("b.local", ttl: 40, address(2)),
        ])
        #expect(
            Answer(message, to: question)
                == .records(AnswerRecords(data: [address(3), address(1), address(2)], ttl: 10))
        )
    }

    @Test("Many records, with and without a duplicate")
    func manyRecords() {
        let data = (0..<1000).map { RecordData.address(IPAddress(ipv6: UInt128($0) << 64 | UInt128($0))) }
        let question = Question(name: question.name, type: .aaaa)
        for answers in [data, data + data] {
            let message = Message(isResponse: true, question: question, answers: answers.map { record("b.local", $0) })
            #expect(Answer(message, to: question) == .records(AnswerRecords(data: data, ttl: 30)))
        }
    }

    @Test("Records of other names, types and classes do not count")
    func unrelatedRecords() {
        let message = response(
            answers: [
                record("evil.local", ttl: 1, address(1)), record("b.local", ttl: 2, .address(IPAddress(ipv6: 1))),
                record("b.local", ttl: 3, .other(.a)), record("b.local", ttl: 30, address(2)),
                record("evil.local", ttl: 1, .cname(name("b.local"))),
            ],
            authorities: [record("b.local", ttl: 1, address(4))]
        )
        #expect(Answer(message, to: question) == .records(AnswerRecords(data: [address(2)], ttl: 30)))
    }

    @Test("A CNAME chain leads to the records in any order, and its TTLs count")
    func chains() {
        let records = chain(3) + [record("c3.local", ttl: 90, address(1)), record("c4.local", ttl: 1, address(2))]
        let expected = AnswerRecords(canonicalName: name("c3.local"), data: [address(1)], ttl: 60)
        #expect(Answer(response(answers: records), to: question) == .records(expected))
        #expect(Answer(response(answers: records.reversed()), to: question) == .records(expected))
    }

    @Test("A chain ends at the first name that has records of the type asked")
    func chainEnd() {
        let records = chain(3) + [record("c2.local", address(2)), record("c3.local", address(3))]
        let expected = AnswerRecords(canonicalName: name("c2.local"), data: [address(2)], ttl: 30)
        #expect(Answer(response(answers: records), to: question) == .records(expected))
    }

    @Test("A chain has at most 16 CNAME records", arguments: [16, 17])
    func longChains(count: Int) {
        let message = response(answers: chain(count) + [record("c\(count).local", address(1))])
        if count == 16 {
            let records = AnswerRecords(canonicalName: name("c16.local"), data: [address(1)], ttl: 30)
            #expect(Answer(message, to: question) == .records(records))
        } else {
            #expect(isMalformed(Answer(message, to: question)))
        }
    }

    @Test(
        "A chain that goes in a circle is malformed",
        arguments: [
            [record("b.local", .cname(name("b.local")))],
            [record("b.local", .cname(name("c.local"))), record("c.local", .cname(name("b.local")))],
        ]
    )
    func circles(answers: [Record]) {
        #expect(isMalformed(Answer(response(answers: answers), to: question)))
        #expect(isMalformed(Answer(response(.nameError, answers: answers), to: question)))
    }

    private func isMalformed(_ answer: Answer) -> Bool {
        if case .malformed = answer { true } else { false }
    }

    @Test("The negative TTL is the lesser of the SOA's TTL and minimum", arguments: [(30, 5, 5), (4, 5, 4), (0, 5, 0)])
    func negativeTTL(ttl: UInt32, minimum: UInt32, expected: UInt32) {
        let authorities = [record("local", .other(.ns)), record("local", ttl: ttl, startOfAuthority(minimum: minimum))]
        #expect(
            Answer(response(.nameError, authorities: authorities), to: question)
                == .nameError(canonicalName: nil, ttl: expected)
        )
        #expect(
            Answer(response(authorities: authorities), to: question) == .noData(canonicalName: nil, ttl: expected)
        )
    }

    @Test("A negative answer at the end of a chain keeps the canonical name, and no longer than the chain holds")
    func negativeChains() {
        let alias = [record("b.local", ttl: 3, .cname(name("c.local")))]
        let soa = [record("local", startOfAuthority(minimum: 5))]
        #expect(
            Answer(response(.nameError, answers: alias, authorities: soa), to: question)
                == .nameError(canonicalName: name("c.local"), ttl: 3)
        )
        #expect(
            Answer(response(answers: alias, authorities: soa), to: question)
                == .noData(canonicalName: name("c.local"), ttl: 3)
        )
    }

    @Test("An ExternalName whose target the server did not look up is an alias, for as long as the CNAME record holds")
    func aliasAlone() {
        let message = response(answers: [record("b.local", .cname(name("c.example")))])
        let alias = AnswerRecords(canonicalName: name("c.example"), data: [], ttl: 30)
        #expect(Answer(message, to: question) == .records(alias))
    }

    @Test("NXDOMAIN stands against the records that come with it")
    func nameErrorWithRecords() {
        let message = response(.nameError, answers: [record("b.local", address(1))])
        #expect(Answer(message, to: question) == .nameError(canonicalName: nil, ttl: nil))
    }

    @Test("SRV records bring the addresses of their targets, and no others")
    func targets() {
        let question = Question(name: name("_p._tcp.b.local"), type: .srv)
        let message = Message(
            isResponse: true,
            question: question,
            answers: [
                record("_p._tcp.b.local", service("Pod-0.local")), record("_p._tcp.b.local", service("pod-1.local")),
                record("pod-0.local", ttl: 20, address(10)),
            ],
            additionals: [
                record("pod-0.local", ttl: 9, .address(IPAddress(ipv6: 10))), record("pod-0.local", address(10)),
                record("evil.local", address(66)),
            ]
        )
        let addresses = TargetAddresses(addresses: [IPAddress(ipv4: 10), IPAddress(ipv6: 10)], ttl: 9)
        let records = AnswerRecords(
            data: [service("pod-0.local"), service("pod-1.local")],
            ttl: 30,
            targets: [name("pod-0.local"): addresses]
        )
        #expect(Answer(message, to: question) == .records(records))
    }

    @Test("600 SRV records in 43 kB")
    func manyServices() throws {
        let message = Samples.services(600)
        let answer = try Answer(message.encoded(), to: #require(message.question))
        guard case .records(let records) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(records.data == message.answers.map(\.data))
        #expect(records.targets.count == 600)
        #expect(
            records.targets[name("pod-599.service-b.default.svc.cluster.local")]?.addresses == [IPAddress(ipv4: 599)]
        )
    }

    @Test("The records of a truncated answer are not used, even with an error")
    func truncated() {
        var message = response(.serverFailure, answers: [record("b.local", address(1))])
        message.isTruncated = true
        #expect(Answer(message, to: question) == .truncated)
        #expect(Answer(Array(message.encoded().dropLast()), to: question) == .truncated)
    }

    @Test("Any other response code is a failure", arguments: [.serverFailure, .refused, .badVersion] as [ResponseCode])
    func failures(code: ResponseCode) {
        let message = response(code, answers: [record("b.local", address(1))])
        #expect(Answer(message, to: question) == .failure(code))
    }

    @Test("Letter case makes no difference")
    func letterCase() {
        let octets = packet(
            "0000 8000 0001 0002 0000 0000 'B.LOCAL' 0001 0001",
            "'b.Local' 0005 0001 0000001e 0009 'C.locaL' 'c.LOCAL' 0001 0001 0000001e 0004 00000001"
        )
        let records = AnswerRecords(canonicalName: name("c.local"), data: [address(1)], ttl: 30)
        #expect(Answer(octets, to: question) == .records(records))
    }

    @Test(
        "What does not answer the question is not ours",
        arguments: [
            "0000 0000 0001 0000 0000 0000 'b.local' 0001 0001",
            "0000 a000 0001 0000 0000 0000 'b.local' 0001 0001",
            "0000 8000 0001 0000 0000 0000 'c.local' 0001 0001",
            "0000 8000 0001 0000 0000 0000 'b.local' 001c 0001",
            "0000 8000 0001 0000 0000 0000 'b.local' 0001 0003",
            "0000 8001 0000 0000 0000 0000",
            "0000 8000 0001 0000 0000 0000 'b.local' 0001",
            "0000 8000 0001 0001 0000 0000 'c.local' 0001 0001 ff",
            "",
        ]
    )
    func notOurs(digits: String) {
        #expect(Answer(packet(digits), to: question) == .notOurs)
    }

    @Test("Our question with something unreadable behind it is malformed, and says where")
    func unreadable() {
        let octets = packet("0000 8000 0001 0001 0000 0000 'b.local' 0001 0001 c00c 0001 0001 0000001e 0003 000000")
        #expect(
            Answer(octets, to: question) == .malformed(reason: WireError(.cutShort, at: octets.count).description)
        )
    }
}
