/// Something to measure: it comes to one row, or to a few that are measured together.
struct Benchmark: Sendable {
    /// In which of the runs a benchmark has a part.
    enum Depth: Int, Comparable, Sendable {
        /// Main rows, seconds each.
        case quick
        /// Whatever takes less than half a minute.
        case once
        case full

        static func < (left: Depth, right: Depth) -> Bool { left.rawValue < right.rawValue }
    }

    var name: String
    var depth: Depth
    /// What it cannot do without, apart from the name server.
    var needsPod = false
    var rows: @Sendable (Stage) async throws -> [Row]

    init(
        _ name: String,
        _ depth: Depth = .once,
        needsPod: Bool = false,
        rows: @escaping @Sendable (Stage) async throws -> [Row]
    ) {
        self.name = name
        self.depth = depth
        self.needsPod = needsPod
        self.rows = rows
    }

    func run(on stage: Stage) async -> [Row] {
        var row = Row(name, unit: "")
        if needsPod, stage.pod == nil {
            return [row.skipping("needs a network namespace: unshare, and root or unprivileged user namespaces")]
        }
        do { return try await rows(stage) } catch {
            row.failure = "\(error)"
            return [row]
        }
    }

    static let all: [Benchmark] = hits + misses + crowds + costs + instructions + spellings + peers + production

    /// Rounds of a row, in which floor and ours take turns: a disturbance meets both.
    static let rounds = 5
}
