import ArgumentParser
import Foundation
import TestServers

@main
struct LookupBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lookup-bench",
        abstract: "What a lookup costs, beside the least that it could cost.",
        discussion: "Ends with 1 if a row misses its `must`, or its bound with --check."
    )

    enum Depth: String, ExpressibleByArgument, CaseIterable {
        case quick
        case once
        case full
    }

    @Option(help: "Main rows; all but those of a minute; all.")
    var depth = Depth.once

    @Option(help: "How often each row is measured; more than once gives medians and spreads.")
    var runs = 1

    @Option(help: "Measure only benchmarks with this in their name.")
    var only: [String] = []

    @Option(help: "Append each row as an object on a line of its own to this file.")
    var json: String?

    @Flag(help: "Measure only what is steady on a busy machine, and hold it to bounds that a regression alone breaks.")
    var check = false

    @Flag(help: "Name the benchmarks.")
    var list = false

    func validate() throws {
        guard runs > 0 else { throw ValidationError("--runs takes a number of 1 or more") }
    }

    func run() async throws {
        let benchmarks = Benchmark.all.filter { benchmark in
            if check { return RegressionCheck.benchmarks.contains(benchmark.name) }
            return only.isEmpty ? benchmark.depth <= limit : only.contains { benchmark.name.contains($0) }
        }
        if list {
            for benchmark in benchmarks { print(benchmark.name) }
            return
        }
        Pod.enter()
        let stage = try await Stage.start()
        var table = Table()
        for run in 1...runs {
            for benchmark in benchmarks {
                note("\(runs > 1 ? "run \(run): " : "")\(benchmark.name)")
                var rows = await benchmark.run(on: stage)
                if check { rows = rows.compactMap(RegressionCheck.row) }
                for row in rows {
                    table.add(row)
                    if let note = row.note { self.note("    \(note)") }
                    try write(row)
                }
            }
        }
        await stage.server.stop()
        print(table.text)
        if check {
            for name in RegressionCheck.missing(from: table) { note("FAIL: \(name) was not measured") }
        }
        if table.hasFailed || (check && !RegressionCheck.missing(from: table).isEmpty) { throw ExitCode.failure }
    }

    private var limit: Benchmark.Depth {
        switch depth {
        case .quick: .quick
        case .once: .once
        case .full: .full
        }
    }

    private func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    private func write(_ row: Row) throws {
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        if !FileManager.default.fileExists(atPath: json) {
            _ = FileManager.default.createFile(atPath: json, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(filePath: json))
        try file.seekToEnd()
        try file.write(contentsOf: encoder.encode(row) + Data("\n".utf8))
        try file.close()
    }
}
