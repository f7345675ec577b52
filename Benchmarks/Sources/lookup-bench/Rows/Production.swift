import CFloor
import ClusterDNS
import LocalCluster

extension Benchmark {
    /// What counts when a service runs for long, and when the network is not what it should be.
    static let production = [
        Benchmark("steady state", .full) { _ in
            // Every answer takes so long that a lookup which waits for one, if only for the last part of it, cannot be
            // taken for one that is held up by a busy machine.
            let delay = Duration.milliseconds(600)
            let cluster = try await LocalCluster.start(
                manifests: [.yaml(manifest(services: 100))],
                ttl: .seconds(5),
                faults: [.delay(by: delay)]
            )
            let resolver = try Stage.resolver(NameServer(address: cluster.address, port: cluster.port)) {
                // An answer comes before its query is repeated.
                $0.retry.firstInterval = .seconds(1)
            }
            let (rate, warmUp, seconds) = (10_000, 2, 62)
            let waits = Counter()
            let latencies = try await Load.openLoop(perSecond: rate, seconds: Double(seconds)) { index in
                let start = nanoseconds()
                _ = try await resolver.resolve("steady\(index % 100)")
                if index >= rate * warmUp, nanoseconds() - start > 50_000_000 { _ = waits.increment() }
            }
            let steady = latencies.dropFirst(rate * warmUp)
            let sample = Sample(nanoseconds: steady, seconds: Double(seconds - warmUp), cpuSeconds: 0)
            let seriesOfSeconds = stride(from: 0, to: latencies.count, by: rate).map { start in
                Distribution(
                    "steady state, second \(start / rate)",
                    Sample(nanoseconds: latencies[start..<start + rate], seconds: 1, cpuSeconds: 0)
                )
            }
            await resolver.shutdown()
            let queries = cluster.queryCount
            await cluster.stop()
            return [
                Row("steady state: lookups that waited", unit: "lookups", must: .atMost(0), aim: .atMost(0))
                    .measuring(Double(waits.value))
                    .noting("\(steady.count) lookups, \(queries) queries, \(sample.summary)", seriesOfSeconds)
            ]
        },
        Benchmark("1 % loss", needsPod: true) { stage in
            guard let pod = stage.pod else { return [] }
            let names = Array(Stage.names.prefix(10_000))
            let (ours, floor) = try await pod.losingPackets {
                let ours = try await stage.withResolver { resolver in
                    let sample = try await Load.closedLoop(resolver, names, inFlight: 64)
                    let repeated = resolver.statistics.messagesSent - names.count
                    // Of 10 000 some 200 are lost on one way or the other.
                    guard repeated > 50 else { throw BenchmarkFailure("only \(repeated) packets were lost") }
                    return sample
                }
                // It gives up after two queries that are lost.
                let floor = try await Floor.getaddrinfo.ask(
                    Array(names.prefix(1000)),
                    at: stage.port,
                    inFlight: 64,
                    unanswered: 10
                )
                return (ours, floor)
            }
            return [
                Row("1 % of packets lost each way, p99.9", unit: "ms", must: .atMost(800), aim: .atMost(300))
                    .measuring(ours.microseconds(99.9) / 1e3)
                    .noting(
                        "ours \(ours.summary); getaddrinfo \(floor.summary)",
                        [Distribution("ClusterDNS, 1 % loss", ours), Distribution("getaddrinfo, 1 % loss", floor)]
                    )
            ]
        },
    ]

    private static func manifest(services: Int) -> String {
        (0..<services).map {
            """
            apiVersion: v1
            kind: Service
            metadata: { name: steady\($0), namespace: bench }
            spec: { ports: [{ port: 80 }] }
            """
        }.joined(separator: "\n---\n")
    }
}
