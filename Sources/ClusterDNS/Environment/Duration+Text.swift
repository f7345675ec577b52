extension Duration {
    /// A span of time from a whole number and its unit: `250ms`, `5s`, `2m` or `1h`.
    package init(text: String) throws(BrokenRule) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        // Some thousand years of the longest unit, which a `Duration` holds.
        guard let number = digits.utf8.decimalValue(maximum: 1_000_000_000) else { throw Self.form }
        switch text[digits.endIndex...] {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        default: throw Self.form
        }
    }

    private static let form = BrokenRule("a duration is a whole number and its unit: 250ms, 5s, 2m, 1h")
}
