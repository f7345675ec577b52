/// What is held against a regression wherever the tests run: figures that stay the same on a busy machine, with bounds that
/// only something else than noise breaks. A ratio may be up to three times that of a quiet machine; instructions a fifth more
/// than were counted, for other compilers; queries are counted exactly, and a lookup that allocates at all does it once at least.
///
/// Whether lookups are as quick as they are to be, the rows' own `must` says, on a quiet machine.
enum RegressionCheck {
    /// What has the rows below.
    static let benchmarks: Set = [
        "hit by name", "read by handle", "miss, one at a time", "misses, 64 at a time", "miss, allocations",
        "instructions",
        "idle", "queries per lookup",
    ]

    private static let bounds: [String: Bound] = [
        "hit by name": .atMost(2.5),
        "hit by name, allocations": .atMost(0.01),
        "read by handle": .atMost(0.7),
        "read by handle, allocations": .atMost(0.01),
        "one endpoint of a handle": .atMost(4.5),
        "one endpoint of a handle, allocations": .atMost(0.01),
        "miss, one at a time, p50": .atMost(5),
        "miss, one at a time, CPU": .atMost(8),
        "misses, 64 at a time": .atLeast(0.1),
        "miss, allocations": .atMost(36),
        "hit by name, instructions": .atMost(290),
        "read by handle, instructions": .atMost(95),
        "miss, one at a time, instructions": .atMost(60_000),
        "idle with a warm cache": .atMost(0.5),
    ]

    /// Queries have their bounds from the contract, whatever the machine.
    private static func bound(for row: Row) -> Bound? {
        bounds[row.name] ?? (row.name.hasPrefix("queries for ") ? row.must : nil)
    }

    /// The row with the bound in place of what it must and is to meet; nothing for one that has none. One that was skipped
    /// or has failed stays what it is.
    static func row(_ row: Row) -> Row? {
        guard row.ours != nil else { return row }
        guard let bound = bound(for: row) else { return nil }
        var row = row
        row.must = bound
        row.aim = nil
        return row
    }

    /// The rows that are to be there and are not: a check that measures nothing must not pass.
    static func missing(from table: Table) -> [String] {
        bounds.keys.filter { !table.names.contains($0) }.sorted()
    }
}
