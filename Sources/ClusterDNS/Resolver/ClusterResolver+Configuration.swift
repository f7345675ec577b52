public import Configuration
internal import DNSTransport
public import Logging
public import Metrics
internal import Synchronization
public import Tracing

extension ClusterResolver {
    /// A resolver whose settings come from swift-configuration: from the keys that begin with `cluster.dns`, of which
    /// `Docs/Configuration.md` has a table. They take the place of the environment variables: what `configuration` leaves
    /// open comes from `config`, then from the pod's files, then from the defaults.
    ///
    ///     let resolver = try ClusterResolver(config: ConfigReader(provider: EnvironmentVariablesProvider()))
    ///
    /// While ``run()`` runs, static peers and limits follow what changes in `config`. What else changes there needs a
    /// restart.
    ///
    /// - Parameters:
    ///   - config: the reader of the whole process, not scoped to `cluster.dns`.
    ///   - metrics: as for ``init(_:metrics:tracer:logger:)``, and so are the others.
    ///   - logger: gets warnings of changes that need a restart.
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration`, which names the key and the rule that its value
    ///   breaks, or `overloaded` if the process is out of threads or descriptors.
    public convenience init(
        _ configuration: ResolverConfiguration = ResolverConfiguration(),
        config: ConfigReader,
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: (any Tracer)? = nil,
        logger: Logger? = nil
    ) throws(ClusterDNSError) {
        let values = ConfigurationValues(config.snapshot())
        try self.init(
            environment: .current(configuration, values: values),
            telemetry: Telemetry(metrics: metrics, tracer: tracer, logger: logger),
            source: ConfigurationSource(reader: config, configuration: configuration, values: values)
        )
    }

    /// Takes over what changes, until the task is cancelled.
    func followConfiguration() async {
        guard let source else { return }
        while !Task.isCancelled {
            do {
                return try await follow(source)
            } catch {
                guard !Task.isCancelled else { return }
                telemetry.logger.warning(
                    "Cannot follow the configuration of cluster DNS; trying again",
                    metadata: ["error": "\(error)"]
                )
                try? await Task.sleep(for: source.retryPause)
            }
        }
    }

    private func follow(_ source: ConfigurationSource) async throws {
        try await source.reader.watchSnapshot { snapshots in
            for await snapshot in snapshots {
                let logger = telemetry.logger
                do throws(ClusterDNSError) {
                    let missed = try adopt(ConfigurationValues(snapshot), from: source)
                    guard !missed.isEmpty else { continue }
                    logger.warning(
                        "Changed settings of cluster DNS need a restart",
                        metadata: ["keys": .array(missed.map { .string($0.path) })]
                    )
                } catch {
                    logger.warning(
                        "Changed settings of cluster DNS are invalid: none applied",
                        metadata: ["error": .string(error.message)]
                    )
                }
            }
        }
    }

    /// - Returns: the keys that have another value and are not followed.
    private func adopt(
        _ values: ConfigurationValues,
        from source: ConfigurationSource
    ) throws(ClusterDNSError) -> [ConfigurationKey] {
        let changed = source.values.withLock { values.difference(from: $0) }
        guard !changed.isEmpty else { return [] }
        let configuration = try source.configuration.filled(from: values.variables, origin: \.path).0
        let hasOtherPeers = changed.contains { $0.setting == "staticPeers" }
        let planner = try planning.withLock { planner throws(ClusterDNSError) in
            if hasOtherPeers {
                planner = try planner.replacing(
                    configuration.staticPeers,
                    origin: "\(ConfigurationKey.prefix).staticPeers"
                )
            }
            return planner
        }
        _ = mailbox.post(.reconfigure(configuration.limits, version: planner.version))
        if hasOtherPeers { handles.replan(planner, mailbox) }
        source.values.withLock { $0 = values }
        return changed.filter { !$0.isLive }
    }
}

/// Where a resolver's configuration comes from.
final class ConfigurationSource: Sendable {
    let reader: ConfigReader
    /// What was set in code, which wins.
    let configuration: ResolverConfiguration
    /// Those that were taken over last.
    let values: Mutex<ConfigurationValues>
    /// Until it is followed again after a failure.
    let retryPause: Duration

    init(
        reader: ConfigReader,
        configuration: ResolverConfiguration,
        values: ConfigurationValues,
        retryPause: Duration = .seconds(10)
    ) {
        self.reader = reader
        self.configuration = configuration
        self.values = Mutex(values)
        self.retryPause = retryPause
    }
}

extension ResolverConfiguration.Limits {
    var sourcePorts: SourcePortPolicy {
        SourcePortPolicy(
            maximumAge: sourcePortLifetime,
            maximumQueries: sourcePortQueries,
            maximumOpen: 4 * queriesInFlight
        )
    }
}
