import Testing

@testable import ClusterDNSCommand

struct LatencyHistogramTests {
    private static func histogram(_ values: some Sequence<Int64>) -> LatencyHistogram {
        values.reduce(into: LatencyHistogram()) { $0.record($1) }
    }

    @Test func `a percentile is the least value that so many are not above`() {
        let histogram = Self.histogram(1...100)
        #expect(
            [1, 10, 500, 505, 990, 999, 1000].map { histogram.percentile(perMille: $0) } == [
                1, 1, 50, 51, 99, 100, 100,
            ]
        )
        #expect(Self.histogram([7]).percentile(perMille: 500) == 7)
        #expect(Self.histogram([]).percentile(perMille: 500) == nil)
        #expect(Self.histogram([]).max == 0)
    }

    @Test(arguments: [0, 127, 128, 255, 256, 1000, 12_345, 999_999, 5_000_000_000, 1 << 40] as [Int64])
    func `a value is kept to within a 64th, and never becomes a smaller one`(_ value: Int64) throws {
        // The larger one keeps the percentile from being that of the maximum, which is exact.
        let kept = try #require(Self.histogram([value, 1 << 50]).percentile(perMille: 500))
        #expect(kept >= value && kept - value <= value / 64)
    }

    @Test(arguments: [(-5, 0), (Int64.min, 0), (.max, Int64.max)] as [(Int64, Int64)])
    func `a value out of range counts at its end`(_ value: Int64, _ max: Int64) {
        let histogram = Self.histogram([value])
        #expect(histogram.count == 1)
        #expect(histogram.max == max)
    }

    @Test func `two together have the values of both`() {
        var histogram = Self.histogram(1...50)
        histogram.add(Self.histogram(51...100))
        #expect(histogram.count == 100)
        #expect(histogram.max == 100)
        #expect(histogram.percentile(perMille: 750) == 75)
    }

    @Test func `each value is between two bounds, the last ones above them`() {
        let histogram = Self.histogram([0, 9, 10, 11, 99, 100, 5000])
        #expect(histogram.counts(between: [0, 10, 100, 1000]) == [2, 3, 2])
        #expect(histogram.counts(between: [0]) == [])
    }

    @Test(
        arguments: [
            (0, "0 ns"), (17, "17 ns"), (999, "999 ns"), (1000, "1 µs"), (1234, "1.2 µs"), (9960, "10 µs"),
            (340_000, "340 µs"),
            (999_600, "1 ms"), (5_000_000_000, "5 s"), (83_000_000_000, "83 s"),
        ] as [(Int64, String)]
    )
    func `times are read with two or three digits`(_ nanoseconds: Int64, _ text: String) {
        #expect(nanoseconds.nanosecondsReading == text)
    }
}
