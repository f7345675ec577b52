/// What was measured, mode by mode.
struct BenchReport: Sendable {
    struct Row: Sendable {
        var mode: BenchMode
        var concurrency: Int
        var tally: Tally
    }

    var names: [String]
    var rows: [Row] = []
}

extension BenchReport.Row {
    var json: JSON {
        .object([
            JSON.Member("mode", .string(mode.rawValue)),
            JSON.Member("concurrency", .number(concurrency)),
            JSON.Member("lookups", .number(tally.lookups)),
            JSON.Member("perSecond", .decimal((tally.perSecond * 10).rounded() / 10)),
            JSON.Member("p50", microseconds(perMille: 500)),
            JSON.Member("p90", microseconds(perMille: 900)),
            JSON.Member("p99", microseconds(perMille: 990)),
            JSON.Member("p999", microseconds(perMille: 999)),
            JSON.Member("max", tally.lookups == 0 ? .null : .decimal(Double(tally.histogram.max) / 1000)),
            JSON.Member("errors", .number(tally.errors)),
        ])
    }

    /// Null where there was no lookup.
    private func microseconds(perMille: Int) -> JSON {
        tally.histogram.percentile(perMille: perMille).map { .decimal(Double($0) / 1000) } ?? .null
    }

    /// For a person: that lookups have failed, and why; empty if none has.
    var errorLines: [String] {
        guard let reason = tally.lastError else { return [] }
        let count = counted(tally.errors, "lookup")
        return ["\(mode.rawValue): \(count) failed, \(tally.errors == 1 ? "" : "one of them: ")\(reason)"]
    }
}
