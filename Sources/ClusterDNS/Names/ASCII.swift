extension UInt8 {
    /// The octet, an ASCII capital letter made small; any other octet as it is (RFC 4343 section 3).
    package var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(asciiLowercased)
    }

    var isASCIIDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    /// The value of a hexadecimal digit of either case.
    var hexadecimalValue: UInt8? {
        switch asciiLowercased {
        case let digit where digit.isASCIIDigit: digit - UInt8(ascii: "0")
        case let letter where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter): letter - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension String {
    /// The text with its ASCII capital letters made small (RFC 4343 section 3).
    var asciiLowercased: String {
        guard utf8.contains(where: { $0 &- UInt8(ascii: "A") < 26 }) else { return self }
        return String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }
}

extension Collection<UInt8> {
    /// The number that the octets write in decimal digits, nothing else among them: no sign, no zero in front, at most
    /// `maximum`.
    func decimalValue(maximum: Int) -> Int? {
        guard let first, first != UInt8(ascii: "0") || count == 1 else { return nil }
        var value = 0
        for octet in self {
            guard octet.isASCIIDigit else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(octet - UInt8(ascii: "0")))
            guard !overflow, !carry, sum <= maximum else { return nil }
            value = sum
        }
        return value
    }
}
