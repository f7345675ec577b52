internal import DNSTransport

/// How words of a kind look in a terminal; in a log, or where `NO_COLOR` is set (no-color.org), they are plain.
struct Style {
    var hasColours: Bool

    /// For what goes to standard output.
    static var output: Style {
        let variables = SystemFacts.environmentVariables()
        let isWanted = (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
        return Style(hasColours: isWanted && StandardStream.output.isTerminal)
    }

    func title(_ text: String) -> String { select("1", text) }
    func code(_ text: String) -> String { select("36", text) }
    func aside(_ text: String) -> String { select("2", text) }

    /// Select Graphic Rendition (ECMA-48 section 8.3.117), and back.
    private func select(_ rendition: String, _ text: String) -> String {
        hasColours ? "\u{1B}[\(rendition)m\(text)\u{1B}[0m" : text
    }
}
