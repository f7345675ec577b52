/// How long a name server takes to answer, from the answers that it has given: the estimate that TCP makes of its round
/// trips (RFC 6298 section 2, which RFC 8085 section 3.1.1 has UDP applications make, too).
///
/// Each attempt has an identifier of its own, so it is known which query an answer is to, and a late one counts in full.
struct RoundTripTime {
    private var isKnown = false
    private var smoothed: Int64 = 0
    private var variation: Int64 = 0

    /// The time within which the next answer is to be expected, in nanoseconds; zero before the first.
    var timeout: Int64 { smoothed + 4 * variation }

    /// What took longer, as where the process was stopped meanwhile, says no more: 5 s.
    private static let longest: Int64 = 5_000_000_000

    /// Takes in how many nanoseconds an answer took.
    mutating func note(_ time: Int64) {
        let sample = min(max(time, 0), Self.longest)
        if isKnown {
            variation += (abs(smoothed - sample) - variation) / 4
            smoothed += (sample - smoothed) / 8
        } else {
            isKnown = true
            smoothed = sample
            variation = sample / 2
        }
    }
}
