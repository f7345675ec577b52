import CFloor
import ClusterDNS
import Foundation

extension Benchmark {
    /// What a resolver costs by being there.
    static let costs = [
        Benchmark("start-up", .quick) { stage in
            var ours: [Double] = []
            var floor: [Double] = []
            var first: [Double] = []
            for name in Stage.names.prefix(100) {
                floor.append(Double(floor_cares_setup(stage.port)) / 1e3)
                let start = nanoseconds()
                let resolver = try stage.resolver()
                ours.append(Double(nanoseconds() - start) / 1e3)
                _ = try await resolver.resolve(name)
                first.append(Double(nanoseconds() - start) / 1e3)
                await resolver.shutdown()
            }
            return [
                Row("start-up of a resolver", unit: "µs").comparing(ours, with: "c-ares channel", floor)
                    .noting("with its first lookup \(first.median.short) µs")
            ]
        },
        Benchmark("idle") { stage in
            try await stage.withResolver { resolver in
                for name in Stage.brief { _ = try await resolver.resolve(name) }
                // Past the end of what was learned: nothing is refreshed that nobody reads.
                try await Task.sleep(for: .seconds(3))
                let seconds = 10
                let before = try Self.switchesOfLoopThreads()
                await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        sleep(UInt32(seconds))
                        continuation.resume()
                    }
                }
                let switches = try Self.switchesOfLoopThreads() - before
                return [
                    Row("idle with a warm cache", unit: "wake-ups/s", must: .atMost(0), aim: .atMost(0))
                        .measuring(Double(switches) / Double(seconds))
                ]
            }
        },
        Benchmark("memory") { stage in
            let count = Stage.services.count
            let resolver = try stage.resolver { $0.cache.capacity = 16_384 }
            let before = Memory.now
            _ = try await Load.closedLoop(resolver, Stage.services, inFlight: 64)
            let after = Memory.now
            await resolver.shutdown()
            return [
                Row("memory per service of 10 endpoints", unit: "octets")
                    .measuring(Double(after.allocated - before.allocated) / Double(count))
                    .noting("resident set: \(((after.resident - before.resident) / count)) octets")
            ]
        },
    ]

    /// How often the resolver's threads have given up a processor, or lost it.
    private static func switchesOfLoopThreads() throws -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let counts = tasks.flatMap { task -> [Int] in
            guard
                let status = try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8),
                status.hasPrefix("Name:\tcluster-dns\n")
            else { return [] }
            let lines = status.split(separator: "\n").filter { $0.contains("ctxt_switches") }
            return lines.compactMap { $0.split(separator: "\t").last.flatMap { Int($0) } }
        }
        guard !counts.isEmpty else { throw BenchmarkFailure("no thread of a resolver was found in /proc") }
        return counts.reduce(0, +)
    }
}

/// Octets.
private struct Memory {
    /// In use by malloc's callers.
    var allocated: Int
    /// Of the process' pages in memory.
    var resident: Int

    static var now: Memory {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Memory(allocated: Int(floor_allocated_octets()), resident: pages * Int(sysconf(Int32(_SC_PAGESIZE))))
    }
}
