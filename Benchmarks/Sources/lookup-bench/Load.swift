import CFloor
import ClusterDNS
import Foundation
import Synchronization

/// Ways to ask a resolver for many names.
enum Load {
    /// Looks every name up once, `inFlight` at a time: the next begins when one ends. All must be misses.
    static func closedLoop(_ resolver: ClusterResolver, _ names: [String], inFlight: Int = 1) async throws -> Sample {
        let before = resolver.statistics.messagesSent
        let sample = try await closedLoop(names, inFlight: inFlight) { name in
            let found = try await resolver.resolve(name)
            guard !found.isEmpty else { throw BenchmarkFailure("no address of \(name)") }
        }
        let queries = resolver.statistics.messagesSent - before
        guard queries >= names.count else { throw BenchmarkFailure("\(queries) queries for \(names.count) misses") }
        return sample
    }

    /// The same for something else that is done with each name.
    static func closedLoop(
        _ names: [String],
        inFlight: Int = 1,
        _ lookup: @escaping @Sendable (String) async throws -> Void
    ) async throws -> Sample {
        try await Sample.of {
            let next = Counter()
            return try await withThrowingTaskGroup(of: [UInt64].self) { group in
                for _ in 0..<inFlight {
                    group.addTask {
                        var latencies: [UInt64] = []
                        latencies.reserveCapacity(names.count / inFlight)
                        while case let index = next.increment(), index < names.count {
                            let start = nanoseconds()
                            try await lookup(names[index])
                            latencies.append(nanoseconds() - start)
                        }
                        return latencies
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
    }

    /// Looks every name up once, each in a task of its own, all at once: each counts from the moment at which the first
    /// of them is made.
    static func atOnce(_ resolver: ClusterResolver, _ names: [String]) async throws -> Sample {
        try await Sample.of {
            try await withThrowingTaskGroup(of: UInt64.self) { group in
                let start = nanoseconds()
                for name in names {
                    group.addTask {
                        guard try await !resolver.resolve(name).isEmpty else { throw BenchmarkFailure("no \(name)") }
                        return nanoseconds() - start
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    /// Begins lookups at fixed times, whatever becomes of those before, and counts from the time at which each was to
    /// begin: a stall shows in all the lookups that it holds up.
    ///
    /// - Parameters:
    ///   - perSecond: lookups to begin in a second.
    ///   - lookup: looks something up; it is told the how manieth lookup it is.
    /// - Returns: what each lookup took, in nanoseconds, in the order of their beginnings.
    static func openLoop(
        perSecond: Int,
        seconds: Double,
        _ lookup: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> [UInt64] {
        let latencies = Latencies(count: Int(Double(perSecond) * seconds))
        // The thread that keeps the time may block, so it is none of those that run tasks.
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                let lookups = DispatchGroup()
                let start = nanoseconds() + 1_000_000
                for index in 0..<latencies.values.count {
                    let begin = start + UInt64(index) * 1_000_000_000 / UInt64(perSecond)
                    let now = nanoseconds()
                    if now < begin { usleep(useconds_t((begin - now) / 1000)) }
                    lookups.enter()
                    Task {
                        do { try await lookup(index) } catch { latencies.noteFailure() }
                        latencies.values[index] = nanoseconds() - begin
                        lookups.leave()
                    }
                }
                lookups.wait()
                continuation.resume()
            }
        }
        guard latencies.failures == 0 else { throw BenchmarkFailure("\(latencies.failures) lookups failed") }
        return Array(latencies.values)
    }

    /// Each task writes its own element, and all have ended when they are read.
    private final class Latencies: @unchecked Sendable {
        let values: UnsafeMutableBufferPointer<UInt64>
        private let failed = Counter()

        init(count: Int) {
            values = .allocate(capacity: count)
            values.initialize(repeating: 0)
        }

        deinit { values.deallocate() }

        func noteFailure() { _ = failed.increment() }
        var failures: Int { failed.value }
    }
}

/// A number that tasks count up together.
final class Counter: Sendable {
    private let count = Atomic(0)

    /// The number before.
    func increment() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    var value: Int { count.load(ordering: .relaxed) }
}
