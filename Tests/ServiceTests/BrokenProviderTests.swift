import Configuration
import LocalCluster
import Logging
import Metrics
import Synchronization
import Testing

@testable import ClusterDNS

@Suite("A provider of configuration that fails", .timeLimit(.minutes(5)))
struct BrokenProviderTests {
    private struct Failure: Error {}

    /// Cannot be watched at first.
    private struct Provider: ConfigProvider {
        let values = MutableInMemoryProvider(initialValues: [:])
        let failures = Counter()
        let providerName = "broken"

        func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
            try values.value(forKey: key, type: type)
        }

        nonisolated(nonsending) func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws
            -> LookupResult
        {
            try await values.fetchValue(forKey: key, type: type)
        }

        nonisolated(nonsending) func watchValue<Return: ~Copyable>(
            forKey key: AbsoluteConfigKey,
            type: ConfigType,
            updatesHandler:
                nonisolated(nonsending) (
                    ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>
                ) async throws -> Return
        ) async throws -> Return {
            try await values.watchValue(forKey: key, type: type, updatesHandler: updatesHandler)
        }

        func snapshot() -> any ConfigSnapshot { values.snapshot() }

        nonisolated(nonsending) func watchSnapshot<Return: ~Copyable>(
            updatesHandler:
                nonisolated(nonsending) (
                    ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>
                ) async throws -> Return
        ) async throws -> Return {
            if failures.increment() <= 2 { throw Failure() }
            return try await values.watchSnapshot(updatesHandler: updatesHandler)
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)

        func increment() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    @Test("It is told of, and followed when it works again")
    func followed() async throws {
        try await withCluster { cluster async throws in
            let provider = Provider()
            let log = LogRecorder()
            let reader = ConfigReader(provider: provider)
            let values = ConfigurationValues(reader.snapshot())
            let resolver = try ClusterResolver(
                environment: .current(cluster.configuration, values: values),
                telemetry: Telemetry(metrics: NOOPMetricsHandler.instance, tracer: nil, logger: log.logger),
                source: ConfigurationSource(
                    reader: reader,
                    configuration: cluster.configuration,
                    values: values,
                    retryPause: .zero
                )
            )
            let running = Task { await resolver.run() }
            var warnings = 0
            while warnings < 2 {
                if await log.next().text.contains("Cannot follow the configuration") { warnings += 1 }
            }
            provider.values.setValue("service-b=127.0.0.1:8081", forKey: "cluster.dns.staticPeers")
            for try await change in resolver.peers("service-b").changes
            where change.endpoints.map(\.description) == ["127.0.0.1:8081"] { break }
            running.cancel()
            await running.value
        }
    }
}
