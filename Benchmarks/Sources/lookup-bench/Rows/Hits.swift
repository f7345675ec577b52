import CFloor
import ClusterDNS

extension Benchmark {
    /// What is in the cache.
    static let hits = [
        Benchmark("hit by name", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                var floor: [Double] = []
                var ours: [Double] = []
                let dictionary = DictionaryFloor(names)
                for _ in 0..<rounds * 2 {
                    floor.append(read(dictionary, respelled(names), count: hitCount))
                    ours.append(try await read(resolver, respelled(names), count: hitCount))
                }
                let allocated = try await allocations { _ = try await read(resolver, respelled(names), count: 10_000) }
                return [
                    Row("hit by name", unit: "ns", must: .atMost(1.8), aim: .atMost(1))
                        .comparing(ours, with: "dictionary", floor),
                    Row("hit by name, allocations", unit: "mallocs/hit", must: .atMost(0), aim: .atMost(0))
                        // The names' own copies are not the resolver's.
                        .measuring(Double(allocated / 10_000)),
                ]
            }
        },
        Benchmark("two threads on different names", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let (one, two) = try await threads(resolver, names) { thread in [names[thread]] }
                return [
                    Row("two threads on different names", unit: "hits/µs", must: .atLeast(1.5), aim: .atLeast(1.9))
                        .comparing(two.map { 2000 / $0 }, with: "one thread", one.map { 1000 / $0 })
                ]
            }
        },
        Benchmark("two threads on one name", .quick) { stage in
            try await stage.withWarmResolver { resolver, names in
                let (one, two) = try await threads(resolver, names) { _ in [names[0]] }
                let dictionary = DictionaryFloor(names)
                let floor = one.map { _ in read(dictionary, [names[0]], count: hitCount) }
                return [
                    Row("two threads on one name, throughput", unit: "hits/µs", aim: .atLeast(1.8))
                        .comparing(two.map { 2000 / $0 }, with: "one thread", one.map { 1000 / $0 }),
                    Row("two threads on one name, a read", unit: "ns", must: .atMost(2))
                        .comparing(two, with: "dictionary", floor),
                ]
            }
        },
    ]

    private static let hitCount = 400_000

    /// Nanoseconds for a read, with one thread and with two at once, in rounds that take turns.
    private static func threads(
        _ resolver: ClusterResolver,
        _ names: [String],
        _ namesOf: (Int) -> [String]
    ) async throws -> (one: [Double], two: [Double]) {
        var one: [Double] = []
        var two: [Double] = []
        let namesOfThreads = (0..<2).map { respelled(namesOf($0)) }
        for _ in 0..<rounds {
            one.append(try await read(resolver, namesOfThreads[0], count: hitCount))
            let start = nanoseconds()
            try await withThrowingTaskGroup { group in
                for names in namesOfThreads {
                    group.addTask { _ = try await read(resolver, names, count: hitCount) }
                }
                try await group.waitForAll()
            }
            two.append(Double(nanoseconds() - start) / Double(hitCount))
        }
        return (one, two)
    }

    /// Nanoseconds for a read.
    private static func read(_ dictionary: DictionaryFloor, _ names: [String], count: Int) -> Double {
        let start = nanoseconds()
        var found = 0
        for index in 0..<count where dictionary.find(names[index % names.count]) != nil { found += 1 }
        precondition(found == count)
        return Double(nanoseconds() - start) / Double(count)
    }

    private static func read(_ resolver: ClusterResolver, _ names: [String], count: Int) async throws -> Double {
        let start = nanoseconds()
        var found = 0
        for index in 0..<count { found &+= try await resolver.resolve(names[index % names.count]).count }
        precondition(found == count)
        return Double(nanoseconds() - start) / Double(count)
    }

    /// The same names in other memory, so that no comparison ends at equal pointers.
    private static func respelled(_ names: [String]) -> [String] {
        names.map { String(decoding: Array($0.utf8), as: UTF8.self) }
    }
}

extension Stage {
    /// Names as people give them to services, and a resolver that has them in its cache.
    fileprivate func withWarmResolver(_ body: (ClusterResolver, [String]) async throws -> [Row]) async throws -> [Row] {
        try await withResolver { resolver in
            let names = Array(Stage.names.suffix(8))
            for name in names { _ = try await resolver.resolve(name) }
            return try await body(resolver, names)
        }
    }
}
