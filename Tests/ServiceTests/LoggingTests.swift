import DNSTransport
import LocalCluster
import Logging
import MetricsTestKit
import Testing

@testable import ClusterDNS

@Suite("A resolver's log", .timeLimit(.minutes(5)))
struct LoggingTests {
    @Test("A lookup that fails is told at debug, one that goes over the wire at trace, a hit not at all")
    func levels() async throws {
        let log = LogRecorder()
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration, logger: log.logger)
            let before = log.events.count
            for _ in 0..<3 { _ = try await resolver.resolve("service-b") }
            #expect(log.events.dropFirst(before).map(\.level) == [.trace])
            await #expect(throws: ClusterDNSError.self) { try await resolver.resolve("service-c") }
            #expect(log.events.dropFirst(before).map(\.level) == [.trace, .debug])
            #expect(log.events.last?.text.contains("noSuchService") == true)
            await resolver.shutdown()
        }
    }

    @Test("Without a logger of its own it uses that of the task which asks")
    func taskLocal() async throws {
        let log = LogRecorder()
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration)
            _ = try await withLogger(log.logger) { _ in try await resolver.resolve("service-b") }
            await resolver.shutdown()
        }
        #expect(log.events.count == 1)
    }

    @Test("That TCP is blocked is a warning, once a minute")
    func blocked() async throws {
        let log = LogRecorder()
        try await withCluster([.truncate(), .refuseTCP]) { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration, logger: log.logger)
            for name in ["service-b", "service-b.default"] {
                let error = await #expect(throws: ClusterDNSError.self) {
                    try await resolver.resolve(name, timeout: .seconds(60))
                }
                #expect(error?.code == .truncated)
            }
            await resolver.shutdown()
        }
        let warnings = log.events.filter { $0.level >= .info }
        #expect(warnings.map(\.level) == [.warning])
        #expect(warnings.first?.text.contains("TCP/53") == true)
    }

    @Test("That stale answers are given is a warning, and counted")
    func stale() throws {
        let log = LogRecorder()
        let metrics = TestMetrics()
        let telemetry = Telemetry(metrics: metrics, tracer: nil, logger: log.logger)
        let contents = EndpointSet.Contents(
            endpoints: [],
            absoluteName: .text("b."),
            expires: MonotonicTime(nanoseconds: 0)
        )
        let waiter = Waiter(name: "b", started: .now, deadline: .now)
        for _ in 0..<2 { telemetry.found(contents, by: waiter) }
        #expect(metrics.counterTotal(label: "cluster_dns_lookups", dimensions: [("result", "stale")]) == 2)
        #expect(log.events.filter { $0.level == .warning }.count == 1)
    }
}
