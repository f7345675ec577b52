extension String {
    /// The text in lines of at most `width` characters, broken at spaces. A word that is longer than a line has one for
    /// itself.
    ///
    /// - Parameter hanging: by how much the lines that follow the first are indented more than it.
    func wrapped(at width: Int, hanging: Int = 2) -> [String] {
        let indentation = String(prefix { $0 == " " })
        let hangingIndentation = indentation + String(repeating: " ", count: hanging)
        var lines: [String] = []
        var line = indentation
        for word in split(separator: " ") {
            let isFirst = line.allSatisfy { $0 == " " }
            if !isFirst, line.count + 1 + word.count > width {
                lines.append(line)
                line = hangingIndentation + word
            } else {
                line += (isFirst ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
