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
        /// Those that it has led to: the end of an alias, the targets of SRV records.
        var otherNames: [DomainName] = []
        var contents: EndpointSet.Contents
        /// When the first of the answers expires: in the past for a stale one.
        var expires: MonotonicTime
        /// When the first of the questions may be asked again, those that failed among them.
        var refreshAt: MonotonicTime
        /// Something that was asked did not answer, so that there may be more.
        var isPartial = false
        /// Something of it may still be answered.
        var awaitsMore = false
    }

    struct Failure {
        var reason: QueryFailure
        /// The candidate asked last; where the port is missing, the first.
        var name: DomainName
        /// What it is an alias for, as far as that is known.
        var canonicalName: DomainName?
        /// Until when the same would come out again.
        var expires: MonotonicTime
    }

    /// Records, and for how long.
    private struct Held {
        var records: AnswerRecords
        var expires: MonotonicTime
        var refreshAt: MonotonicTime
    }

    private enum Phase {
        /// Asking for a candidate.
        case candidate
        /// Asking for the name at the end of a candidate's CNAME chain.
        indirect case alias(Held, steps: Int)
        /// Asking whether the service is there of which the port is not, and which ports it has.
        case explanation(until: MonotonicTime)
        /// Asking for the addresses of SRV targets.
        indirect case targets(Held)
    }

    let plan: LookupPlan
    private let families: [RecordType]
    private var index = 0
    /// Until when the candidates before this one are known not to exist.
    private var walkedUntil = MonotonicTime.distantFuture
    private var phase = Phase.candidate
    /// The questions of this phase in the order in which they were asked, and their answers as far as there are any.
    private var asked: [(question: Question, answer: Answer?)] = []
    private var unansweredCount = 0
    /// Where the questions stand, if they are many.
    private var positions: [Question: Int] = [:]

    /// How often the end of a chain is asked for that a name server left off. Those of a cluster follow chains within
    /// it themselves; what is left to us is an alias outside, and what that is an alias of.
    private static let mostAliasesFollowed = 2
    /// SRV targets whose addresses are asked for one by one. CoreDNS sends them along: where thousands are missing somebody
    /// wants to have thousands of questions asked.
    private static let mostTargetsAsked = 1024
    /// Thousands of SRV records with one target that has thousands of addresses make millions of endpoints.
    private static let mostEndpoints = 16_384

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
        plan.candidates[index]
    }

    /// What the candidate is an alias for, as far as the phases before this one have shown.
    var canonicalName: DomainName? {
        switch phase {
        case .candidate, .explanation: nil
        case .alias(let held, _), .targets(let held): held.records.canonicalName
        }
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

    /// A name that does not exist has no records of any type (RFC 8020): puts the answer in the place of those received, but for
    /// what is kept.
    mutating func deny(_ name: DomainName, with answer: Answer, unless isKept: (Question) -> Bool) {
        for (index, (question, received)) in asked.enumerated() where received?.isRecords ?? false {
            if question.name == name, !isKept(question) { asked[index].answer = answer }
        }
    }

    /// Whether it asks for what a name has led to, as an alias or by SRV records.
    func isBehind(_ name: DomainName) -> Bool {
        switch phase {
        case .candidate, .explanation: false
        case .alias, .targets: name == candidate
        }
    }

    private func position(of question: Question) -> Int? {
        positions.isEmpty ? asked.firstIndex { $0.question == question } : positions[question]
    }

    /// Goes on without the answers that are missing, if those there are decide how: one family's addresses will do without
    /// the other's, and its alias or NXDOMAIN holds for both (RFC 1034 section 3.6.2, RFC 8020), but for the NXDOMAIN of
    /// AAAA alone, which some servers give for want of anything better (RFC 4074 section 4.2); the peers whose addresses
    /// are known will do without the others, and that there is no such port without why.
    mutating func settle() -> Step {
        switch phase {
        case .candidate, .alias:
            let isNameError = asked.contains { $0.answer?.isNameError ?? false && $0.question.type != .aaaa }
            guard isNameError || asked.contains(where: { $0.answer?.isRecords ?? false }) else { return .wait }
            var next = self
            let step = next.conclude()
            // Where an alias leads no further, the other family may have what is at its end.
            if case .finished(.failed) = step, !isNameError { return .wait }
            self = next
            return step
        case .explanation:
            return conclude()
        case .targets:
            // That none of them has an address can be said only when all have answered.
            guard case .finished(.found(let found)) = conclude() else { return .wait }
            return .finished(.found(found))
        }
    }

    /// Whether the answer of one family is there, but past its TTL.
    func hasStaleFamily(now: MonotonicTime) -> Bool {
        switch phase {
        case .candidate, .alias: asked.contains { $0.answer?.isStale(now: now) ?? false }
        case .explanation, .targets: false
        }
    }

    // MARK: Asking

    private var types: [RecordType] { plan.key.kind.types(of: families) }

    private mutating func ask(_ name: DomainName) -> Step {
        ask(types) { Question(name: name, type: $0) }
    }

    private mutating func ask<Element>(_ elements: [Element], _ question: (Element) -> Question) -> Step {
        asked = elements.map { (question($0), nil) }
        unansweredCount = asked.count
        positions = [:]
        if asked.count > 8 { for (position, asked) in asked.enumerated() { positions[asked.question] = position } }
        return .ask
    }

    // MARK: Concluding

    private mutating func conclude() -> Step {
        switch phase {
        case .targets(let services): joined(services)
        case .explanation(let until): missingPort(until: until)
        case .candidate: concludeName(alias: nil, steps: 0)
        case .alias(let alias, let steps): concludeName(alias: alias, steps: steps)
        }
    }

    /// - Parameters:
    ///   - alias: what led from the candidate to the name asked.
    ///   - steps: in how many questions.
    private mutating func concludeName(alias: Held?, steps: Int) -> Step {
        if alias == nil, candidate == plan.outside, let (refusal, until) = refusal {
            return refused(refusal, until: until)
        }
        let held = merged(with: alias)
        if let held, !held.records.data.isEmpty {
            return plan.key.kind == .services ? targets(of: held) : .finished(.found(found(held)))
        }
        var canonicalName = held?.records.canonicalName
        var until = held?.expires ?? .distantFuture
        var isNameError = false
        var failure: (QueryFailure, MonotonicTime)?
        var next: DomainName?
        for (question, answer) in asked {
            switch answer {
            case .records(let records, _, _):
                if let name = records.canonicalName, name != question.name { next = name }
            case .negative(let negative, let expires):
                // Of AAAA it decides only where nothing else is asked; see `settle`.
                isNameError = isNameError || negative.isNameError && (question.type != .aaaa || asked.count == 1)
                canonicalName = negative.canonicalName ?? canonicalName
                until = min(until, expires)
            case .failed(let reason, let askAgainAt) where alias != nil && reason.isPolicy:
                // Names that an alias leads to need not be the name server's business.
                until = min(until, askAgainAt)
            case .failed(let reason, let askAgainAt):
                failure = (reason, askAgainAt)
            case nil:
                continue
            }
        }
        // Where there is an alias the name itself exists, whatever is wrong behind it. A name server that follows it says
        // NXDOMAIN of its end (RFC 6604 section 3).
        if isNameError, held == nil {
            return canonicalName.map { noSuchService(alias: $0, until: until) } ?? walkOn(until: until)
        }
        if let next, let held, plan.key.kind != .pointers {
            guard steps < Self.mostAliasesFollowed else { return tooManyAliases(next, until: until) }
            phase = .alias(held, steps: steps + 1)
            return ask(next)
        }
        if let (failure, askAgainAt) = failure {
            var reason = failure
            if plan.outside != nil, index == 0, alias == nil, failure.code == .serverFailure {
                reason.reason += "; write \("\(plan.key.name).".quoted) for a name outside the cluster"
            }
            if !walked.isEmpty { reason.reason += "; before it (NXDOMAIN): \(walked.joined(separator: ", "))" }
            return failed(reason, alias: canonicalName, until: askAgainAt)
        }
        return noRecords(alias: canonicalName, until: until)
    }

    /// On to the next candidate, if there is one.
    private mutating func walkOn(until expires: MonotonicTime) -> Step {
        walkedUntil = min(walkedUntil, expires)
        if index + 1 < plan.candidates.count {
            index += 1
            return ask(candidate)
        }
        guard plan.key.kind == .services, let service = plan.candidates[0].withoutPort else {
            return noSuchService(until: expires)
        }
        phase = .explanation(until: expires)
        return ask([service]) { Question(name: $0, type: .srv) }
    }

    // MARK: Failing

    /// The candidates before this one, which do not exist.
    private var walked: [String] { plan.candidates.prefix(index).map(\.description) }

    /// The name server that said that there is nothing.
    private var denier: NameServer? {
        asked.lazy.compactMap { _, answer in
            if case .negative(let negative, _) = answer { negative.nameServer } else { nil }
        }.first
    }

    private func failed(
        _ reason: QueryFailure,
        _ name: DomainName? = nil,
        alias: DomainName? = nil,
        until expires: MonotonicTime
    ) -> Step {
        .finished(
            .failed(
                Failure(
                    reason: reason,
                    name: name ?? candidate,
                    canonicalName: alias ?? canonicalName,
                    expires: min(expires, walkedUntil)
                )
            )
        )
    }

    /// - Parameter alias: what the name is an alias for, if that is what does not exist.
    private func noSuchService(alias: DomainName? = nil, until expires: MonotonicTime) -> Step {
        let reason = alias.map { "the name is an alias for \($0), which does not exist (NXDOMAIN)" } ?? noSuchName
        return failed(
            QueryFailure(code: .noSuchService, reason: reason, nameServer: denier, responseCode: .nameError),
            alias: alias,
            until: expires
        )
    }

    /// Why a name server looks nothing up outside the cluster, where that is all that was said.
    private var refusal: (QueryFailure, until: MonotonicTime)? {
        var refusal: (QueryFailure, until: MonotonicTime)?
        for (_, answer) in asked {
            switch answer {
            case .failed(let failure, let askAgainAt) where failure.isPolicy: refusal = (failure, askAgainAt)
            case .negative(let negative, _) where negative.isNameError: continue
            default: return nil
            }
        }
        return refusal
    }

    /// One that answers for the cluster alone has said that the name is not there.
    private func refused(_ refusal: QueryFailure, until expires: MonotonicTime) -> Step {
        let reason =
            "not in the cluster (NXDOMAIN): \(walked.joined(separator: ", ")); outside \(refusal.reason)\(lookalike)"
        return failed(
            QueryFailure(
                code: .noSuchService,
                reason: reason,
                nameServer: refusal.nameServer,
                responseCode: refusal.responseCode
            ),
            until: expires
        )
    }

    private var lookalike: String {
        plan.candidates.contains(where: \.isOfService) ? "; a headless service without a ready pod looks the same" : ""
    }

    /// That none of the candidates exists, and what to make of it.
    private var noSuchName: String {
        var text = "no such name in DNS (NXDOMAIN)"
        if !walked.isEmpty { text += ", nor \(walked.joined(separator: " or ")), asked before it" }
        text += lookalike
        if let other = plan.otherMeaning { text += "; \(other.hint(for: plan.key.name))" }
        return text
    }

    /// NXDOMAIN for a port is the same whether the port or the service is missing. CoreDNS tells the ports of a service at
    /// its own name; other servers at least that there is something of that name.
    private func missingPort(until expires: MonotonicTime) -> Step {
        guard let (question, answer) = asked.first else { return noSuchService(until: expires) }
        var ports = ""
        switch answer {
        case .records(let records, _, _):
            let numbers = Set(records.data.compactMap { if case .srv(let service) = $0 { service.port } else { nil } })
            if !numbers.isEmpty {
                ports = "; its ports are \(numbers.sorted().map(String.init).joined(separator: ", "))"
            }
        case .negative(let negative, _) where !negative.isNameError:
            break
        case .negative, .failed, nil:
            return noSuchService(until: expires)
        }
        let reason = "the service \(question.name) exists, but has no port of that name and protocol\(ports)"
        return failed(
            QueryFailure(code: .noRecords, reason: reason, nameServer: denier, responseCode: .nameError),
            plan.candidates[0],
            until: expires
        )
    }

    private func tooManyAliases(_ next: DomainName, until expires: MonotonicTime) -> Step {
        let reason = """
            the CNAME records go in a circle or on and on: \(next) is not asked for, \
            to which those of \(Self.mostAliasesFollowed + 1) answers lead
            """
        return failed(QueryFailure(code: .malformedResponse, reason: reason), alias: next, until: expires)
    }

    private func noRecords(alias: DomainName?, until expires: MonotonicTime) -> Step {
        let types = types.map(\.description).joined(separator: " or ")
        let instead = alias.map { ", only an alias for \($0)" } ?? ""
        let reason = "the name exists, but has no \(types) record\(instead) (NODATA)"
        return failed(
            QueryFailure(code: .noRecords, reason: reason, nameServer: denier, responseCode: .noError),
            alias: alias,
            until: expires
        )
    }

    // MARK: Finding

    /// The records of all the phase's questions, and what led to them; `nil` if there are none.
    private func merged(with alias: Held?) -> Held? {
        var merged = alias
        for (_, answer) in asked {
            guard case .records(let records, let expires, let refreshAt) = answer else { continue }
            guard var earlier = merged else {
                merged = Held(records: records, expires: expires, refreshAt: refreshAt)
                continue
            }
            earlier.records.data += records.data
            earlier.records.targets.merge(records.targets) { $1 }
            earlier.records.canonicalName = records.canonicalName ?? earlier.records.canonicalName
            merged = Held(
                records: earlier.records,
                expires: min(earlier.expires, expires),
                refreshAt: min(earlier.refreshAt, refreshAt)
            )
        }
        return merged
    }

    private func found(_ held: Held, endpoints: [Endpoint]? = nil) -> Found {
        var found = Found(
            name: candidate,
            contents: EndpointSet.Contents(
                endpoints: endpoints ?? self.endpoints(of: held.records),
                absoluteName: .name(candidate),
                canonicalName: held.records.canonicalName?.description,
                text: plan.key.kind == .text ? held.records.text : [],
                expires: held.expires
            ),
            expires: held.expires,
            refreshAt: held.refreshAt
        )
        switch phase {
        case .candidate, .explanation: break
        case .alias, .targets: found.otherNames = asked.map(\.question.name)
        }
        for (_, answer) in asked {
            switch answer {
            case .failed(_, let askAgainAt):
                found.isPartial = true
                found.refreshAt = min(found.refreshAt, askAgainAt)
            case nil:
                found.isPartial = true
                found.awaitsMore = true
            case .records, .negative:
                continue
            }
        }
        return found
    }

    private func endpoints(of records: AnswerRecords) -> [Endpoint] {
        let address = plan.key.kind == .pointers ? IPAddress(plan.key.name) : nil
        var endpoints: [Endpoint] = []
        endpoints.reserveCapacity(records.data.count)
        for data in records.data {
            switch data {
            case .address(let address): endpoints.append(Endpoint(address: address))
            case .ptr(let name):
                if let address { endpoints.append(Endpoint(address: address, hostname: name.description)) }
            default: continue
            }
        }
        return endpoints
    }

    // MARK: Services

    private mutating func targets(of services: Held) -> Step {
        var missing: [Question] = []
        var seen: Set<DomainName> = []
        for case .srv(let service) in services.records.data {
            // A target of "." says that the service is decidedly not there (RFC 2782).
            guard service.target != .root, seen.insert(service.target).inserted else { continue }
            // The additional section need not have all (RFC 2782), and may have the other family alone.
            let known = services.records.targets[service.target]?.addresses ?? []
            if !known.contains(where: { families.contains(RecordData.address($0).type) }) {
                missing += families.map { Question(name: service.target, type: $0) }
            }
        }
        phase = .targets(services)
        guard missing.count <= Self.mostTargetsAsked * families.count else {
            let count = missing.count / families.count
            let reason = "the answer leaves out the addresses of \(count) SRV targets, of which"
            return tooMany("\(reason) \(Self.mostTargetsAsked) at most are asked for", services)
        }
        guard !missing.isEmpty else {
            asked = []
            return joined(services)
        }
        return ask(missing) { $0 }
    }

    private func tooMany(_ reason: String, _ services: Held) -> Step {
        failed(QueryFailure(code: .malformedResponse, reason: reason), until: services.expires)
    }

    private func joined(_ services: Held) -> Step {
        var joined = services
        let records = services.records
        var addresses = records.targets.mapValues(\.addresses)
        var failure: (QueryFailure, MonotonicTime)?
        var withoutAddressUntil = MonotonicTime.distantFuture
        // NXDOMAIN holds for both families; see `settle`.
        let denied = Set(
            asked.lazy.filter { $0.answer?.isNameError ?? false && $0.question.type != .aaaa }.map(\.question.name)
        )
        for (question, answer) in asked {
            switch answer {
            case .failed where denied.contains(question.name):
                continue
            case .records(let found, let until, let refresh):
                joined.expires = min(joined.expires, until)
                joined.refreshAt = min(joined.refreshAt, refresh)
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
            let hostname = service.target.description
            for address in addresses[service.target] ?? [] where families.contains(RecordData.address(address).type) {
                guard endpoints.count < Self.mostEndpoints else {
                    let reason = "its SRV records and their targets' addresses make more than"
                    return tooMany("\(reason) \(Self.mostEndpoints) endpoints", services)
                }
                endpoints.append(
                    Endpoint(
                        address: address,
                        port: service.port,
                        hostname: hostname,
                        priority: service.priority,
                        weight: service.weight
                    )
                )
            }
        }
        guard endpoints.isEmpty else { return .finished(.found(found(joined, endpoints: endpoints))) }
        if let (reason, askAgainAt) = failure { return failed(reason, until: askAgainAt) }
        return failed(
            QueryFailure(
                code: .noRecords,
                reason: """
                    it has SRV records, but none of their targets has an \
                    \(families.count > 1 ? "address" : families == [.a] ? "IPv4 address" : "IPv6 address")
                    """
            ),
            until: min(joined.expires, withoutAddressUntil)
        )
    }
}

extension Lookup.Answer {
    var isRecords: Bool {
        if case .records = self { true } else { false }
    }

    fileprivate func isStale(now: MonotonicTime) -> Bool {
        if case .records(_, let expires, _) = self { expires <= now } else { false }
    }

    fileprivate var isNameError: Bool {
        if case .negative(let negative, _) = self { negative.isNameError } else { false }
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
