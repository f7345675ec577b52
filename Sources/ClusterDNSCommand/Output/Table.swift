/// Rows with their columns aligned to the left, two spaces apart. A cell may have several lines.
///
/// - Parameter limit: the characters that a line may have. What makes it longer goes on in the cell's next line: an
///   address or a name that is cut off is worth nothing.
func table(_ rows: [[String]], within limit: Int = .max) -> [String] {
    let cells = rows.map { $0.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) } }
    let columns = rows.first?.indices ?? 0..<0
    var widths = columns.map { column in cells.flatMap { $0[column] }.map(\.count).max() ?? 0 }
    while widths.reduce((columns.count - 1) * 2, +) > limit, let widest = widths.max(), widest > 1 {
        widths[widths.firstIndex(of: widest) ?? 0] -= 1
    }
    return cells.flatMap { row in
        let folded = zip(row, widths).map { lines, width in lines.flatMap { $0.folded(to: width) } }
        let height = folded.map(\.count).max() ?? 0
        return (0..<height).map { index in
            zip(folded, widths)
                .map { lines, width in (index < lines.count ? lines[index] : "").padded(to: width) }
                .joined(separator: "  ")
                .withoutTrailingSpaces
        }
    }
}

/// `1 query`, `2 queries`.
func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
}

extension String {
    /// With spaces behind it.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    fileprivate func folded(to width: Int) -> [String] {
        var rest = self[...]
        var lines: [String] = []
        repeat {
            var line = rest.prefix(max(1, width))
            // Of a name whole labels, where there is one.
            if line.endIndex < rest.endIndex, let dot = line.lastIndex(of: ".") { line = line[...dot] }
            lines.append(String(line))
            rest = rest[line.endIndex...]
        } while !rest.isEmpty
        return lines
    }

    fileprivate var withoutTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
