import CFloor
import ClusterDNS

extension Benchmark {
    /// What is in the cache.
    static let hits = [
        Benchmark("hit by name", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let row = try await Row("hit by name", unit: "ns", must: .atMost(1.8), aim: .atMost(1))
                    .comparingHits(of: names, by: resolver)
                let given = respelled(names)
                let allocated = try await allocations { _ = try await read(resolver, given) }
                return [
                    row,
                    Row("hit by name, allocations", unit: "mallocs", must: .atMost(0), aim: .atMost(0))
                        .measuring(perRead(allocated)),
                ]
            }
        },
        Benchmark("hit by absolute name", .quick) { stage in
            // Of more octets than a string holds in itself.
            try await stage.withWarmResolver(Stage.names.suffix(8).map { Stage.absolute($0) }) { resolver, names in
                [try await Row("hit by absolute name", unit: "ns").comparingHits(of: names, by: resolver)]
            }
        },
        Benchmark("hit among changes") { stage in
            // Each thread copies anew what has changed of what it reads: here each of 100 names more than once a second.
            try await stage.withWarmResolver(Stage.brief) { resolver, names in
                let dictionary = DictionaryFloor(names)
                var floor: [Double] = []
                var ours: [Double] = []
                var allocated = 0
                var seconds = 0.0
                let asked = resolver.statistics.messagesSent
                // So short that the two sides meet the same changes, and so many that each name has some.
                let (rounds, loops) = (100, 200)
                for _ in 0..<rounds {
                    let start = nanoseconds()
                    var times = (floor: 0.0, ours: 0.0)
                    for _ in 0..<loops { times.floor += read(dictionary, names) }
                    allocated += try await allocations {
                        for _ in 0..<loops { times.ours += try await read(resolver, names) }
                    }
                    floor.append(times.floor / Double(loops))
                    ours.append(times.ours / Double(loops))
                    seconds += Double(nanoseconds() - start) / 1e9
                }
                let changes = Double(resolver.statistics.messagesSent - asked) / seconds
                guard changes > 50 else { throw BenchmarkFailure("only \(changes.short) changes a second") }
                return [
                    Row("hit by name, 100 names, TTL 1 s", unit: "ns")
                        .comparing(ours, with: "dictionary", floor)
                        .noting(
                            "\(changes.short) changes a second; \((Double(allocated) / changes / seconds * 2).short) mallocs for each, "
                                + "with all that the loop thread does for it"
                        )
                ]
            }
        },
        Benchmark("read by handle", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                var floor: [Double] = []
                var current: [Double] = []
                var next: [Double] = []
                var references: [Double] = []
                let dictionary = DictionaryFloor(names)
                let peers = try await handle(resolver, names[0])
                for _ in 0..<shortRounds {
                    floor.append(read(dictionary, names[0]))
                    current.append(read(peers))
                    next.append(try await choose(from: peers))
                    references.append(countOfReference(times: reads))
                }
                let allocatedByRead = await allocations { _ = read(peers) }
                let allocatedByChoice = try await allocations { _ = try await choose(from: peers) }
                return [
                    Row("read by handle", unit: "ns", must: .atMost(0.35), aim: .atMost(0.1))
                        .comparingLeast(current, with: "dictionary", floor),
                    Row("read by handle, by the count of a reference", unit: "ns")
                        .comparingLeast(current, with: "reference", references),
                    Row("read by handle, allocations", unit: "mallocs", must: .atMost(0), aim: .atMost(0))
                        .measuring(perRead(allocatedByRead)),
                    Row("one endpoint of a handle", unit: "ns").comparingLeast(next, with: "dictionary", floor),
                    Row("one endpoint of a handle, allocations", unit: "mallocs")
                        .measuring(perRead(allocatedByChoice)),
                ]
            }
        },
        Benchmark("two threads on different names", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let given = names.prefix(2).map { respelled([$0]) }
                let (one, two) = try await threads { try await read(resolver, given[$0]) }
                return try await stage.withWarmResolver { other, _ in
                    let resolvers = [resolver, other]
                    let (alone, apart) = try await threads { try await read(resolvers[$0], given[$0]) }
                    return [
                        Row("two threads on different names", unit: "hits/µs", must: .atLeast(1.5), aim: .atLeast(1.9))
                            .comparingThroughput(two, one),
                        // Threads that have nothing in common but the machine: two processors may be one core of it.
                        Row("two threads on a resolver each", unit: "hits/µs").comparingThroughput(apart, alone),
                    ]
                }
            }
        },
        Benchmark("two threads on one name", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let given = (0..<2).map { _ in respelled([names[0]]) }
                let (one, two) = try await threads { try await read(resolver, given[$0]) }
                return shared("name", one, two, floor: readAlone(names))
            }
        },
        Benchmark("two threads on one handle", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let peers = try await handle(resolver, names[0])
                let (one, two) = try await threads { _ in read(peers) }
                let (chosenByOne, chosenByTwo) = try await threads { _ in try await choose(from: peers) }
                return shared("handle", one, two, floor: readAlone(names)) + [
                    // Calls that take turns have to know of each other.
                    Row("two threads choosing from one handle", unit: "choices/µs")
                        .comparingThroughput(chosenByTwo, chosenByOne)
                ]
            }
        },
    ]

    private static func shared(_ what: String, _ one: [Double], _ two: [Double], floor: [Double]) -> [Row] {
        [
            Row("two threads on one \(what), a read", unit: "ns", must: .atMost(2))
                .comparingLeast(two, with: "dictionary", floor),
            Row("two threads on one \(what)", unit: "hits/µs", aim: .atLeast(1.8))
                .comparingThroughput(two, one),
        ]
    }

    /// Nanoseconds for a read, with one thread and with two at once, in rounds that take turns.
    private static func threads(
        _ read: @escaping @Sendable (Int) async throws -> Double
    ) async throws -> (one: [Double], two: [Double]) {
        var one: [Double] = []
        var two: [Double] = []
        guard floor_pin(1) == 0, floor_pin(0) == 0, floor_pin(-1) == 0 else {
            throw BenchmarkFailure("a thread cannot be held on each of the first two processors")
        }
        for _ in 0..<shortRounds {
            _ = floor_pin(0)
            one.append(try await read(0))
            _ = floor_pin(-1)
            let ready = Counter()
            let span = try await withThrowingTaskGroup(of: (start: UInt64, end: UInt64).self) {
                group -> (start: UInt64, end: UInt64) in
                for thread in 0..<2 {
                    group.addTask {
                        _ = floor_pin(Int32(thread))
                        defer { _ = floor_pin(-1) }
                        _ = ready.increment()
                        // The two begin together, each on a thread of its own.
                        while ready.value < 2 {}
                        let start = nanoseconds()
                        _ = try await read(thread)
                        return (start, nanoseconds())
                    }
                }
                // If one ran after the other after all, that shows as twice the time.
                let spans = try await group.reduce(into: []) { $0.append($1) }
                return (spans.map(\.start).min() ?? 0, spans.map(\.end).max() ?? 0)
            }
            two.append(Double(span.end - span.start) / Double(reads))
        }
        return (one, two)
    }

    // MARK: Loops, with nanoseconds for a read

    /// So few that a round is over before the scheduler takes the thread away.
    private static let reads = 5000
    fileprivate static let shortRounds = 100

    fileprivate static func read(_ dictionary: DictionaryFloor, _ names: [String]) -> Double {
        let start = nanoseconds()
        var found = 0
        for index in 0..<reads where dictionary.find(names[index % names.count]) != nil { found += 1 }
        precondition(found == reads)
        return nanosecondsPerRead(since: start)
    }

    /// The same name over and over, as a handle is read: nothing is in the loop but the lookup.
    private static func read(_ dictionary: DictionaryFloor, _ name: String) -> Double {
        let start = nanoseconds()
        var found = 0
        for _ in 0..<reads where dictionary.find(name) != nil { found += 1 }
        precondition(found == reads)
        return nanosecondsPerRead(since: start)
    }

    private static func readAlone(_ names: [String]) -> [Double] {
        let dictionary = DictionaryFloor(names)
        return (0..<shortRounds).map { _ in read(dictionary, names[0]) }
    }

    fileprivate static func read(_ resolver: ClusterResolver, _ names: [String]) async throws -> Double {
        let start = nanoseconds()
        var found = 0
        for index in 0..<reads { found &+= try await resolver.resolve(names[index % names.count]).count }
        precondition(found == reads)
        return nanosecondsPerRead(since: start)
    }

    private static func read(_ peers: Peers) -> Double {
        let start = nanoseconds()
        var found = 0
        for _ in 0..<reads { found &+= peers.current?.count ?? 0 }
        precondition(found == reads)
        return nanosecondsPerRead(since: start)
    }

    private static func choose(from peers: Peers) async throws -> Double {
        let start = nanoseconds()
        for _ in 0..<reads { _ = try await peers.next() }
        return nanosecondsPerRead(since: start)
    }

    private static func nanosecondsPerRead(since start: UInt64) -> Double {
        Double(nanoseconds() - start) / Double(reads)
    }

    /// In thousandths: what happens once in a loop is not a read's.
    private static func perRead(_ count: Int) -> Double {
        (Double(count) / Double(reads) * 1000).rounded() / 1000
    }

    private static func handle(_ resolver: ClusterResolver, _ name: String) async throws -> Peers {
        let peers = resolver.peers(name)
        _ = try await peers.next()
        return peers
    }

    /// The same names in other memory, so that no comparison ends at equal pointers where there are any: a string holds 15
    /// octets in itself.
    fileprivate static func respelled(_ names: [String]) -> [String] {
        names.map { String(decoding: Array($0.utf8), as: UTF8.self) }
    }
}

extension Row {
    /// Lookups of names in turn beside those of a dictionary.
    fileprivate func comparingHits(of names: [String], by resolver: ClusterResolver) async throws -> Row {
        let dictionary = DictionaryFloor(names)
        var floor: [Double] = []
        var ours: [Double] = []
        for _ in 0..<Benchmark.shortRounds {
            floor.append(Benchmark.read(dictionary, Benchmark.respelled(names)))
            ours.append(try await Benchmark.read(resolver, Benchmark.respelled(names)))
        }
        return comparingLeast(ours, with: "dictionary", floor)
    }

    /// Reads in a microsecond of two threads beside those of one, from the nanoseconds for a read of a thread.
    fileprivate func comparingThroughput(_ two: [Double], _ one: [Double]) -> Row {
        comparing([2000 / (two.min() ?? .nan)], with: "one thread", [1000 / (one.min() ?? .nan)])
    }
}

extension Stage {
    /// Names as people give them to services, and a resolver that has them in its cache.
    fileprivate func withWarmResolver(
        _ names: [String] = Array(Stage.names.suffix(8)),
        _ body: (ClusterResolver, [String]) async throws -> [Row]
    ) async throws -> [Row] {
        try await withResolver { resolver in
            for name in names { _ = try await resolver.resolve(name) }
            return try await body(resolver, names)
        }
    }
}
