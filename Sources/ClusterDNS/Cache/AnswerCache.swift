internal import DNSTransport

/// What is known of the questions asked so far, and whether it may still be used.
///
/// It never reads a clock: every decision gets the moment as a parameter. Peers and negatives are kept apart, so that a
/// burst of wrong names pushes out no peer.
struct AnswerCache: ~Copyable {
    /// What to do about a question.
    enum Finding {
        /// The answer holds until `expires`; from `refreshAt` on it is time to ask again, without anybody waiting, but not
        /// during the pause after a failure.
        case fresh(AnswerRecords, expires: MonotonicTime, refreshAt: MonotonicTime, pause: Pause?)
        /// The answer's time is over, but it may be given while DNS does not answer. During the pause after a failure there
        /// is no point in asking.
        case stale(AnswerRecords, expired: MonotonicTime, pause: Pause?)
        /// There is no such name or no such record, until `expires`.
        indirect case negative(NegativeAnswer, expires: MonotonicTime)
        /// DNS failed, and during the pause there is no point in asking.
        indirect case failing(QueryFailure, pause: Pause)
        case unknown
    }

    /// Until when a question that failed is not asked again.
    struct Pause {
        let end: MonotonicTime
        /// For those who know that the answer is of no use any more: DNS may have been back for long.
        fileprivate let endIfReported: MonotonicTime

        func end(isReported: Bool) -> MonotonicTime { isReported ? endIfReported : end }
    }

    /// The answers to all questions with one name.
    private final class Name {
        let usage = Usage()
        var answers: [Positive] = []
        /// Where outcomes made of them stand in the front table; see ``AnswerCache/notePublication(_:of:)``.
        var publications: [LookupKey] = []

        func answer(of type: RecordType) -> Positive? {
            answers.first { $0.type == type }
        }

        var recordCount: Int { answers.reduce(0) { $0 + $1.recordCount } }
    }

    private struct Positive {
        let type: RecordType
        let records: AnswerRecords
        let recordCount: Int
        let asked: MonotonicTime
        var expires: MonotonicTime
        var refreshAt: MonotonicTime
        var failures: Failures?
    }

    private struct Negative {
        var finding: Either
        var expires: MonotonicTime
        /// When the newest question was sent that was answered so; kept through the failures that follow.
        var denied: (asked: MonotonicTime, isNameError: Bool)?
        /// Those that stay with the name, which once had an answer; see ``AnswerCache/holds(_:for:)``.
        var holders: [LookupKey]

        enum Either {
            case answer(NegativeAnswer)
            case failures(Failures)
        }
    }

    /// Failures in a row (RFC 9520 section 3.2).
    private final class Failures {
        let count: Int
        let last: QueryFailure
        let pause: Pause

        init(count: Int, last: QueryFailure, now: MonotonicTime, pause: Duration) {
            self.count = count
            self.last = last
            self.pause = Pause(end: now + pause, endIfReported: now + min(pause, AnswerCache.longestPauseIfReported))
        }

        var askAgainAt: MonotonicTime { pause.end }
    }

    private static let longestPauseIfReported = Duration.seconds(5)

    private static let mostPublications = 16
    /// The records of a name on average, if the cache is full: one name may have thousands, but not all of them.
    private static let recordsPerName = 64
    /// The largest part of a TTL that an answer is asked for again before its end, jitter included.
    private static let mostAhead = 0.9

    private let settings: ResolverConfiguration.Cache
    private var names: SieveCache<DomainName, Name>
    private var negatives: SieveCache<Question, Negative>
    private(set) var evictions = 0
    /// The records of all names.
    private var recordCount = 0
    /// When the newest question was sent of a name that does not exist.
    private var lastNameError = MonotonicTime(nanoseconds: 0)

    init(_ settings: ResolverConfiguration.Cache) {
        self.settings = settings
        names = SieveCache(capacity: settings.capacity)
        negatives = SieveCache(capacity: settings.negativeCapacity)
    }

    /// Names with an answer, and negatives.
    var counts: (names: Int, negatives: Int) { (names.count, negatives.count) }

    /// Whether `key` came to the name's answer, be it that there is a negative or a failure in its place by now.
    func holds(_ question: Question, for key: LookupKey) -> Bool {
        holders(of: question).contains(key)
    }

    private func holders(of question: Question) -> [LookupKey] {
        names.peek(question.name)?.publications ?? negatives.peek(question)?.holders ?? []
    }

    /// Whether something is known that was asked for later than at `time`: what a message of then brings is no news.
    func isKnown(_ question: Question, later time: MonotonicTime) -> Bool {
        if let answer = names.peek(question.name)?.answer(of: question.type) { return answer.asked > time }
        return negatives.peek(question)?.denied.map { $0.asked > time } ?? false
    }

    /// Whether a name was asked for later than at `time`, with records of whatever type, and did not exist: records that a message
    /// of then brings are none any more. See ``removeAnswers(denied:isNameError:asked:)``.
    func isDenied(_ name: DomainName, later time: MonotonicTime) -> Bool {
        guard lastNameError > time, !settings.hidesDeletionsWithStale else { return false }
        return [RecordType.a, .srv, .txt].contains { type in
            let denied = negatives.peek(Question(name: name, type: type))?.denied
            return denied.map { $0.isNameError && $0.asked > time } ?? false
        }
    }

    /// Notes that an outcome made of a name's answers stands in the front table, which has to go with them.
    ///
    /// - Returns: where the readers of the name's answers leave their marks; `nil` for a name without an answer.
    mutating func notePublication(_ key: LookupKey, of name: DomainName) -> Usage? {
        guard let name = names.peek(name) else { return nil }
        if !name.publications.contains(key) {
            // A name can be written in many ways. What is not noted any more goes when its time is over.
            if name.publications.count >= Self.mostPublications { name.publications.removeFirst() }
            name.publications.append(key)
        }
        return name.usage
    }

    /// Why nothing newer than the name's answers of these types could be had; `nil` if they are the newest there is.
    func lastFailure(of name: DomainName, _ types: [RecordType]) -> QueryFailure? {
        names.peek(name)?.answers.lazy.filter { types.contains($0.type) }.compactMap { $0.failures?.last }.first
    }

    /// When the newest of the name's answers of these types was asked for; `nil` for a name without any.
    func lastAsked(of name: DomainName, _ types: [RecordType]) -> MonotonicTime? {
        names.peek(name)?.answers.lazy.filter { types.contains($0.type) }.map(\.asked).max()
    }

    /// What is known of a question that somebody has asked: what SIEVE calls a visit.
    mutating func visit(_ question: Question, now: MonotonicTime) -> Finding {
        finding(names.visit(question.name), negatives.visit(question), question, now: now)
    }

    /// What is known of a question, unnoticed.
    func peek(_ question: Question, now: MonotonicTime) -> Finding {
        finding(names.peek(question.name), negatives.peek(question), question, now: now)
    }

    private func finding(
        _ name: Name?,
        _ negative: Negative?,
        _ question: Question,
        now: MonotonicTime
    ) -> Finding {
        if let answer = name?.answer(of: question.type) {
            if now < answer.expires {
                let pause = answer.failures?.pause
                let refreshAt = max(answer.refreshAt, pause?.end ?? answer.refreshAt)
                return .fresh(answer.records, expires: answer.expires, refreshAt: refreshAt, pause: pause)
            }
            if now < answer.expires + settings.staleWindow {
                return .stale(answer.records, expired: answer.expires, pause: answer.failures?.pause)
            }
        }
        guard let negative else { return .unknown }
        switch negative.finding {
        case .answer(let answer) where now < negative.expires:
            return .negative(answer, expires: negative.expires)
        case .failures(let failures) where now < failures.askAgainAt:
            return .failing(failures.last, pause: failures.pause)
        default:
            return .unknown
        }
    }

    /// Keeps an answer for its TTL, within the bounds set.
    ///
    /// - Parameters:
    ///   - asked: when the message was sent that brought it.
    ///   - jitter: from -1 to 1; spreads the refreshes of answers that came together.
    /// - Returns: when it expires and is to be refreshed, and the publications of a name that had to go for it.
    mutating func store(
        _ records: AnswerRecords,
        for question: Question,
        asked: MonotonicTime,
        now: MonotonicTime,
        jitter: Double
    ) -> (expires: MonotonicTime, refreshAt: MonotonicTime, evicted: [LookupKey]) {
        let seconds = records.targets.values.reduce(records.ttl) { min($0, $1.ttl) }
        let ttl = min(max(.seconds(seconds), settings.minimumTTL), settings.maximumTTL)
        let ahead = min(settings.refreshAhead * (1 + settings.refreshJitter * jitter), Self.mostAhead)
        let untilRefresh = Double(ttl.wholeNanoseconds) * (1 - ahead)
        let answer = Positive(
            type: question.type,
            records: records,
            recordCount: records.data.count + records.targets.values.reduce(0) { $0 + $1.addresses.count },
            asked: asked,
            expires: now + ttl,
            refreshAt: now + .nanoseconds(Int64(untilRefresh))
        )
        let negative = negatives.remove(question)
        if let name = names.peek(question.name) { removeAnswers(of: name) { $0.type == question.type } }
        var evicted: [LookupKey] = []
        while recordCount + answer.recordCount > Self.recordsPerName * settings.capacity,
            let (_, name) = names.evict(wasVisited: { $0.usage.take(for: .eviction) })
        {
            evicted += noteEviction(of: name)
        }
        recordCount += answer.recordCount
        if let name = names.peek(question.name) {
            name.answers.append(answer)
        } else {
            let name = Name()
            name.answers.append(answer)
            name.publications = negative?.holders ?? []
            let pushedOut = names.insert(name, for: question.name) { $0.usage.take(for: .eviction) }
            evicted += pushedOut.map { noteEviction(of: $0.value) } ?? []
        }
        return (answer.expires, answer.refreshAt, evicted)
    }

    /// - Returns: its publications.
    private mutating func noteEviction(of name: Name) -> [LookupKey] {
        evictions += 1
        recordCount -= name.recordCount
        return name.publications
    }

    /// Keeps the fact that there is no such name or record. It stands above an older answer, unless deletions are to be
    /// hidden for as long as a stale answer is allowed.
    ///
    /// - Parameter asked: when the message was sent that brought it.
    /// - Returns: the publications that were made of answers that had to go for it; `nil` where none had to.
    mutating func store(
        _ negative: NegativeAnswer,
        for question: Question,
        asked: MonotonicTime,
        now: MonotonicTime
    ) -> [LookupKey]? {
        let given = negative.ttl.map { max(.seconds($0), settings.minimumTTL) } ?? settings.negativeTTLWithoutSOA
        let ttl = min(given, settings.maximumNegativeTTL)
        if settings.hidesDeletionsWithStale, let held = held(question, now: now) {
            let unasked = QueryFailure(code: .noSuchService, reason: "gone: its last answer is kept")
            let failures = Failures(count: held.failures?.count ?? 0, last: unasked, now: now, pause: ttl)
            update(question) { $0.failures = failures }
            return nil
        }
        let holders = holders(of: question)
        let removed = removeAnswers(denied: question, isNameError: negative.isNameError, asked: asked)
        if negative.isNameError { lastNameError = max(lastNameError, asked) }
        insert(.answer(negative), denied: (asked, negative.isNameError), until: now + ttl, holders, for: question)
        // In the place of each, or whoever holds the name for its sake would be forgotten with it.
        for type in removed where type != question.type {
            let other = Question(name: question.name, type: type)
            insert(.answer(negative), denied: (asked, negative.isNameError), until: now + ttl, holders, for: other)
        }
        return removed.isEmpty ? nil : holders
    }

    /// Notes that DNS failed, and when to try again: after 1 s, doubling, the sooner the less there is to give
    /// meanwhile.
    ///
    /// - Parameter jitter: from -1 to 1.
    mutating func store(_ failure: QueryFailure, for question: Question, now: MonotonicTime, jitter: Double) {
        func next(after failures: Failures?, atMost longest: Duration) -> Failures {
            let count = min((failures?.count ?? 0) + 1, 30)
            let step = min(settings.failureBackoff * (1 << (count - 1)), longest)
            let jittered = min(step * (1 + settings.refreshJitter * jitter), longest)
            return Failures(count: count, last: failure, now: now, pause: jittered)
        }
        if let held = held(question, now: now) {
            let failures = next(after: held.failures, atMost: settings.maximumFailureBackoff)
            return update(question) { $0.failures = failures }
        }
        var earlier: Failures?
        if case .failures(let failures) = negatives.peek(question)?.finding { earlier = failures }
        // Where the other family answers, there is something to give.
        let other: RecordType? = question.type == .a ? .aaaa : question.type == .aaaa ? .a : nil
        let isOtherKnown =
            other.flatMap { held(Question(name: question.name, type: $0), now: now) }?.records.data.isEmpty == false
        let failures = next(
            after: earlier,
            atMost: isOtherKnown ? settings.maximumFailureBackoff : settings.maximumFailureBackoffWithoutStale
        )
        let denied = negatives.peek(question)?.denied
        insert(.failures(failures), denied: denied, until: failures.askAgainAt, holders(of: question), for: question)
    }

    /// Forgets all that is known of the names that are meant.
    mutating func remove(where isMeant: (DomainName) -> Bool) {
        for name in names.keys.filter(isMeant) { removeName(name) }
        for question in negatives.keys.filter({ isMeant($0.name) }) { negatives.remove(question) }
    }

    /// Drops what cannot be used any more: answers past the time that stale ones are allowed, or, where that is
    /// shorter, past the time that unused ones are kept; negatives past their time, or past the time that unused ones are
    /// kept where the name once had an answer.
    ///
    /// - Returns: the publications of the names dropped.
    mutating func sweep(now: MonotonicTime) -> [LookupKey] {
        let kept = max(settings.staleWindow, settings.unusedLifetime)
        let unusable = names.keys.filter { key in
            names.peek(key)?.answers.allSatisfy { $0.expires + kept <= now } ?? true
        }
        let dropped = unusable.flatMap { removeName($0)?.publications ?? [] }
        let past = negatives.keys.filter { question in
            negatives.peek(question).map { negative in
                negative.expires + (negative.holders.isEmpty ? .zero : settings.unusedLifetime) <= now
            } ?? true
        }
        for question in past { negatives.remove(question) }
        return dropped
    }

    /// The answer that may still be given, fresh or stale.
    private func held(_ question: Question, now: MonotonicTime) -> Positive? {
        guard let answer = names.peek(question.name)?.answer(of: question.type) else { return nil }
        return now < answer.expires + settings.staleWindow ? answer : nil
    }

    private func update(_ question: Question, _ change: (inout Positive) -> Void) {
        guard let name = names.peek(question.name) else { return }
        for index in name.answers.indices where name.answers[index].type == question.type {
            change(&name.answers[index])
        }
    }

    /// A name that does not exist has no records of any type (RFC 8020), but for a name server that says so of AAAA where it
    /// means that there is none (RFC 4074 section 4.2). Those of other types stay that were not asked for earlier, and, where
    /// deletions are to be hidden, all: each is asked for, and hidden, by itself.
    ///
    /// - Returns: the types of those that had to go.
    private mutating func removeAnswers(
        denied question: Question,
        isNameError: Bool,
        asked: MonotonicTime
    ) -> [RecordType] {
        guard let name = names.peek(question.name) else { return [] }
        let concernsAll = isNameError && question.type != .aaaa && !settings.hidesDeletionsWithStale
        let removed = name.answers.filter { $0.type == question.type || concernsAll && $0.asked < asked }.map(\.type)
        removeAnswers(of: name) { removed.contains($0.type) }
        if name.answers.isEmpty { removeName(question.name) }
        return removed
    }

    private mutating func removeAnswers(of name: Name, where isMeant: (Positive) -> Bool) {
        recordCount -= name.answers.reduce(0) { $0 + (isMeant($1) ? $1.recordCount : 0) }
        name.answers.removeAll(where: isMeant)
    }

    @discardableResult
    private mutating func removeName(_ key: DomainName) -> Name? {
        let name = names.remove(key)
        recordCount -= name?.recordCount ?? 0
        return name
    }

    private mutating func insert(
        _ finding: Negative.Either,
        denied: (asked: MonotonicTime, isNameError: Bool)?,
        until expires: MonotonicTime,
        _ holders: [LookupKey],
        for question: Question
    ) {
        let negative = Negative(finding: finding, expires: expires, denied: denied, holders: holders)
        if negatives.insert(negative, for: question) != nil { evictions += 1 }
    }
}

/// That there is nothing, as a name server said it.
struct NegativeAnswer: Hashable, Sendable {
    /// NXDOMAIN rather than NODATA.
    var isNameError: Bool
    /// The end of the CNAME chain; `nil` without one.
    var canonicalName: DomainName?
    /// Seconds (RFC 2308 section 5); `nil` without an SOA record.
    var ttl: UInt32?
    /// Who said so.
    var nameServer: NameServer?
}

/// Why a question got no answer.
struct QueryFailure: Hashable, Sendable {
    var code: ClusterDNSError.Code
    /// Half a sentence, to stand behind the name.
    var reason: String
    var nameServer: NameServer?
    var responseCode: ResponseCode?
}
