import ClusterDNS
import Foundation
import TestProcesses

extension Benchmark {
    /// What a processor is given to do, in the process alone: counted, so that it is the same on a busy machine.
    static let instructions = [
        Benchmark("instructions") { stage in
            let rows: [(row: Row, kind: String, counts: (Int, Int))] = [
                (Row("hit by name, instructions", unit: "instructions"), "hit", (10_000, 60_000)),
                (Row("read by handle, instructions", unit: "instructions"), "handle", (10_000, 60_000)),
                (Row("miss, one at a time, instructions", unit: "instructions"), "miss", (1000, 3000)),
            ]
            guard let valgrind = Program.path(of: "valgrind") else {
                return rows.map { $0.row.skipping("needs valgrind") }
            }
            var measured: [Row] = []
            for (row, kind, counts) in rows {
                // What the process takes to begin and to end is in both.
                let fewer = try await count(kind, counts.0, stage, valgrind)
                let more = try await count(kind, counts.1, stage, valgrind)
                measured.append(row.measuring(Double(more - fewer) / Double(counts.1 - counts.0)))
            }
            return measured
        }
    ]

    private static func count(_ kind: String, _ count: Int, _ stage: Stage, _ valgrind: String) async throws -> Int {
        let result = try await Program.run(
            valgrind,
            ["--tool=callgrind", "--callgrind-out-file=/dev/null"]
                + [Program.built("lookup-instructions"), kind, "\(count)", "127.0.0.1:\(stage.port)"]
        )
        // ==4711== Collected : 245096308
        let collected = result.errors.split(separator: "\n").first { $0.contains("Collected :") }?.split(separator: " ")
        guard result.output == "\(count)\n", let instructions = collected?.last.flatMap({ Int($0) }) else {
            throw BenchmarkFailure("\(count) of \(kind): \(result.output)\(result.errors)")
        }
        return instructions
    }
}
