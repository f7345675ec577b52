import ClusterDNS
import Synchronization
import Testing

@testable import LocalCluster

@Suite("Replies to octets")
struct ResponderTests {
    private func responder(_ state: ClusterState? = nil) throws -> Responder {
        let names = LocalNames(domain: .root, namespace: "default")
        let plan = try FaultPlan([], seed: 1, expand: names.absolute)
        return Responder(try Fixtures.zone(state ?? Fixtures.state()), plan, seed: 1)
    }

    private func query(_ name: String, _ type: RecordType = .a, payload: UInt16? = nil) throws -> Message {
        Message(id: 99, question: Question(name: try #require(DomainName(name)), type: type), udpPayloadSize: payload)
    }

    private let b = "service-b.payments.svc.cluster.local"

    @Test("ID, RD, the question's letter case and EDNS come back; RA is not set")
    func echo() throws {
        var octets = try query(b, payload: 4096).encoded()
        octets[13] = UInt8(ascii: "S")
        let reply = try #require(responder().reply(to: octets, over: .udp)).octets
        let message = try Message(decoding: reply)
        #expect(message.id == 99 && message.isResponse && message.isAuthoritative)
        #expect(message.recursionDesired && !message.recursionAvailable)
        #expect(message.udpPayloadSize == 4096)
        #expect(reply[12..<22] == octets[12..<22])
        let plain = try #require(responder().reply(to: query(b).encoded(), over: .udp))
        #expect(try Message(decoding: plain.octets).udpPayloadSize == nil)
    }

    @Test("Octets that are no query get no reply, or a failure that says why")
    func failures() throws {
        let responder = try responder()
        let good = try query(b).encoded()
        func code(_ change: (inout [UInt8]) -> Void) throws -> ResponseCode? {
            var octets = good
            change(&octets)
            return try responder.reply(to: octets, over: .udp).map { try Message(decoding: $0.octets).responseCode }
        }
        #expect(try code { _ in } == .noError)
        #expect(try code { $0 = [] } == nil)
        #expect(try code { $0.removeLast($0.count - 11) } == nil)
        #expect(try code { $0[2] |= 0x80 } == nil)
        #expect(try code { $0.removeLast() } == .formatError)
        #expect(try code { $0[5] = 2 } == .formatError)
        #expect(try code { $0[5] = 0 } == .formatError)
        #expect(try code { $0[2] |= 4 << 3 } == .notImplemented)
        #expect(try code { $0[$0.count - 1] = 3 } == .refused)
    }

    @Test("A version of EDNS that is not known is refused with the one that is")
    func ednsVersion() throws {
        var octets = try query(b, payload: 1232).encoded()
        // Behind its name, type, class and the upper bits of the code.
        octets[octets.count - 11 + 6] = 1
        let reply = try #require(try responder().reply(to: octets, over: .udp))
        let message = try Message(decoding: reply.octets)
        #expect(message.responseCode == .badVersion)
        #expect(message.ednsVersion == 0 && message.udpPayloadSize != nil)
        #expect(message.question == (try Message(decoding: octets)).question)
    }

    @Test("Octets of chance and changed queries do no harm")
    func rubbish() throws {
        let responder = try responder()
        var generator = SplitMix64(seed: 4)
        let good = try query("_http._tcp.sliced.default.svc.cluster.local", .srv, payload: 1232).encoded()
        for _ in 0..<20_000 {
            var octets = good
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            octets.removeLast(Int.random(in: 0...octets.count, using: &generator) / 4)
            guard let reply = responder.reply(to: octets, over: .udp) else { continue }
            let message = try Message(decoding: reply.octets)
            #expect(message.isResponse && reply.octets.prefix(2) == octets.prefix(2))
        }
    }

    @Test("An answer that does not fit is cut to whole records, with TC", arguments: [nil, 512, 1232, 4096])
    func truncation(_ payload: UInt16?) throws {
        let db = ObjectName(name: "db", namespace: "default")
        let responder = try responder(Fixtures.state().scaling(db, to: 300))
        let octets = try query("db.default.svc.cluster.local", payload: payload).encoded()
        let reply = try #require(responder.reply(to: octets, over: .udp)).octets
        let message = try Message(decoding: reply)
        #expect(reply.count <= Int(payload ?? 512))
        #expect(message.isTruncated && !message.answers.isEmpty)
        let whole = try #require(responder.reply(to: octets, over: .tcp)).octets
        #expect(try Message(decoding: whole).answers.count == 300)
    }

    @Test("What was cut for UDP is whole over TCP, also where answers are kept, as those of SRV are")
    func truncatedServices() throws {
        let db = ObjectName(name: "db", namespace: "default")
        let responder = try responder(Fixtures.state().scaling(db, to: 100))
        let octets = try query("_sql._tcp.db.default.svc.cluster.local", .srv, payload: nil).encoded()
        for _ in 0..<2 {
            let reply = try #require(responder.reply(to: octets, over: .udp)).octets
            #expect(try Message(decoding: reply).isTruncated)
            let whole = try #require(responder.reply(to: octets, over: .tcp)).octets
            #expect(try Message(decoding: whole).answers.count == 100)
        }
    }

    @Test("Queries are counted by name and type, and told to who listens")
    func counting() throws {
        let responder = try responder()
        let heard = Mutex<[LocalCluster.Query]>([])
        responder.setLog { query in heard.withLock { $0.append(query) } }
        for type in [RecordType.a, .a, .aaaa] { _ = responder.reply(to: try query(b, type).encoded(), over: .tcp) }
        let name = try #require(DomainName(b))
        #expect(responder.count(name, nil) == 3)
        #expect(responder.count(name, .a) == 2)
        #expect(responder.count(name, .srv) == 0)
        #expect(responder.total == 3)
        let last = LocalCluster.Query(
            name: b + ".",
            type: .aaaa,
            transport: .tcp,
            responseCode: "NOERROR",
            answerCount: 0
        )
        #expect(heard.withLock { $0.last } == last)
        responder.resetCounts()
        #expect(responder.total == 0 && responder.count(name, nil) == 0)
    }

    @Test("A new zone's answers replace those that were kept")
    func newZone() throws {
        let responder = try responder()
        let octets = try query("db.default.svc.cluster.local").encoded()
        func count() throws -> Int {
            try Message(decoding: #require(responder.reply(to: octets, over: .udp)).octets).answers.count
        }
        #expect(try count() == 2)
        let state = try Fixtures.state().scaling(ObjectName(name: "db", namespace: "default"), to: 4)
        responder.serve(try Fixtures.zone(state))
        #expect(try count() == 4)
    }
}
