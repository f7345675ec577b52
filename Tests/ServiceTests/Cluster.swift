import ClusterDNS
import LocalCluster

/// A cluster with one service, `service-b`, that listens on its port `http`.
func withCluster<Result: Sendable>(
    _ faults: [Fault] = [],
    _ body: (LocalCluster) async throws -> Result
) async throws -> Result {
    try await LocalCluster.with(manifests: [.yaml(manifests)], faults: faults, body)
}

private let manifests = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: service-b}
    spec:
      replicas: 3
      selector: {matchLabels: {app: service-b}}
      template:
        metadata: {labels: {app: service-b}}
        spec:
          containers:
            - name: main
              ports: [{name: web, containerPort: 8080}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: service-b}
    spec:
      selector: {app: service-b}
      clusterIP: None
      ports: [{name: http, port: 80, targetPort: web}]
    """

extension LocalCluster {
    /// A resolver's settings with which no question is repeated: a machine that is busy changes no count.
    nonisolated var configurationWithoutRetries: ResolverConfiguration {
        var configuration = configuration
        configuration.retry.firstInterval = .seconds(60)
        configuration.retry.maximumInterval = .seconds(60)
        return configuration
    }

    /// Waits until a query has come for a name below `service-b` since `body` began.
    func queryComes<Result>(during body: () async throws -> Result) async throws -> Result {
        let (queries, continuation) = AsyncStream<Void>.makeStream()
        onQuery { if $0.name.hasSuffix("service-b.default.svc.cluster.local.") { continuation.yield() } }
        defer { onQuery(nil) }
        let result = try await body()
        for await _ in queries { break }
        return result
    }
}
