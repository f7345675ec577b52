internal import DNSTransport

/// What the loop thread has to tell: numbers since the resolver was made, and how things stand.
///
/// The loop thread fills one in, which costs additions, and hands it over now and then; what is made of it is the affair
/// of another thread.
struct LoopReport: Sendable {
    /// How long a question was on its way.
    struct QueryTime: Hashable, Sendable {
        var duration: Duration
        var isAnswered: Bool
    }

    // Since the resolver was made.
    var attemptsOverUDP = 0
    var attemptsOverTCP = 0
    var hedgesWon = 0
    var tcpFallbacks = 0
    var peerChanges = 0
    var reads = FrontTable.Reads()

    // As of the report.
    var statistics = ClusterResolver.Statistics()
    /// Names that are kept fresh for somebody who holds a handle.
    var handles = 0
    /// Of these, those whose last question failed.
    var failingHandles = 0

    /// Of the questions that ended since the last report.
    var queryTimes: [QueryTime] = []

    /// So many of these are a report of their own.
    static let mostQueryTimes = 1024

    /// Takes a later report's place, and keeps what only the earlier one has.
    ///
    /// - Parameter limit: of the query times that are kept; those beyond are left out.
    mutating func merge(_ later: LoopReport, limit: Int) {
        let times = queryTimes + later.queryTimes.prefix(max(0, limit - queryTimes.count))
        self = later
        queryTimes = times
    }
}

/// A question that went over the wire, and what came of it.
struct WireQuery: Sendable {
    var question: Question
    var started: MonotonicTime
    var ended: MonotonicTime
    /// The name server that answered, or was asked last.
    var nameServer: NameServer?
    var transport: Attempt.Transport?
    /// Messages sent for it so far.
    var attempts: Int
    /// Why there is no answer; `nil` if there is one, a negative one as well.
    var failure: String?
}
