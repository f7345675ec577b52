import ClusterDNS
import Testing

@testable import LocalCluster

@Suite("What the zone answers")
struct ZoneTests {
    private func ask(_ name: String, _ type: RecordType, _ state: ClusterState? = nil) throws -> ZoneAnswer {
        let name = try #require(DomainName(name))
        return try Fixtures.zone(state ?? Fixtures.state()).answer(Question(name: name, type: type))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var type: RecordType
        var answers: [String]
        var additionals: [String]?
        var testDescription: String { "\(name) \(type.rawValue)" }

        init(_ name: String, _ type: RecordType, _ answers: [String], additionals: [String]? = nil) {
            (self.name, self.type, self.answers, self.additionals) = (name, type, answers, additionals)
        }
    }

    static let b = "service-b.payments.svc.cluster.local."
    static let sliced = "sliced.default.svc.cluster.local."
    static let found = [
        Case(b, .a, ["\(b) 5 A 10.96.0.10"]),
        Case("SERVICE-B.Payments.svc.CLUSTER.local", .a, ["\(b) 5 A 10.96.0.10"]),
        Case("_http._tcp.\(b)", .srv, ["_http._tcp.\(b) 5 SRV 0 100 80 \(b)"], additionals: ["\(b) 5 A 10.96.0.10"]),
        Case("_metrics._udp.\(b)", .srv, ["_metrics._udp.\(b) 5 SRV 0 100 9090 \(b)"]),
        Case(b, .srv, ["\(b) 5 SRV 0 50 80 \(b)", "\(b) 5 SRV 0 50 9090 \(b)"], additionals: ["\(b) 5 A 10.96.0.10"]),
        Case("_http._tcp.\(b)", .a, ["_http._tcp.\(b) 5 A 10.96.0.10"]),
        Case("dual.default.svc.cluster.local", .a, ["dual.default.svc.cluster.local. 5 A 10.96.0.20"]),
        Case("dual.default.svc.cluster.local", .aaaa, ["dual.default.svc.cluster.local. 5 AAAA fd00:96::20"]),
        Case(
            "_http._tcp.dual.default.svc.cluster.local",
            .srv,
            ["_http._tcp.dual.default.svc.cluster.local. 5 SRV 0 50 80 dual.default.svc.cluster.local."],
            additionals: [
                "dual.default.svc.cluster.local. 5 A 10.96.0.20",
                "dual.default.svc.cluster.local. 5 AAAA fd00:96::20",
            ]
        ),
        Case(sliced, .a, ["\(sliced) 5 A 10.1.0.1", "\(sliced) 5 A 10.1.0.2"]),
        Case(sliced, .aaaa, ["\(sliced) 5 AAAA fd00:1::5"]),
        Case("one.\(sliced)", .a, ["one.\(sliced) 5 A 10.1.0.1"]),
        Case("10-1-0-2.\(sliced)", .a, ["10-1-0-2.\(sliced) 5 A 10.1.0.2"]),
        Case("fd00-1--5.\(sliced)", .aaaa, ["fd00-1--5.\(sliced) 5 AAAA fd00:1::5"]),
        Case(
            "_http._tcp.\(sliced)",
            .srv,
            [
                "_http._tcp.\(sliced) 5 SRV 0 33 8080 one.\(sliced)",
                "_http._tcp.\(sliced) 5 SRV 0 33 8080 10-1-0-2.\(sliced)",
                "_http._tcp.\(sliced) 5 SRV 0 33 8080 fd00-1--5.\(sliced)",
            ],
            additionals: [
                "one.\(sliced) 5 A 10.1.0.1", "10-1-0-2.\(sliced) 5 A 10.1.0.2", "fd00-1--5.\(sliced) 5 AAAA fd00:1::5",
            ]
        ),
        Case(
            "one.\(sliced)",
            .srv,
            ["one.\(sliced) 5 SRV 0 50 8080 one.\(sliced)", "one.\(sliced) 5 SRV 0 50 8081 one.\(sliced)"]
        ),
        Case(
            "outside.default.svc.cluster.local",
            .a,
            [
                "outside.default.svc.cluster.local. 5 CNAME api.example.com.", "api.example.com. 5 A 203.0.113.5",
            ]
        ),
        Case(
            "outside.default.svc.cluster.local",
            .cname,
            ["outside.default.svc.cluster.local. 5 CNAME api.example.com."]
        ),
        Case(
            "inside.default.svc.cluster.local",
            .a,
            ["inside.default.svc.cluster.local. 5 CNAME \(b)", "\(b) 5 A 10.96.0.10"]
        ),
        Case("10-0-0-1.payments.pod.cluster.local", .a, ["10-0-0-1.payments.pod.cluster.local. 5 A 10.0.0.1"]),
        Case("fd00--1.payments.pod.cluster.local", .aaaa, ["fd00--1.payments.pod.cluster.local. 5 AAAA fd00::1"]),
        Case("10.0.96.10.in-addr.arpa", .ptr, ["10.0.96.10.in-addr.arpa. 5 PTR \(b)"]),
        Case("1.0.1.10.in-addr.arpa", .ptr, ["1.0.1.10.in-addr.arpa. 5 PTR one.\(sliced)"]),
        Case("dns-version.cluster.local", .txt, ["dns-version.cluster.local. 28800 TXT [\"1.1.0\"]"]),
        Case("cluster.local", .soa, ["cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 5"]),
    ]

    @Test("Names that exist have the records that CoreDNS gives them", arguments: found)
    func records(_ expected: Case) throws {
        let answer = try ask(expected.name, expected.type)
        #expect(answer.lines() == expected.answers)
        if let additionals = expected.additionals { #expect(answer.lines(\.additionals) == additionals) }
        #expect(answer.responseCode == .noError)
        #expect(answer.isAuthoritative && !answer.recursionAvailable)
        #expect(answer.authorities.isEmpty)
    }

    static let withoutRecords: [(String, RecordType)] = [
        (b, .aaaa), ("cluster.local", .a), ("svc.cluster.local", .a), ("payments.svc.cluster.local", .a),
        ("payments.pod.cluster.local", .srv), ("pod.cluster.local", .a), ("in-addr.arpa", .a),
        ("outside.default.svc.cluster.local", .srv), ("nowhere.default.svc.cluster.local", .a),
        ("loop-a.default.svc.cluster.local", .a), (b, .txt), (b, .cname), (b, RecordType(rawValue: 65)),
        ("10-0-0-1.payments.pod.cluster.local", .aaaa), ("missing.payments.svc.cluster.local", .soa), (b, .ptr),
        ("portless.default.svc.cluster.local", .srv), ("cluster.local", .ns), ("ns.dns.cluster.local", .a),
    ]

    @Test("Names without a record of the type are NODATA, with the SOA", arguments: withoutRecords)
    func noData(_ name: String, _ type: RecordType) throws {
        let answer = try ask(name, type)
        #expect(answer.responseCode == .noError)
        #expect(answer.answers.isEmpty)
        let zone = name == "in-addr.arpa" ? name : "cluster.local"
        #expect(answer.lines(\.authorities) == ["\(zone). 5 SOA ns.dns.\(zone). hostmaster.\(zone). 7 5"])
    }

    static let missing: [(String, RecordType)] = [
        ("missing.payments.svc.cluster.local", .a), ("service-b.missing.svc.cluster.local", .a),
        ("missing.svc.cluster.local", .a), ("service-b.payments.other.cluster.local", .a),
        ("_nope._tcp.\(b)", .srv), ("_http._udp.\(b)", .srv), ("nope.\(sliced)", .a),
        ("a.b.c.\(b)", .a), ("not-an-address.payments.pod.cluster.local", .a),
        ("10-0-0-1.missing.pod.cluster.local", .a), ("9.9.9.9.in-addr.arpa", .ptr), ("9.in-addr.arpa", .a),
        ("dns-version.cluster.local", .a), ("payments.svc.cluster.local", .txt),
        ("_x._tcp.outside.default.svc.cluster.local", .srv), ("x.outside.default.svc.cluster.local", .a),
        ("_sql._tcp.portless.default.svc.cluster.local", .srv), ("1.0.244.127.ip6.arpa", .ptr),
    ]

    @Test("Names that do not exist are NXDOMAIN, with the SOA", arguments: missing)
    func nameError(_ name: String, _ type: RecordType) throws {
        let answer = try ask(name, type)
        #expect(answer.responseCode == .nameError)
        #expect(answer.answers.isEmpty && answer.authorities.count == 1)
        #expect(answer.isAuthoritative)
    }

    @Test("Names outside are refused, or answered as by a forwarder where they are known")
    func outside() throws {
        #expect(try ask("example.org", .a) == .refused)
        #expect(try ask("local", .soa) == .refused)
        #expect(try ask("cluster.local", RecordType(rawValue: 252)) == .refused)
        let known = try ask("API.example.com", .aaaa)
        #expect(known.lines() == ["api.example.com. 5 AAAA 2001:db8::5"])
        #expect(!known.isAuthoritative && known.recursionAvailable)
    }

    @Test("An alias to a name outside that nobody knows is all of the answer")
    func loneAlias() throws {
        let yaml = """
            apiVersion: v1
            kind: Service
            metadata: {name: x}
            spec: {type: ExternalName, externalName: unknown.example.org.}
            """
        let answer = try ask("x.default.svc.cluster.local", .a, Fixtures.state(yaml))
        #expect(answer.lines() == ["x.default.svc.cluster.local. 5 CNAME unknown.example.org."])
        #expect(answer.authorities.isEmpty)
    }

    @Test("The pods of a StatefulSet have names of their own")
    func hostnames() throws {
        let answer = try ask("_sql._tcp.db.default.svc.cluster.local", .srv)
        #expect(
            answer.answers.compactMap { if case .srv(let record) = $0.data { record.target.description } else { nil } }
                == ["db-0.db.default.svc.cluster.local.", "db-1.db.default.svc.cluster.local."]
        )
        let pod = try ask("db-1.db.default.svc.cluster.local", .a)
        #expect(try #require(pod.answers.first).data == answer.additionals.last?.data)
    }

    @Test("An address that is an endpoint of two services has two names")
    func reverse() throws {
        let state = try Fixtures.state()
        let pod = try #require(state.runningPods.first { $0.name.name == "db-0" })
        let name = try #require(state.address(.ipv4, of: pod)).reverseName
        let targets = try Fixtures.zone(state).answer(Question(name: name, type: .ptr)).answers.map(\.data)
        let dashed = try #require(state.address(.ipv4, of: pod)).description.replacing(".", with: "-")
        #expect(
            targets == [
                .ptr(try #require(DomainName("db-0.db.default.svc.cluster.local"))),
                .ptr(try #require(DomainName("\(dashed).portless.default.svc.cluster.local"))),
            ]
        )
    }

    @Test("A headless service whose pods are all gone or not ready does not exist")
    func emptyHeadless() throws {
        let state = try Fixtures.state()
        let db = ObjectName(name: "db", namespace: "default")
        let name = "db.default.svc.cluster.local"
        #expect(try ask(name, .a, state.scaling(db, to: 0)).responseCode == .nameError)
        var unready = state
        for pod in ["db-0", "db-1"] {
            unready = try unready.settingReady(false, pod: ObjectName(name: pod, namespace: "default"))
        }
        #expect(try ask(name, .a, unready).responseCode == .nameError)
    }

    @Test("A service with an address is there even when no pod is ready")
    func emptyClusterIP() throws {
        let state = try Fixtures.state().scaling(ObjectName(name: "service-b", namespace: "payments"), to: 0)
        #expect(try ask(Self.b, .a, state).answers.count == 1)
    }

    @Test("The weight of an SRV record is a hundredth part, and at least 1", arguments: [(1, 100), (7, 14), (300, 1)])
    func weights(_ pods: Int, _ weight: UInt16) throws {
        let state = try Fixtures.state().scaling(ObjectName(name: "db", namespace: "default"), to: pods)
        let records = try ask("db.default.svc.cluster.local", .srv, state).answers.map(\.data)
        #expect(records.count == pods)
        #expect(
            records.allSatisfy { if case .srv(let record) = $0 { record.weight == weight } else { false } }
        )
    }

    @Test("Addresses come in an order of chance that the seed decides, other records in theirs")
    func shuffling() throws {
        let name = try #require(DomainName("db.default.svc.cluster.local"))
        let state = try Fixtures.state().scaling(ObjectName(name: "db", namespace: "default"), to: 20)
        let query = Message(question: Question(name: name, type: .a))
        let answer = try Fixtures.zone(state).answer(Question(name: name, type: .a))
        func records(_ seed: UInt64) -> [Record] {
            var generator = SplitMix64(seed: seed)
            return answer.message(to: query, using: &generator).answers
        }
        #expect(records(1) == records(1))
        #expect(records(1) != records(2))
        #expect(Set(records(1)) == Set(answer.answers))
        let services = try Fixtures.zone(state).answer(Question(name: name, type: .srv))
        var generator = SplitMix64(seed: 1)
        #expect(services.message(to: query, using: &generator).answers == services.answers)
    }
}
