import ClusterDNS
import Testing

@testable import LocalCluster

@Suite("Faults on purpose")
struct FaultPlanTests {
    static let b = "service-b.payments.svc.cluster.local"
    private let names = LocalNames(domain: DomainName("cluster.local") ?? .root, namespace: "default")

    private func plan(_ faults: [Fault], seed: UInt64 = 1) throws -> FaultPlan {
        try FaultPlan(faults, seed: seed, expand: names.absolute)
    }

    private func question(_ name: String, _ type: RecordType = .a) throws -> Question {
        Question(name: try #require(DomainName(name)), type: type)
    }

    private func reply(
        _ faults: [Fault],
        _ transport: LocalCluster.Transport = .udp,
        name: String = b,
        id: UInt16 = 7
    ) throws -> Reply {
        let responder = try Responder(Fixtures.zone(Fixtures.state()), plan(faults), seed: 1)
        let query = Message(id: id, question: try question(name), udpPayloadSize: 1232)
        return try #require(responder.reply(to: query.encoded(), over: transport))
    }

    private func message(_ faults: [Fault], _ transport: LocalCluster.Transport = .udp) throws -> Message {
        try Message(decoding: reply(faults, transport).octets)
    }

    @Test(
        "A scope is a name with all below it, a type, or everything",
        arguments: [
            (Fault.Scope.all, b, RecordType.a, true),
            ("service-b.payments", b, .srv, true),
            ("service-b.payments", "_http._tcp." + b, .srv, true),
            ("service-b", b, .a, false),
            ("service-b", "service-b.default.svc.cluster.local", .a, true),
            ("api.example.com", "api.example.com", .a, true),
            ("com.", "api.example.com", .a, true),
            (.type(.aaaa), b, .aaaa, true),
            (.type(.aaaa), b, .a, false),
            (.name("service-b.payments", type: .aaaa), b, .a, false),
            (.name("service-b.payments", type: .aaaa), b, .aaaa, true),
        ]
    )
    func scopes(_ scope: Fault.Scope, _ name: String, _ type: RecordType, _ applies: Bool) throws {
        var plan = try plan([.drop(scope)])
        #expect(try plan.effects(on: question(name, type), over: .udp) == (applies ? [.drop] : []))
    }

    @Test(
        "A fault with numbers out of range, or where it could not befall anything, is refused",
        arguments: [
            Fault.drop(probability: .nan), .drop(probability: -0.1), .drop(probability: 1.1), .drop().first(-1),
            .garbage(octets: -1), .delay(by: .seconds(-1)), .closeTCP().over(.udp), .refuseTCP.over(.udp),
            .refuseTCP.first(2),
        ]
    )
    func brokenRules(_ fault: Fault) throws {
        let error = #expect(throws: LocalClusterError.self) { try plan([.drop(), fault]) }
        #expect(error?.code == .outOfBounds)
    }

    @Test("Chance depends on the seed, and on how often a question was asked, not on what was asked between")
    func seeds() throws {
        func fates(_ seed: UInt64, between: Bool) throws -> [Bool] {
            var plan = try plan([.drop(.all, probability: 0.3)], seed: seed)
            return try (0..<1000).map { _ in
                if between { _ = plan.effects(on: try question("other.example.com"), over: .udp) }
                return try !plan.effects(on: question(Self.b), over: .udp).isEmpty
            }
        }
        let one = try fates(1, between: false)
        #expect(one == (try fates(1, between: true)))
        #expect(one != (try fates(2, between: false)))
        #expect((200...400).contains(one.count { $0 }))
    }

    @Test("A fault may be for the first queries or for one transport only")
    func limits() throws {
        var plan = try plan([.drop().first(2), .wrongID().over(.tcp)])
        let question = try question(Self.b)
        #expect((0..<4).map { _ in plan.effects(on: question, over: .udp) } == [[.drop], [.drop], [], []])
        #expect(plan.effects(on: question, over: .tcp) == [.wrongID])
    }

    @Test("Fates other than an answer")
    func fates() throws {
        #expect(try reply([.drop()]).fate == .drop)
        #expect(try reply([.duplicate()]).copies == 2)
        #expect(try reply([.reorder()]).isHeld)
        #expect(try reply([.closeTCP()], .tcp).fate == .closeConnection)
        #expect(try reply([.closeTCP()], .udp).fate == .send)
        #expect(try reply([.delay(by: .seconds(1)), .delay(by: .seconds(2))]).delay == .seconds(3))
    }

    @Test("All faults of a query take effect, whatever comes behind them")
    func combinations() throws {
        #expect(try reply([.drop(), .reorder(), .duplicate(), .delay(by: .seconds(1))]).fate == .drop)
        #expect(try reply([.closeTCP(), .drop(), .duplicate()], .tcp).fate == .closeConnection)
        #expect(try reply([.drop(), .closeTCP()], .tcp).fate == .closeConnection)
        let late = try reply([.duplicate(), .delay(by: .seconds(1)), .reorder()])
        #expect(late.fate == .send && late.copies == 2 && late.isHeld && late.delay == .seconds(1))
    }

    @Test("An answer cut short over UDP is whole over TCP")
    func truncation() throws {
        #expect(try message([.truncate()]).isTruncated)
        #expect(try message([.truncate()]).answers.isEmpty)
        #expect(try !message([.truncate()], .tcp).isTruncated)
        #expect(try message([.truncate()], .tcp).answers.count == 1)
    }

    @Test("Answers that lie")
    func lies() throws {
        #expect(try message([.wrongID()]).id != 7)
        let other = try message([.wrongQuestion()])
        #expect(other.question?.name == DomainName("wrong." + Self.b))
        #expect(other.answers.first?.name == other.question?.name)
        let loop = try message([.cnameLoop()]).answers
        #expect(loop.map(\.text) == ["\(Self.b). 5 CNAME loop.\(Self.b).", "loop.\(Self.b). 5 CNAME \(Self.b)."])
        let failure = try message([.responseCode(.serverFailure, for: "service-b.payments")])
        #expect(failure.responseCode == .serverFailure && failure.answers.isEmpty)
    }

    @Test("Garbage has the length asked for and the query's ID", arguments: [0, 1, 12, 512, 65_507, 1_000_000])
    func garbage(_ octets: Int) throws {
        let reply = try reply([.garbage(octets: octets)], id: 0x1234)
        #expect(reply.octets.count == min(octets, 65_507))
        #expect(reply.octets.starts(with: [0x12, 0x34].prefix(octets)))
    }

    @Test("A name that is none is refused")
    func badName() {
        #expect(throws: LocalClusterError.self) { try plan([.drop("a..b")]) }
    }
}
