internal import DNSTransport

/// How long a name server takes to answer, from the answers that it has given: the estimate that TCP makes of its round
/// trips (RFC 6298 section 2, which RFC 8085 section 3.1.1 has UDP applications make, too).
///
/// Each attempt has an identifier of its own, so it is known which query an answer is to, and a late one counts in full.
struct RoundTripTime {
    private var smoothed: Int64?
    private var variation: Int64 = 0

    /// The time within which the next answer is to be expected; zero before the first.
    private(set) var timeout = Duration.zero

    /// Takes in the time that an answer took.
    mutating func note(_ time: Duration) {
        // An attempt is given up after minutes: nothing here comes near the limits of 64 bits.
        let sample = min(max(time, .zero), .seconds(3600)).wholeNanoseconds
        if let smoothed {
            variation += (abs(smoothed - sample) - variation) / 4
            self.smoothed = smoothed + (sample - smoothed) / 8
        } else {
            smoothed = sample
            variation = sample / 2
        }
        timeout = .nanoseconds((smoothed ?? 0) + 4 * variation)
    }
}
