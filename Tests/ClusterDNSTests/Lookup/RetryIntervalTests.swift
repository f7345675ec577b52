import Testing

@testable import ClusterDNS

@Suite("The intervals between attempts")
struct RetryIntervalTests {
    @Test("They double up to the longest, and a flight that goes on is not repeated more than once a second")
    func intervals() {
        let retry = ResolverConfiguration.Retry()
        #expect((0..<5).map(retry.interval) == [250, 500, 1000, 1000, 1000].map { .milliseconds($0) })
        #expect(retry.interval(after: .max) == .seconds(1))

        var quick = ResolverConfiguration.Retry()
        quick.firstInterval = .milliseconds(1)
        quick.maximumInterval = .milliseconds(3)
        #expect([0, 1, 2, 23, 24].map(quick.interval) == [1, 2, 3, 3, 1000].map { .milliseconds($0) })

        var slow = ResolverConfiguration.Retry()
        slow.firstInterval = .milliseconds(1)
        slow.maximumInterval = .seconds(60)
        #expect(slow.interval(after: 16) == .seconds(60))
        slow.maximumInterval = .seconds(600)
        #expect([15, 16, 17].map(slow.interval) == [32_768, 65_536, 65_536].map { .milliseconds($0) })
    }
}
