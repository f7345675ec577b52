/// The rows of one run or of several, as a person reads them.
struct Table {
    private(set) var names: [String] = []
    private var rows: [String: [Row]] = [:]

    mutating func add(_ row: Row) {
        if rows[row.name] == nil { names.append(row.name) }
        rows[row.name, default: []].append(row)
    }

    /// Medians of the runs and, of several, the least and the most.
    var summaries: [Row] {
        names.compactMap { name in
            guard let rows = rows[name], var summary = rows.first(where: { $0.ours != nil }) else {
                return rows[name]?.first
            }
            summary.floor = rows.compactMap(\.floor).nonEmpty?.median
            summary.ours = rows.compactMap(\.ours).nonEmpty?.median
            summary.ratio = rows.compactMap(\.ratio).nonEmpty?.median
            return summary
        }
    }

    var text: String {
        let header = ["", "unit", "floor", "", "ours", "ratio", "must", "aim", ""]
        let lines = [header] + summaries.map { [$0.name] + cells(of: $0) }
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
                .joined(separator: "  ").trimmed
        }.joined(separator: "\n")
    }

    var hasFailed: Bool {
        rows.values.joined().contains { $0.failure != nil } || summaries.contains { $0.meets($0.must) == false }
    }

    private func cells(of row: Row) -> [String] {
        if let reason = row.skipped.map({ "skipped: \($0)" }) ?? row.failure.map({ "FAIL: \($0)" }) {
            return ["", "", "", "", "", "", "", reason]
        }
        let verdict =
            switch (row.meets(row.must), row.meets(row.aim)) {
            case (false, _): "FAIL"
            case (true, true?): "pass, aim met"
            case (true, _): "pass"
            case (nil, true?): "aim met"
            case (nil, _): ""
            }
        return [
            row.unit, row.floor?.short ?? "", row.floorName ?? "", row.ours?.short ?? "",
            (row.ratio?.short ?? "") + spread(of: row), row.must?.description ?? "", row.aim?.description ?? "",
            verdict,
        ]
    }

    private func spread(of row: Row) -> String {
        guard let all = rows[row.name]?.compactMap(\.judged), all.count > 1 else { return "" }
        return " (\((all.min() ?? 0).short)–\((all.max() ?? 0).short))"
    }
}

extension [Double] {
    fileprivate var nonEmpty: [Double]? { isEmpty ? nil : self }
}

extension String {
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
