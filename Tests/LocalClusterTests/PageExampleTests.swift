import ClusterDNS
import Foundation
import LocalCluster
import Testing

/// The example of Docs/LocalCluster.md.
@Suite(.timeLimit(.minutes(5)))
struct PageExampleTests {
    @Test func `the example of the page runs`() async throws {
        try await LocalCluster.with(manifests: [.yaml(Self.manifest)]) { cluster in
            let resolver = try ClusterResolver(cluster.configuration)
            let peers = resolver.peers("worker", port: "grpc")
            #expect(try await peers.next().port == 9000)

            // A change of the cluster reaches whoever holds a handle.
            var changes = peers.changes.makeAsyncIterator()
            #expect(try await changes.next()?.endpoints.count == 2)
            try await cluster.scale("worker", to: 3)
            #expect(try await changes.next()?.added.count == 1)

            // What was asked for.
            #expect(try cluster.queryCount(for: "nobody-asks-for-this") == 0)

            // What a service does while DNS is in trouble.
            try await cluster.setFaults([.responseCode(.serverFailure), .delay(by: .milliseconds(20))])
            #expect(try await peers.next().port == 9000)
        }
    }

    @Test func `the page has this example`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("Docs/LocalCluster.md"), encoding: .utf8)
        let example = try #require(page.firstMatch(of: #/```swift\n(?<code>[^`]*)```/#)?.code)
        let source = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
            .replacing(".yaml(Self.manifest)", with: #".file("k8s.yaml")"#)
        #expect(Self.lines(source).contains(Self.lines(example)))
    }

    private static func lines(_ code: some StringProtocol) -> String {
        code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private static let manifest = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: worker}
        spec:
          serviceName: worker
          replicas: 2
          selector: {matchLabels: {app: worker}}
          template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: main}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: worker}
        spec: {clusterIP: None, selector: {app: worker}, ports: [{name: grpc, port: 9000}]}
        """
}
