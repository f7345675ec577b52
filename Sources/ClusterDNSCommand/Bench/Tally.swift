internal import DNSTransport

/// What came of the lookups of one caller, or of several.
struct Tally: Sendable {
    private(set) var histogram = LatencyHistogram()
    private(set) var errors = 0
    /// Why one of these failed, a late one.
    private(set) var lastError: String?
    /// Of each caller as many as it has managed, summed.
    private(set) var perSecond = 0.0
    /// DNS messages sent.
    var queries = 0

    var lookups: Int { histogram.count }

    mutating func record(_ time: Duration) {
        histogram.record(time.wholeNanoseconds)
    }

    mutating func fail(_ reason: String) {
        errors += 1
        lastError = reason
    }

    /// Ends a lookup that is under way when the time is over. That is no failure of its own: some lookup always is. It
    /// counts as one if the caller has waited for it for half of all its time, or else a server that never answers would
    /// have no error.
    mutating func giveUp(after age: Duration, of time: Duration) {
        guard age * 2 >= time else { return }
        errors += 1
        // Others may have been told why.
        lastError = lastError ?? "no answer had come when the time was over"
    }

    /// - Parameter time: how long the caller has looked names up, one after another.
    mutating func end(after time: Duration) {
        perSecond = time > .zero ? Double(lookups) / (time / .seconds(1)) : 0
    }

    mutating func add(_ other: Tally) {
        histogram.add(other.histogram)
        errors += other.errors
        lastError = other.lastError ?? lastError
        perSecond += other.perSecond
        queries += other.queries
    }
}

/// What reading the clock adds to the time of a lookup: the least of many, which is taken off again. A read by handle is
/// shorter than that.
enum ClockCost {
    static let measured =
        (0..<10_000).map { _ in
            let start = MonotonicTime.now
            return .now - start
        }.min() ?? Duration.zero
}
