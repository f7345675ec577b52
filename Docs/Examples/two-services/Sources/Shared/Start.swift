public import Configuration
public import Hummingbird
public import Logging
public import ServiceLifecycle
internal import SystemPackage

/// What every service here begins with.
public struct Start {
    public let config: ConfigReader
    public let logger: Logger
    public let metrics: TextMetrics
    /// What has to run for the configuration to follow its file.
    public let services: [any Service]

    /// The configuration comes from environment variables, then from the file that `CONFIG_FILE` names, which is a mounted
    /// ConfigMap in the cluster.
    public init(_ name: String) async throws {
        metrics = TextMetrics.bootstrapped()
        logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        let environment = EnvironmentVariablesProvider()
        guard let path = ConfigReader(provider: environment).string(forKey: "config.file") else {
            config = ConfigReader(provider: environment)
            services = []
            return
        }
        let file = try await ReloadingFileProvider<JSONSnapshot>(filePath: FilePath(path), logger: logger)
        config = ConfigReader(providers: [environment, file])
        services = [file]
    }

    /// Where the service listens: every address of the pod, if nothing is said.
    public var host: String { config.string(forKey: "listen.host", default: "0.0.0.0") }

    /// An HTTP server with what a cluster wants to know: whether the service is ready, and its metrics.
    public func httpServer(_ router: Router<BasicRequestContext>) -> some ApplicationProtocol {
        let metrics = metrics
        router.get("health") { _, _ in HTTPResponse.Status.ok }
        router.get("metrics") { _, _ in metrics.text }
        let port = config.int(forKey: "http.port", default: 8080)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            logger: logger
        )
    }

    /// Runs the services until SIGTERM, which is how Kubernetes ends a pod, or Ctrl-C. They are told to end in the reverse
    /// order, so each may rely on those before it. One that has not ended in time is cancelled, before Kubernetes kills the
    /// pod: `terminationGracePeriodSeconds` has room for `preStop`, for this, and for some seconds more.
    public func run(_ services: [any Service]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: self.services + services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
    }
}
