extension Duration {
    /// A span of time from a whole number and its unit: `250ms`, `5s`, `2m` or `1h`.
    package init(text: String) throws(BrokenRule) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        // Some thousand years of the longest unit, which a `Duration` holds.
        guard let number = digits.utf8.decimalValue(maximum: Self.largestNumber) else {
            let isNumber = !digits.isEmpty && (digits.count == 1 || digits.first != "0")
            throw isNumber ? BrokenRule("the number of a duration is \(Self.largestNumber) at most") : Self.form
        }
        switch text[digits.endIndex...] {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        default: throw Self.form
        }
    }

    /// The span in the form that ``init(text:)`` reads, in the largest unit that needs no fraction; in Swift's own words
    /// where no unit fits.
    package var text: String {
        let (milliseconds, fraction) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        guard fraction == 0 else { return description }
        return switch milliseconds {
        case 0: "0s"
        case _ where milliseconds % 3_600_000 == 0: "\(milliseconds / 3_600_000)h"
        case _ where milliseconds % 60_000 == 0: "\(milliseconds / 60_000)m"
        case _ where milliseconds % 1000 == 0: "\(milliseconds / 1000)s"
        default: "\(milliseconds)ms"
        }
    }

    private static let largestNumber = 1_000_000_000
    private static let form = BrokenRule(
        "a duration is a whole number and its unit, without a zero in front: 250ms, 5s, 2m, 1h"
    )
}
