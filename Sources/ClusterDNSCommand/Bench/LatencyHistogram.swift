/// How long lookups took, each value kept to within 1.6 %, in a room that does not grow.
///
/// Buckets are as wide as a 64th of the power of two that they lie in, as in an HDR histogram. One of our own, so that
/// nobody who depends on the library has to fetch another package for it.
struct LatencyHistogram: Sendable {
    private static let bucketsPerPower = 64
    /// Some 18 minutes in nanoseconds: longer lookups share the last bucket.
    private static let highest: Int64 = 1 << 40

    private var counts = [Int](repeating: 0, count: bucket(of: highest) + 1)
    private(set) var count = 0
    /// In nanoseconds, exact; zero while there is none.
    private(set) var max: Int64 = 0

    mutating func record(_ nanoseconds: Int64) {
        let value = Swift.max(0, nanoseconds)
        counts[Self.bucket(of: Swift.min(value, Self.highest))] += 1
        count += 1
        max = Swift.max(max, value)
    }

    mutating func add(_ other: LatencyHistogram) {
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
        count += other.count
        max = Swift.max(max, other.max)
    }

    /// The nanoseconds that so many of a thousand lookups took at the most; `nil` without lookups.
    func percentile(perMille: Int) -> Int64? {
        guard count > 0 else { return nil }
        // The rank rounded up, without a product that could overflow.
        let (thousands, rest) = count.quotientAndRemainder(dividingBy: 1000)
        let rank = Swift.max(1, thousands * perMille + (rest * perMille + 999) / 1000)
        var seen = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Swift.min(Self.values(in: bucket).upperBound, max) }
        }
        return max
    }

    /// The lookups that took from one bound to below the next, for bounds in ascending order; one fewer than there are
    /// bounds. A bucket counts where most of its values lie.
    func counts(between bounds: [Int64]) -> [Int] {
        var sums = [Int](repeating: 0, count: Swift.max(0, bounds.count - 1))
        var row = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            let values = Self.values(in: bucket)
            let middle = values.lowerBound + (values.upperBound - values.lowerBound) / 2
            while row + 1 < sums.count, bounds[row + 1] <= middle { row += 1 }
            if row < sums.count { sums[row] += count }
        }
        return sums
    }

    /// Small values have a bucket each; from there on a power of two has 64.
    private static func bucket(of value: Int64) -> Int {
        let power = Int64.bitWidth - value.leadingZeroBitCount
        let shift = Swift.max(0, power - 7)
        return shift * bucketsPerPower + Int(value >> shift)
    }

    private static func values(in bucket: Int) -> ClosedRange<Int64> {
        guard bucket >= 2 * bucketsPerPower else { return Int64(bucket)...Int64(bucket) }
        let shift = bucket / bucketsPerPower - 1
        let first = Int64(bucket - shift * bucketsPerPower) << shift
        return first...first + (1 << shift) - 1
    }
}
