internal import DNSTransport

extension BenchReport {
    /// For a person: the figures as a table, and how they are spread as bars.
    func lines(_ style: Style) -> [String] {
        guard let first = rows.first else { return [] }
        let callers = first.concurrency == 1 ? "one lookup at a time" : "\(first.concurrency) lookups at a time"
        return "\(names.joined(separator: ", ")): \(callers)".wrapped(at: Console.width) + [""] + figures
            + chart + [""] + remarks.flatMap { $0.wrapped(at: Console.width) }.map(style.aside)
    }

    private var figures: [String] {
        let header = ["MODE", "LOOKUPS", "A SECOND", "P50", "P90", "P99", "P99.9", "MAX", "ERRORS"]
        return table(
            [header]
                + rows.map { row in
                    let histogram = row.tally.histogram
                    let times = [500, 900, 990, 999].map { histogram.percentile(perMille: $0) }
                    return [row.mode.rawValue, "\(row.tally.lookups)", "\(Int(row.tally.perSecond.rounded()))"]
                        + (times + [histogram.count > 0 ? histogram.max : nil]).map { $0?.nanosecondsReading ?? "-" }
                        + ["\(row.tally.errors)"]
                }
        )
    }

    // MARK: Bars

    /// The steps of the scale, which is logarithmic: 1, 2 and 5 of each power of ten, in nanoseconds.
    private static let steps: [Int64] = (0...12).flatMap { power in
        let unit = (0..<power).reduce(Int64(1)) { unit, _ in unit * 10 }
        return [unit, 2 * unit, 5 * unit]
    }

    /// A line for each step of the scale and a column of bars for each mode. The longest bar is that of the step with the
    /// most lookups of its mode.
    private var chart: [String] {
        let columns = rows.map { $0.tally.histogram.counts(between: [0] + Self.steps) }
        let filled = Self.steps.indices.filter { step in columns.contains { $0[step] > 0 } }
        guard let first = filled.first, let last = filled.last else { return [] }
        let header = ["BELOW"] + rows.map(\.mode.rawValue)
        let lines = (first...last).map { step in
            [Self.steps[step].nanosecondsReading] + columns.map { Self.cell($0[step], of: $0) }
        }
        return [""] + table([header] + lines)
    }

    private static func cell(_ count: Int, of counts: [Int]) -> String {
        guard count > 0, let most = counts.max() else { return "" }
        let share = Double(count) / Double(counts.reduce(0, +))
        return "\(bar(Double(count) / Double(most))) \(share.percentReading)"
    }

    /// A bar in eighths of a character, of one at least: a lookup that was there shows.
    private static func bar(_ part: Double) -> String {
        let eighths = max(1, Int((part * 8 * Double(barLength)).rounded()))
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }

    private static let barLength = 9

    // MARK: Words

    private var remarks: [String] {
        var remarks: [String] = []
        let modes = Set(rows.map(\.mode))
        if let uncached = rows.first(where: { $0.mode == .uncached })?.tally, uncached.lookups > 0 {
            let queries = Double(uncached.queries) / Double(uncached.lookups + uncached.errors)
            remarks.append(
                "uncached: the name is flushed before each lookup, \((queries * 10).rounded() / 10) queries a lookup."
            )
        }
        if modes.contains(.getaddrinfo) {
            remarks.append("getaddrinfo: the C library's resolver, which goes by /etc/resolv.conf.")
        }
        remarks.append(
            "Times are less the \(ClockCost.measured.wholeNanoseconds.nanosecondsReading) that it takes to read the clock; "
                + "lookups a second are those of the whole loop."
        )
        return remarks
    }
}

extension Int64 {
    /// Nanoseconds with two or three digits: `17 ns`, `1.2 µs`, `340 µs`, `5 s`.
    var nanosecondsReading: String {
        let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        // From where it would be rounded up to the next unit.
        guard let (size, unit) = units.first(where: { Double(self) >= $0.0 * 0.9995 }) else { return "\(self) ns" }
        let value = Double(self) / size
        let rounded = value < 9.95 ? (value * 10).rounded() / 10 : value.rounded()
        return "\(rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)") \(unit)"
    }
}

extension Double {
    /// A share: `62%`, `3.1%`, `0.04%`, `<0.01%`.
    fileprivate var percentReading: String {
        let percent = self * 100
        if percent < 0.01 { return "<0.01%" }
        let scale: Double = percent < 0.95 ? 100 : percent < 9.95 ? 10 : 1
        let rounded = (percent * scale).rounded() / scale
        return "\(rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)")%"
    }
}
