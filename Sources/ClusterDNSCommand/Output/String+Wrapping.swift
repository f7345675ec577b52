extension String {
    /// The text in lines of at most `width` characters, broken at spaces; what follows the first is indented by two more
    /// than it. A word that is longer than a line has one for itself.
    func wrapped(at width: Int) -> [String] {
        let indentation = String(prefix { $0 == " " })
        var lines: [String] = []
        var line = indentation
        for word in split(separator: " ") {
            let isFirst = line.allSatisfy { $0 == " " }
            if !isFirst, line.count + 1 + word.count > width {
                lines.append(line)
                line = indentation + "  " + word
            } else {
                line += (isFirst ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
