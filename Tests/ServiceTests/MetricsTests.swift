import Foundation
import LocalCluster
import Metrics
import MetricsTestKit
import Synchronization
import Testing

@testable import ClusterDNS

@Suite("A resolver's metrics", .timeLimit(.minutes(5)))
struct MetricsTests {
    @Test("Lookups are counted by what came of them, hits among them, and all is told by the end of the shutdown")
    func lookups() async throws {
        let metrics = TestMetrics()
        try await withCluster { cluster async throws in
            var configuration = cluster.configurationWithoutRetries
            // Or what is to be a hit would have expired, on a machine that is slow.
            configuration.cache.minimumTTL = .seconds(600)
            configuration.cache.maximumTTL = .seconds(600)
            let resolver = try ClusterResolver(configuration, metrics: metrics)
            for _ in 0..<4 { _ = try await resolver.resolve("service-b") }
            for _ in 0..<2 { _ = try await resolver.resolve("service-b", port: "http") }
            _ = try await resolver.resolve("127.0.0.1")
            for _ in 0..<2 { await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-c") } }
            await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("a..b") }
            await #expect(throws: ClusterDNSError.self) { try await resolver.text(of: "a..b") }
            await resolver.shutdown()
            await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-b") }

            func total(_ result: String) -> Int64 {
                metrics.counterTotal(label: "cluster_dns_lookups", dimensions: [("result", result)])
            }
            #expect(total("miss") == 2)
            #expect(total("hit") == 5)
            #expect(total("negative") == 2)
            #expect(total("error") == 3)
            func failures(_ code: String) -> Int64 {
                metrics.counterTotal(label: "cluster_dns_lookups", dimensions: [("code", code)])
            }
            #expect(["noSuchService", "invalidName", "shutDown"].map(failures) == [2, 2, 1])
            #expect(total("stale") == 0)
            let attempts = metrics.counterTotal(label: "cluster_dns_attempts")
            #expect(attempts == Int64(resolver.statistics.messagesSent))
            #expect(metrics.timers(label: "cluster_dns_query_duration").flatMap(\.values).count == Int(attempts))
            #expect(try metrics.expectMeter("cluster_dns_cache_size", [("kind", "names")]).lastValue == 2)
            #expect(try metrics.expectMeter("cluster_dns_cache_size", [("kind", "negatives")]).lastValue != 0)
            #expect(try metrics.expectMeter("cluster_dns_attempts_in_flight").lastValue == 0)
        }
    }

    @Test("A reader's every hit is counted, whichever thread it is on")
    func hits() async throws {
        let metrics = TestMetrics()
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration, metrics: metrics)
            _ = try await resolver.resolve("service-b")
            await withDiscardingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<1000 { _ = try? await resolver.resolve("service-b", port: 80) }
                    }
                }
            }
            await resolver.shutdown()
        }
        #expect(metrics.counterTotal(label: "cluster_dns_lookups") == 8001)
        // The fresh answer may have expired meanwhile, on a machine that is slow.
        #expect(metrics.counterTotal(label: "cluster_dns_lookups", dimensions: [("result", "hit")]) > 0)
    }

    @Test("What the loop reports while a handler is at work is told in one go")
    func slowHandler() async throws {
        @Sendable func report(attempts: Int) -> LoopReport {
            var report = LoopReport()
            report.attemptsOverUDP = attempts
            report.queryTimes = [.init(duration: .seconds(attempts), isAnswered: true)]
            return report
        }
        let metrics = InterruptedMetrics()
        let publisher = MetricsPublisher(metrics)
        metrics.interruption.withLock {
            $0 = { for attempts in [2, 3] { publisher.submit(report(attempts: attempts)) } }
        }
        publisher.submit(report(attempts: 1))
        await publisher.flush()
        let attempts = try metrics.others.expectCounter("cluster_dns_attempts", [("transport", "udp")])
        #expect(attempts.values == [1, 2])
        #expect(metrics.times.withLock { $0 } == [1, 2, 3].map { $0 * 1_000_000_000 })
    }

    @Test("Of reports that are merged the later has the counts, and both have query times, up to a limit")
    func merged() {
        var first = LoopReport()
        first.attemptsOverUDP = 1
        first.queryTimes = [.init(duration: .seconds(1), isAnswered: true)]
        var second = LoopReport()
        second.attemptsOverUDP = 3
        second.queryTimes = Array(repeating: .init(duration: .seconds(2), isAnswered: false), count: 10)
        first.merge(second, limit: 4)
        #expect(first.attemptsOverUDP == 3)
        #expect(first.queryTimes.map(\.duration) == [.seconds(1), .seconds(2), .seconds(2), .seconds(2)])
    }

    @Test("Every metric is on its page")
    func page() async throws {
        let metrics = TestMetrics()
        _ = Telemetry(metrics: metrics, tracer: nil, logger: nil)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("Docs/Telemetry.md"), encoding: .utf8)
        let labels = Set(
            metrics.counters.map(\.label) + metrics.meters.map(\.label) + metrics.timers.map(\.label)
                + metrics.recorders.map(\.label)
        )
        #expect(labels.count == 11)
        for label in labels { #expect(page.contains("| `\(label)` |"), "\(label)") }
        let dimensions =
            metrics.counters.flatMap(\.dimensions) + metrics.meters.flatMap(\.dimensions)
            + metrics.timers.flatMap(\.dimensions)
        for (name, value) in dimensions {
            #expect(page.contains("`\(name)`") && page.contains("`\(value)`"), "\(name) \(value)")
        }
    }
}

/// Metrics with a timer that lets something happen when it is told a time for the first time.
private final class InterruptedMetrics: MetricsFactory, TimerHandler {
    let others = TestMetrics()
    /// In nanoseconds.
    let times = Mutex<[Int64]>([])
    let interruption = Mutex<(@Sendable () -> Void)?>(nil)

    func recordNanoseconds(_ duration: Int64) {
        times.withLock { $0.append(duration) }
        interruption.withLock { $0.take() }?()
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { self }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        others.makeCounter(label: label, dimensions: dimensions)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        others.makeMeter(label: label, dimensions: dimensions)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        others.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
    }

    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
}
