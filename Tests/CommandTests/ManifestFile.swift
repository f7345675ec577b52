import Foundation

/// A manifest in a file of its own, which goes when the test does.
final class ManifestFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID()).yaml").path
        try write(text)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// A headless service with that many pods.
    static func worker(_ replicas: Int, port: String = "9000") -> String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: worker}
        spec:
          serviceName: worker
          replicas: \(replicas)
          selector: {matchLabels: {app: worker}}
          template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: main}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: worker}
        spec: {clusterIP: None, selector: {app: worker}, ports: [{name: grpc, port: \(port)}]}
        """
    }
}
