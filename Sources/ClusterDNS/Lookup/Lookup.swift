internal import DNSTransport

/// From a plan to endpoints: which questions to ask, and what their answers come to.
///
/// A value that is told the answers and says what is still wanted. It walks the candidates, asks both families of each
/// together, follows an alias that the name server did not follow itself, and joins SRV records with the addresses of
/// their targets.
struct Lookup {
    /// What is known of a question, from the cache or from a name server.
    enum Answer {
        case records(AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime)
        indirect case negative(NegativeAnswer, expires: MonotonicTime)
        /// Not to be asked again before the moment given.
        indirect case failed(QueryFailure, askAgainAt: MonotonicTime)
    }

    enum Step {
        /// Ask the questions of a new phase; see ``Lookup/question(_:)``.
        case ask
        case wait
        case finished(Result)
    }

    enum Result {
        case found(Found)
        indirect case failed(Failure)
    }

    struct Found {
        /// The candidate that answered.
        var name: DomainName
        var contents: EndpointSet.Contents
        /// When the first of the answers expires: in the past for a stale one.
        var expires: MonotonicTime
        var refreshAt: MonotonicTime
        /// Something that was asked did not answer, so that there may be more.
        var isPartial = false
    }

    struct Failure {
        var reason: QueryFailure
        /// The name asked last.
        var name: DomainName
        /// Until when the same would come out again.
        var expires: MonotonicTime
    }

    private enum Phase {
        /// Asking for a candidate.
        case candidate
        /// Asking for the name at the end of a candidate's CNAME chain.
        indirect case alias(of: NegativeAnswer, until: MonotonicTime, steps: Int)
        /// Asking whether the service is there of which the port is not, and which ports it has.
        case explanation(until: MonotonicTime)
        /// Asking for the addresses of SRV targets.
        indirect case targets(AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime)
    }

    let plan: LookupPlan
    private let families: [RecordType]
    private var index = 0
    private var phase = Phase.candidate
    /// The questions of this phase in the order in which they were asked, and their answers as far as there are any.
    private var asked: [(question: Question, answer: Answer?)] = []
    private var unansweredCount = 0
    /// Where the questions stand, if they are many.
    private var positions: [Question: Int] = [:]

    /// How often the end of a chain is asked for that a name server left off. Those of a cluster follow chains within
    /// it themselves; what is left to us is an alias outside, and what that is an alias of.
    private static let mostAliasesFollowed = 2

    /// - Parameter families: A, AAAA or both.
    init(_ plan: LookupPlan, families: [RecordType]) {
        self.plan = plan
        self.families = families
    }

    /// The questions to begin with.
    mutating func start() -> Step {
        ask(candidate)
    }

    /// The candidate being asked for.
    var candidate: DomainName {
        plan.candidates[min(index, plan.candidates.count - 1)]
    }

    /// Whether the addresses of SRV targets are awaited.
    var isJoiningTargets: Bool {
        if case .targets = phase { true } else { false }
    }

    /// How many questions the phase has.
    var questionCount: Int { asked.count }

    /// - Parameter index: less than ``questionCount``.
    func question(_ index: Int) -> Question { asked[index].question }

    /// The questions that have no answer yet.
    var unanswered: [Question] {
        unansweredCount == 0 ? [] : asked.lazy.filter { $0.answer == nil }.map(\.question)
    }

    mutating func receive(_ answer: Answer, for question: Question) -> Step {
        guard unansweredCount > 0, let position = position(of: question), asked[position].answer == nil else {
            return .wait
        }
        asked[position].answer = answer
        unansweredCount -= 1
        return unansweredCount == 0 ? conclude() : .wait
    }

    private func position(of question: Question) -> Int? {
        positions.isEmpty ? asked.firstIndex { $0.question == question } : positions[question]
    }

    /// Makes do with what there is, if that is anything: one family's addresses rather than waiting for the other's, and
    /// at the very end the peers whose addresses are known rather than none.
    mutating func settle(isEnd: Bool) -> Step {
        switch phase {
        case .targets:
            guard isEnd else { return .wait }
            unansweredCount = 0
            // That none has an address can be said only when all have answered.
            if case .finished(.found(let found)) = conclude() { return .finished(.found(found)) }
            return .wait
        case .explanation:
            guard isEnd else { return .wait }
        case .candidate, .alias:
            guard asked.contains(where: { if case .records? = $0.answer { true } else { false } }) else {
                return .wait
            }
        }
        unansweredCount = 0
        return conclude()
    }

    // MARK: Asking

    private var types: [RecordType] { plan.key.kind.types(of: families) }

    private mutating func ask(_ name: DomainName) -> Step {
        ask(types.lazy.map { Question(name: name, type: $0) })
    }

    private mutating func ask(_ questions: some Collection<Question>) -> Step {
        asked = questions.map { ($0, nil) }
        unansweredCount = questions.count
        positions = [:]
        if questions.count > 8 { for (position, question) in questions.enumerated() { positions[question] = position } }
        return .ask
    }

    // MARK: Concluding

    private mutating func conclude() -> Step {
        switch phase {
        case .targets(let records, let expires, let refreshAt):
            return joined(records, expires: expires, refreshAt: refreshAt)
        case .explanation(let until):
            return .finished(.failed(missingPort(until: until)))
        case .candidate:
            return concludeName(alias: nil)
        case .alias(let negative, let until, let steps):
            return concludeName(alias: (negative, until, steps))
        }
    }

    private mutating func concludeName(alias: (negative: NegativeAnswer, until: MonotonicTime, steps: Int)?) -> Step {
        if let records = mergedRecords(alias: alias?.negative) {
            return plan.key.kind == .services ? targets(of: records) : .finished(.found(found(records)))
        }
        if let alias, !isFailed(with: [.timedOut, .unreachable, .overloaded]) {
            // The name itself exists, whatever is wrong behind it.
            if let next = danglingAlias, alias.steps < Self.mostAliasesFollowed {
                return follow(next.name, from: alias.negative, until: min(alias.until, next.until), alias.steps + 1)
            }
            return .finished(.failed(noRecords(alias.negative, expires: alias.until)))
        }
        return negativeOrFailure()
    }

    private mutating func negativeOrFailure() -> Step {
        var nameError: MonotonicTime?
        var noData: (NegativeAnswer, MonotonicTime)?
        var failure: (QueryFailure, MonotonicTime)?
        for (_, answer) in asked {
            switch answer {
            case .negative(let negative, let expires) where negative.isNameError:
                nameError = min(nameError ?? expires, expires)
            case .negative(let negative, let expires):
                noData = (negative, min(noData?.1 ?? expires, expires))
            case .failed(let reason, let askAgainAt):
                failure = (reason, askAgainAt)
            case .records, nil:
                continue
            }
        }
        if let expires = nameError {
            if index + 1 < plan.candidates.count {
                index += 1
                return ask(candidate)
            }
            guard plan.key.kind == .services, let service = plan.candidates[0].withoutPort else {
                return .finished(.failed(noSuchService(expires: expires)))
            }
            phase = .explanation(until: expires)
            return ask([Question(name: service, type: .srv)])
        }
        if let (reason, askAgainAt) = failure {
            return .finished(.failed(Failure(reason: reason, name: candidate, expires: askAgainAt)))
        }
        guard let (negative, expires) = noData else { return .wait }
        if let next = danglingAlias { return follow(next.name, from: negative, until: expires, 1) }
        return .finished(.failed(noRecords(negative, expires: expires)))
    }

    /// The end of a CNAME chain that the name server left to us: it says that there is nothing, but not for how long.
    private var danglingAlias: (name: DomainName, until: MonotonicTime)? {
        guard plan.key.kind != .pointers else { return nil }
        for (question, answer) in asked {
            guard case .negative(let negative, let expires) = answer else { continue }
            if let name = negative.canonicalName, negative.ttl == nil, !negative.isNameError, name != question.name {
                return (name, expires)
            }
        }
        return nil
    }

    private mutating func follow(
        _ name: DomainName,
        from negative: NegativeAnswer,
        until: MonotonicTime,
        _ steps: Int
    ) -> Step {
        phase = .alias(of: negative, until: until, steps: steps)
        return ask(name)
    }

    private func isFailed(with codes: Set<ClusterDNSError.Code>) -> Bool {
        asked.contains { _, answer in
            if case .failed(let failure, _) = answer { codes.contains(failure.code) } else { false }
        }
    }

    private func noSuchService(expires: MonotonicTime) -> Failure {
        let reason =
            "no such name in DNS (NXDOMAIN)" + (plan.otherMeaning.map { "; \($0.hint(for: plan.key.name))" } ?? "")
        return Failure(
            reason: QueryFailure(code: .noSuchService, reason: reason, responseCode: .nameError),
            name: candidate,
            expires: expires
        )
    }

    /// NXDOMAIN for a port is the same whether the port or the service is missing. CoreDNS tells the ports of a service at
    /// its own name; other servers at least that there is something of that name.
    private func missingPort(until: MonotonicTime) -> Failure {
        guard let (question, answer) = asked.first else { return noSuchService(expires: until) }
        var ports = ""
        switch answer {
        case .records(let records, _, _):
            let numbers = Set(records.data.compactMap { if case .srv(let service) = $0 { service.port } else { nil } })
            ports = "; its ports are \(numbers.sorted().map(String.init).joined(separator: ", "))"
        case .negative(let negative, _) where !negative.isNameError:
            break
        case .negative, .failed, nil:
            return noSuchService(expires: until)
        }
        let reason = "the service \(question.name) exists, but has no port of that name and protocol\(ports)"
        return Failure(
            reason: QueryFailure(code: .noRecords, reason: reason, responseCode: .nameError),
            name: plan.candidates[0],
            expires: until
        )
    }

    private func noRecords(_ negative: NegativeAnswer, expires: MonotonicTime) -> Failure {
        let types = types.map(\.description).joined(separator: " or ")
        let alias = negative.canonicalName.map { ", only an alias for \($0)" } ?? ""
        let reason = "the name exists, but has no \(types) record\(alias) (NODATA)"
        return Failure(
            reason: QueryFailure(code: .noRecords, reason: reason, responseCode: .noError),
            name: candidate,
            expires: expires
        )
    }

    // MARK: Finding

    /// The records of all the phase's questions together; nothing if none has any.
    private func mergedRecords(
        alias: NegativeAnswer?
    ) -> (records: AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime)? {
        var merged: (records: AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime)?
        for (_, answer) in asked {
            guard case .records(let records, let expires, let refreshAt) = answer else { continue }
            guard var earlier = merged else {
                merged = (records, expires, refreshAt)
                continue
            }
            earlier.records.data += records.data
            earlier.records.canonicalName = earlier.records.canonicalName ?? records.canonicalName
            merged = (earlier.records, min(earlier.expires, expires), min(earlier.refreshAt, refreshAt))
        }
        if let alias, merged?.records.canonicalName == nil { merged?.records.canonicalName = alias.canonicalName }
        return merged
    }

    /// Whether a question of this phase has no answer, or a failure for one.
    private var isPartial: Bool {
        asked.contains { _, answer in
            switch answer {
            case .failed, nil: true
            default: false
            }
        }
    }

    private func found(
        _ answer: (records: AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime),
        endpoints: [Endpoint]? = nil
    ) -> Found {
        Found(
            name: candidate,
            contents: EndpointSet.Contents(
                endpoints: endpoints ?? self.endpoints(of: answer.records),
                absoluteName: candidate.description,
                canonicalName: answer.records.canonicalName?.description,
                text: answer.records.text,
                expires: answer.expires
            ),
            expires: answer.expires,
            refreshAt: answer.refreshAt,
            isPartial: isPartial
        )
    }

    private func endpoints(of records: AnswerRecords) -> [Endpoint] {
        let address = plan.key.kind == .pointers ? IPAddress(plan.key.name) : nil
        return records.data.compactMap { data in
            switch data {
            case .address(let address): Endpoint(address: address)
            case .ptr(let name): address.map { Endpoint(address: $0, hostname: name.description) }
            default: nil
            }
        }
    }

    // MARK: Services

    private mutating func targets(
        of answer: (records: AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime)
    ) -> Step {
        var missing: [Question] = []
        var seen: Set<DomainName> = []
        for case .srv(let service) in answer.records.data {
            // A target of "." says that the service is decidedly not there (RFC 2782).
            guard service.target != .root, seen.insert(service.target).inserted else { continue }
            if answer.records.targets[service.target] == nil {
                missing += families.map { Question(name: service.target, type: $0) }
            }
        }
        phase = .targets(answer.records, expires: answer.expires, refreshAt: answer.refreshAt)
        guard !missing.isEmpty else {
            asked = []
            return joined(answer.records, expires: answer.expires, refreshAt: answer.refreshAt)
        }
        return ask(missing)
    }

    private func joined(_ records: AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime) -> Step {
        var expires = expires
        var refreshAt = refreshAt
        var addresses = records.targets.mapValues(\.addresses)
        var failure: (QueryFailure, MonotonicTime)?
        var withoutAddressUntil = MonotonicTime.distantFuture
        for (question, answer) in asked {
            switch answer {
            case .records(let found, let until, let refresh):
                expires = min(expires, until)
                refreshAt = min(refreshAt, refresh)
                for case .address(let address) in found.data { addresses[question.name, default: []].append(address) }
            case .failed(let reason, let askAgainAt):
                failure = (reason, askAgainAt)
            case .negative(_, let until):
                withoutAddressUntil = min(withoutAddressUntil, until)
            case nil:
                continue
            }
        }
        var endpoints: [Endpoint] = []
        for case .srv(let service) in records.data {
            for address in addresses[service.target] ?? [] where families.contains(RecordData.address(address).type) {
                endpoints.append(
                    Endpoint(
                        address: address,
                        port: service.port,
                        hostname: service.target.description,
                        priority: service.priority,
                        weight: service.weight
                    )
                )
            }
        }
        guard endpoints.isEmpty else {
            return .finished(.found(found((records, expires, refreshAt), endpoints: endpoints)))
        }
        if let (reason, askAgainAt) = failure {
            return .finished(.failed(Failure(reason: reason, name: candidate, expires: askAgainAt)))
        }
        let reason = "it has SRV records, but none of their targets has an address"
        return .finished(
            .failed(
                Failure(
                    reason: QueryFailure(code: .noRecords, reason: reason),
                    name: candidate,
                    expires: min(expires, withoutAddressUntil)
                )
            )
        )
    }
}

extension LookupKey.Kind {
    /// The types of record to ask for.
    ///
    /// - Parameter families: A, AAAA or both.
    func types(of families: [RecordType]) -> [RecordType] {
        switch self {
        case .addresses: families
        case .services: [.srv]
        case .pointers: [.ptr]
        case .text: [.txt]
        }
    }
}

extension AnswerRecords {
    /// The texts of TXT records, the character-strings of each joined (RFC 7208 section 3.3 reads them so).
    fileprivate var text: [String] {
        data.compactMap { data in
            guard case .txt(let strings) = data else { return nil }
            return String(decoding: strings.joined(), as: UTF8.self)
        }
    }
}
