/// A line of the table: what a lookup of ours costs, beside the least that it could cost.
struct Row: Encodable, Sendable {
    var name: String
    var unit: String
    var floorName: String?
    var floor: Double?
    var ours: Double?
    /// `ours` by `floor`.
    var ratio: Double?
    var must: Bound?
    var aim: Bound?
    /// What else is worth a look.
    var note: String?
    var distributions: [Distribution] = []
    /// Why nothing was measured.
    var skipped: String?
    /// What went wrong.
    var failure: String?

    init(_ name: String, unit: String, must: Bound? = nil, aim: Bound? = nil) {
        self.name = name
        self.unit = unit
        self.must = must
        self.aim = aim
    }

    /// What the bounds are about.
    var judged: Double? { ratio ?? ours }

    func meets(_ bound: Bound?) -> Bool? {
        guard let bound, let judged else { return nil }
        return bound.admits(judged)
    }

    /// The row with the medians of both sides over interleaved rounds, and the median of the rounds' ratios.
    func comparing(_ ours: [Double], with floorName: String, _ floor: [Double]) -> Row {
        var row = self
        row.floorName = floorName
        row.floor = floor.median
        row.ours = ours.median
        row.ratio = zip(ours, floor).map { $0 / $1 }.median
        return row
    }

    /// The same, of a figure of samples.
    func comparing(
        _ ours: [Sample],
        with floorName: String,
        _ floor: [Sample],
        by figure: (Sample) -> Double
    ) -> Row {
        comparing(ours.map(figure), with: floorName, floor.map(figure))
    }

    /// The row with the least times of both sides over many short rounds: those that nothing disturbed.
    func comparingLeast(_ ours: [Double], with floorName: String, _ floor: [Double]) -> Row {
        comparing([ours.min() ?? .nan], with: floorName, [floor.min() ?? .nan])
    }

    func measuring(_ ours: Double) -> Row {
        var row = self
        row.ours = ours
        return row
    }

    func skipping(_ reason: String) -> Row {
        var row = self
        row.skipped = reason
        return row
    }

    func noting(_ note: String, _ distributions: [Distribution] = []) -> Row {
        var row = self
        row.note = note
        row.distributions = distributions
        return row
    }
}

/// What a figure may be at the most, or must be at the least.
enum Bound: Encodable, Sendable, CustomStringConvertible {
    case atMost(Double)
    case atLeast(Double)

    func admits(_ value: Double) -> Bool {
        switch self {
        case .atMost(let bound): value <= bound
        case .atLeast(let bound): value >= bound
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    var description: String {
        switch self {
        case .atMost(let bound): "≤ \(bound.short)"
        case .atLeast(let bound): "≥ \(bound.short)"
        }
    }
}

/// How long lookups of one kind took, for plots.
struct Distribution: Encodable, Sendable {
    var name: String
    /// Pairs of a percentile and the microseconds that so many of the lookups took at the most.
    var points: [[Double]]

    private static let percentiles: [Double] = [1, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100]

    init(_ name: String, _ sample: Sample) {
        self.name = name
        points = Self.percentiles.map { [$0, sample.microseconds($0)] }
    }
}

extension [Double] {
    var median: Double {
        let sorted = self.sorted()
        guard !sorted.isEmpty else { return .nan }
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

extension Double {
    /// Three digits, as many as the figures are good for.
    var short: String {
        guard isFinite else { return "–" }
        let digits =
            switch magnitude {
            case 0: 0
            case ..<10: 2
            case ..<100: 1
            default: 0
            }
        let scale = [1.0, 10, 100][digits]
        let rounded = (self * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}
