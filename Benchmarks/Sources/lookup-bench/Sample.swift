import CFloor
import Histogram

/// Lookups of one kind: how long each took, and what all of them cost.
struct Sample: Sendable {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 120_000_000_000,
        numberOfSignificantValueDigits: .three
    )
    /// From the beginning of the first to the end of the last.
    var seconds: Double
    /// On all threads, in user and system mode.
    var cpuSeconds: Double

    init(nanoseconds: some Sequence<UInt64>, seconds: Double, cpuSeconds: Double) {
        self.seconds = seconds
        self.cpuSeconds = cpuSeconds
        for value in nanoseconds { histogram.record(value) }
    }

    /// Runs lookups and takes what each took, in nanoseconds.
    static func of(
        _ lookups: () async throws -> [UInt64]
    ) async rethrows -> Sample {
        let cpu = cpu_nanoseconds()
        let start = nanoseconds()
        let latencies = try await lookups()
        let end = nanoseconds()
        return Sample(
            nanoseconds: latencies,
            seconds: Double(end - start) / 1e9,
            cpuSeconds: Double(cpu_nanoseconds() - cpu) / 1e9
        )
    }

    var count: Int { Int(histogram.totalCount) }
    var perSecond: Double { Double(count) / seconds }
    var cpuMicroseconds: Double { cpuSeconds * 1e6 / Double(max(1, count)) }

    func microseconds(_ percentile: Double) -> Double {
        let value = percentile == 100 ? histogram.max : histogram.valueAtPercentile(percentile)
        return Double(value) / 1000
    }

    /// The percentiles that people ask for first.
    var summary: String {
        "p50 \(microseconds(50).short) p99 \(microseconds(99).short) p99.9 \(microseconds(99.9).short) "
            + "max \(microseconds(100).short) µs"
    }
}
