import ClusterDNS
import LocalCluster
import NIOCore
import NIOPosix

/// A service of a local cluster, whose pods really listen at the addresses that DNS tells.
struct TestService {
    /// In front of the pods, by its name; each test has names of its own, because pods' addresses depend on them.
    let name: String
    var namespace = "default"
    /// Where the pods listen, each at its own address.
    let port: Int

    init(_ name: String, namespace: String = "default", port: Int) {
        self.name = name
        self.namespace = namespace
        self.port = port
    }

    /// A headless service and its pods.
    func manifest(replicas: Int) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          clusterIP: None
          selector: {app: \(name)}
          ports: [{name: main, port: \(port)}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec: {containers: [{name: main, ports: [{containerPort: \(port)}]}]}
        """
    }

    func addresses(in cluster: LocalCluster) async -> [String] {
        await cluster.pods.filter { $0.namespace == namespace && $0.name.hasPrefix("\(name)-") }
            .map(\.address.description)
    }
}

extension LocalCluster {
    /// A resolver that sees changes as soon as one can.
    nonisolated func resolver() throws -> ClusterResolver {
        var configuration = configuration
        configuration.cache.handleRefreshFloor = .seconds(1)
        return try ClusterResolver(configuration)
    }
}

/// A TCP port that is free on the addresses of pods: held at 127.0.0.1, so that no other test gets it.
func withFreePort<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
    let holder = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        let result = try await body(holder.localAddress?.port ?? 0)
        try await holder.close()
        return result
    } catch {
        try? await holder.close()
        throw error
    }
}
