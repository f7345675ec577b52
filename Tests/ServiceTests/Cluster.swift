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
    /// Waits until a query has come since `body` began.
    func queryComes<Result>(during body: () async throws -> Result) async throws -> Result {
        let (queries, continuation) = AsyncStream<Void>.makeStream()
        onQuery { _ in continuation.yield() }
        defer { onQuery(nil) }
        let result = try await body()
        for await _ in queries { break }
        return result
    }
}
