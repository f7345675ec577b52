import ClusterDNS

extension Benchmark {
    /// What must be asked for.
    static let misses = [
        Benchmark("miss, one at a time", .quick) { stage in
            let names = Array(Stage.names.prefix(4000))
            var samples = Comparison()
            for _ in 0..<rounds {
                samples.floor.append(try await Floor.cares.ask(names, at: stage.port))
                samples.ours.append(try await stage.withResolver { try await Load.closedLoop($0, names) })
                samples.socket.append(try await Floor.socket.ask(names, at: stage.port))
                samples.thread.append(try await Floor.caresThread.ask(names, at: stage.port))
            }
            let row = Row("miss, one at a time, p50", unit: "µs", must: .atMost(2), aim: .atMost(1.2))
                .comparing(samples.ours, with: "c-ares", samples.floor) { $0.microseconds(50) }
            let cpu = Row("miss, one at a time, CPU", unit: "µs")
                .comparing(samples.ours, with: "c-ares", samples.floor, by: \.cpuMicroseconds)
            let socket = Row("miss, one at a time, p50, by a bare socket", unit: "µs")
                .comparing(samples.ours, with: "bare socket", samples.socket) { $0.microseconds(50) }
            let thread = Row("miss, one at a time, p50, by a thread of c-ares", unit: "µs")
                .comparing(samples.ours, with: "c-ares thread", samples.thread) { $0.microseconds(50) }
            return [
                row.noting(samples.note, samples.distributions("one at a time")), cpu, socket, thread,
            ]
        },
        Benchmark("misses, 64 at a time", .quick) { stage in
            var samples = Comparison()
            for _ in 0..<rounds {
                samples.floor.append(try await Floor.cares.ask(Stage.names, at: stage.port, inFlight: 64))
                samples.ours.append(
                    try await stage.withResolver { try await Load.closedLoop($0, Stage.names, inFlight: 64) }
                )
                samples.socket.append(try await Floor.socket.ask(Stage.names, at: stage.port, inFlight: 64))
            }
            let row = Row("misses, 64 at a time", unit: "k/s", must: .atLeast(0.7), aim: .atLeast(0.9))
                .comparing(samples.ours, with: "c-ares", samples.floor) { $0.perSecond / 1e3 }
            let cpu = Row("misses, 64 at a time, CPU", unit: "µs")
                .comparing(samples.ours, with: "c-ares", samples.floor, by: \.cpuMicroseconds)
            let socket = Row("misses, 64 at a time, by a bare socket", unit: "k/s")
                .comparing(samples.ours, with: "bare socket", samples.socket) { $0.perSecond / 1e3 }
            return [
                row.noting(samples.note, samples.distributions("64 at a time")), cpu, socket,
            ]
        },
        Benchmark("miss, allocations", .quick) { stage in
            try await stage.withResolver { resolver in
                let names = Array(Stage.names.prefix(2000))
                let allocated = try await allocations { _ = try await Load.closedLoop(resolver, names) }
                return [Row("miss, allocations", unit: "mallocs").measuring(Double(allocated) / Double(names.count))]
            }
        },
        Benchmark("1000-endpoint service", .quick) { stage in
            var floor: [Sample] = []
            var ours: [Sample] = []
            for _ in 0..<rounds {
                floor.append(try await Floor.caresTCP.ask(Stage.large, at: stage.port, addresses: 1000))
                ours.append(
                    try await stage.withResolver { resolver in
                        let sample = try await Load.closedLoop(resolver, Stage.large)
                        for name in Stage.large {
                            let found = try await resolver.resolve(name).count
                            guard found == 1000 else { throw BenchmarkFailure("\(name) has \(found) endpoints") }
                        }
                        return sample
                    }
                )
            }
            return [
                Row("1000-endpoint service, p50", unit: "µs", must: .atMost(2), aim: .atMost(1.2))
                    .comparing(ours, with: "c-ares over TCP", floor) { $0.microseconds(50) },
                // Nearly all of the time is the name server's; what the two sides add to it shows here.
                Row("1000-endpoint service, CPU", unit: "µs")
                    .comparing(ours, with: "c-ares over TCP", floor, by: \.cpuMicroseconds),
            ]
        },
        Benchmark("misses, getaddrinfo", needsPod: true) { stage in
            let names = Array(Stage.names.prefix(2000))
            var rows: [Row] = []
            for inFlight in [1, 64] {
                var floor: [Sample] = []
                var ours: [Sample] = []
                for _ in 0..<rounds {
                    floor.append(try await Floor.getaddrinfo.ask(names, at: stage.port, inFlight: inFlight))
                    // It asks for both families, and so do we.
                    ours.append(
                        try await stage.withResolver(families: .any) {
                            try await Load.closedLoop($0, names, inFlight: inFlight)
                        }
                    )
                }
                let mode = "\(inFlight == 1 ? "one" : "64") at a time"
                let distributions = [
                    Distribution("getaddrinfo, \(mode)", floor[0]), Distribution("ClusterDNS A+AAAA, \(mode)", ours[0]),
                ]
                rows.append(
                    Row("misses, \(inFlight) at a time, getaddrinfo", unit: "k/s")
                        .comparing(ours, with: "getaddrinfo", floor) { $0.perSecond / 1e3 }
                        .noting("ours \(ours[0].summary); getaddrinfo \(floor[0].summary)", distributions)
                )
            }
            return rows
        },
    ]
}

/// Samples of the rounds of a row.
private struct Comparison {
    var floor: [Sample] = []
    var ours: [Sample] = []
    var socket: [Sample] = []
    var thread: [Sample] = []

    var note: String {
        "ours \(ours[0].summary); c-ares \(floor[0].summary); bare socket \(socket[0].summary)"
    }

    func distributions(_ mode: String) -> [Distribution] {
        [
            Distribution("ClusterDNS, \(mode)", ours[0]), Distribution("c-ares, \(mode)", floor[0]),
            Distribution("bare socket, \(mode)", socket[0]),
        ]
    }
}
