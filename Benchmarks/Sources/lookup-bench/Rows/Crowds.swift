import ClusterDNS

extension Benchmark {
    /// Many callers at once, and callers that come whether or not those before are served.
    static let crowds = [
        Benchmark("1000 callers at once", .quick) { stage in
            var samples: [Sample] = []
            for round in 0..<rounds {
                let names = Array(Stage.names[round * 1000..<(round + 1) * 1000])
                samples.append(try await stage.withResolver { try await Load.atOnce($0, names) })
            }
            return [
                Row("misses, 1000 callers at once, p99", unit: "µs", must: .atMost(5), aim: .atMost(3))
                    .comparing(
                        samples.map { $0.microseconds(99) },
                        with: "p50",
                        samples.map { $0.microseconds(50) }
                    ),
                Row("misses, 1000 callers at once, longest", unit: "s", must: .atMost(1))
                    .measuring((samples.map { $0.microseconds(100) }.max() ?? 0) / 1e6),
            ]
        },
        Benchmark("open loop") { stage in
            let names = Stage.names
            let (misses, hits) = try await stage.withResolver { resolver in
                let misses = try await Sample.of {
                    try await Load.openLoop(perSecond: 2000, seconds: 3) { _ = try await resolver.resolve(names[$0]) }
                }
                let hits = try await Sample.of {
                    try await Load.openLoop(perSecond: 2000, seconds: 3) {
                        _ = try await resolver.resolve(names[$0 % 100])
                    }
                }
                return (misses, hits)
            }
            return [
                // A hit takes so long here because of the timer and a task's start. What a miss adds is what it takes.
                Row("open loop, 2000 misses/s, p50 over that of hits", unit: "µs")
                    .measuring(misses.microseconds(50) - hits.microseconds(50))
                    .noting(
                        "misses \(misses.summary); hits \(hits.summary)",
                        [Distribution("open loop, misses", misses), Distribution("open loop, hits", hits)]
                    )
            ]
        },
    ]
}
