import ClusterDNS
import Synchronization

/// Octets of a query in, octets of a reply out. All that the server's thread and the cluster's owner share is in here.
final class Responder: Sendable {
    fileprivate struct State {
        var zone: Zone
        /// The answers of this zone that were asked for.
        var answers: [Question: ZoneAnswer] = [:]
        /// Those of them that are the same each time, as they were sent.
        var encoded = EncodedAnswers()
        var faults: FaultPlan
        var generator: SplitMix64
        var counts: [Question: Int] = [:]
        var total = 0
        var log: (@Sendable (LocalCluster.Query) -> Void)?
    }

    /// Answers that are kept; when there are more, keeping begins anew.
    fileprivate static let maximumAnswers = 4096
    /// Names and types whose queries are counted.
    fileprivate static let maximumCounts = 65_536

    private let state: Mutex<State>

    init(_ zone: Zone, _ faults: FaultPlan, seed: UInt64) {
        state = Mutex(State(zone: zone, faults: faults, generator: SplitMix64(seed: seed)))
    }

    /// The reply to a query; `nil` for octets that are none.
    func reply(to octets: [UInt8], over transport: LocalCluster.Transport) -> Reply? {
        guard octets.count >= 12, octets[2] & 0x80 == 0 else { return nil }
        if let reply = keptReply(to: octets, over: transport) { return reply }
        guard let query = try? Message(decoding: octets) else { return failure(.formatError, octets) }
        guard query.ednsVersion == 0 else {
            // With the version that is known (RFC 6891 section 6.1.3).
            var answer = Message(id: query.id, isResponse: true, responseCode: .badVersion, question: query.question)
            answer.udpPayloadSize = query.udpPayloadSize
            return Reply(octets: answer.encoded())
        }
        guard query.opcode == 0 else { return failure(.notImplemented, octets) }
        guard let question = query.question else {
            // A question of another class than IN.
            return failure(octets[5] == 1 ? .refused : .formatError, octets)
        }
        let limit = transport == .tcp ? 65_535 : min(Int(query.udpPayloadSize ?? 512), 65_507)
        let (answer, reply, log) = state.withLock { state in
            let (answer, reply) = state.reply(to: query, question, octets, limit, over: transport)
            return (answer, reply, state.log)
        }
        log?(LocalCluster.Query(question, answer, transport))
        return reply
    }

    /// The reply that went to a query like this one.
    private func keptReply(to octets: [UInt8], over transport: LocalCluster.Transport) -> Reply? {
        let (kept, log) = state.withLock { state in
            let kept = state.faults.isEmpty ? state.encoded.answer(to: octets) : nil
            if let kept { state.count(kept.question) }
            return (kept, state.log)
        }
        guard var kept else { return nil }
        kept.log.transport = transport
        log?(kept.log)
        return Reply(octets: kept.octets)
    }

    /// The header of a query that is not understood, as an answer.
    private func failure(_ code: ResponseCode, _ octets: [UInt8]) -> Reply {
        let answer = Message(
            id: UInt16(octets[0]) << 8 | UInt16(octets[1]),
            isResponse: true,
            recursionDesired: octets[2] & 1 != 0,
            opcode: octets[2] >> 3 & 0xF,
            responseCode: code
        )
        return Reply(octets: answer.encoded())
    }

    func serve(_ zone: Zone) {
        state.withLock { state in
            state.zone = zone
            state.answers = [:]
            state.encoded = EncodedAnswers()
        }
    }

    func setFaults(_ faults: FaultPlan) {
        state.withLock { $0.faults = faults }
    }

    func setLog(_ log: (@Sendable (LocalCluster.Query) -> Void)?) {
        state.withLock { $0.log = log }
    }

    /// The queries for a name, of one type or of all.
    func count(_ name: DomainName, _ type: LocalCluster.QueryType?) -> Int {
        state.withLock { state in
            if let type {
                return state.counts[Question(name: name, type: RecordType(rawValue: type.rawValue)), default: 0]
            }
            return state.counts.reduce(0) { $1.key.name == name ? $0 + $1.value : $0 }
        }
    }

    var total: Int { state.withLock { $0.total } }

    func resetCounts() {
        state.withLock { state in
            state.counts = [:]
            state.total = 0
        }
    }
}

extension Responder.State {
    fileprivate mutating func count(_ question: Question) {
        total += 1
        if counts.count < Responder.maximumCounts || counts[question] != nil { counts[question, default: 0] += 1 }
    }

    fileprivate mutating func reply(
        to query: Message,
        _ question: Question,
        _ octets: [UInt8],
        _ limit: Int,
        over transport: LocalCluster.Transport
    ) -> (FaultyAnswer, Reply) {
        count(question)
        let found = answer(question)
        var answer = FaultyAnswer(found.message(to: query, using: &generator))
        faults.effects(on: question, over: transport).forEach { answer.apply($0) }
        let reply = answer.reply(limit: limit, echoing: octets, using: &generator)
        if faults.isEmpty, !found.isShuffled {
            let log = LocalCluster.Query(question, answer, transport)
            encoded.keep(EncodedAnswers.EncodedAnswer(octets: reply.octets, question: question, log: log), for: octets)
        }
        return (answer, reply)
    }

    fileprivate mutating func answer(_ question: Question) -> ZoneAnswer {
        if let answer = answers[question] { return answer }
        let answer = zone.answer(question)
        if answers.count >= Responder.maximumAnswers { answers = [:] }
        answers[question] = answer
        return answer
    }
}

extension LocalCluster.Query {
    fileprivate init(_ question: Question, _ answer: FaultyAnswer, _ transport: LocalCluster.Transport) {
        self.init(
            name: question.name.description,
            type: LocalCluster.QueryType(question.type),
            transport: transport,
            responseCode: answer.fate == .send ? answer.message.responseCode.description : nil,
            answerCount: answer.message.answers.count
        )
    }
}
