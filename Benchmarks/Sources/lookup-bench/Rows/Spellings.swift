import ClusterDNS
import LocalCluster

extension Benchmark {
    /// Queries that a lookup sends, for each way in which people write a name, as the name server counts them.
    static let spellings = [
        Benchmark("queries per lookup", .quick, needsPod: true) { stage in
            guard let pod = stage.pod else { return [] }
            let cluster = try await LocalCluster.start(
                manifests: [.yaml(manifest)],
                address: IPAddress(ipv4: 0x7F00_0002),
                port: 53,
                externalNames: Dictionary(uniqueKeysWithValues: outside.map { ($0, [IPAddress(ipv4: 0xC000_0201)]) })
            )
            do {
                try pod.use("127.0.0.2")
                let rows = try await rows(asking: cluster)
                await cluster.stop()
                try pod.use("127.0.0.1")
                return rows
            } catch {
                await cluster.stop()
                try? pod.use("127.0.0.1")
                throw error
            }
        }
    ]

    private static func rows(asking cluster: LocalCluster) async throws -> [Row] {
        var rows: [Row] = []
        for (name, must) in waysToWrite {
            // `getaddrinfo` asks for both families, and so do we.
            let resolver = try Stage.resolver(NameServer("127.0.0.2:53")) { $0.families = .any }
            cluster.resetQueryCounts()
            _ = try await resolver.resolve(name)
            let ours = cluster.queryCount
            await resolver.shutdown()
            cluster.resetQueryCounts()
            _ = try await Floor.getaddrinfo.ask([name], at: 53)
            rows.append(
                Row("queries for \(name)", unit: "queries", must: .atMost(Double(2 * must)))
                    .counting(ours, beside: "getaddrinfo", cluster.queryCount)
            )
        }
        return rows
    }

    /// One query for each address family; only a name outside of three labels needs a second.
    private static let waysToWrite: [(String, queries: Int)] = [
        ("service-b", 1), ("service-b.payments", 1), ("service-b.payments.svc", 1),
        ("service-b.payments.svc.cluster.local", 1), ("service-b.payments.svc.cluster.local.", 1),
        ("example.com.", 1), ("api.example.com", 2), ("eu.api.example.com", 1),
    ]

    private static let outside = ["example.com", "api.example.com", "eu.api.example.com"]

    private static let manifest = """
        apiVersion: v1
        kind: Service
        metadata: { name: service-b, namespace: bench }
        spec: { ports: [{ port: 80 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: service-b, namespace: payments }
        spec: { ports: [{ port: 80 }] }
        """
}

extension Row {
    fileprivate func counting(_ ours: Int, beside floorName: String, _ floor: Int) -> Row {
        var row = self
        row.ours = Double(ours)
        row.floorName = floorName
        row.floor = Double(floor)
        return row
    }
}
