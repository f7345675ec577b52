extension IPAddress: LosslessStringConvertible {
    /// IPv4 as four decimal numbers with dots between them; IPv6 in the one form of RFC 5952, with the last 32 bits of
    /// an IPv4-mapped address as IPv4 (section 5): `10.0.0.1`, `fd00::1`, `::ffff:10.0.0.1`.
    public var description: String {
        switch family {
        case .ipv4: Self.dottedQuad(low)
        case .ipv6 where high == 0 && low >> 32 == 0xFFFF: "::ffff:" + Self.dottedQuad(low)
        case .ipv6: Self.hexadecimal(groups)
        }
    }

    /// An address from its text: IPv4 as four decimal numbers with dots between them and no zeros in front, or any form
    /// of IPv6 in RFC 4291 section 2.2. `nil` for other text, for brackets and for a zone index (RFC 4007).
    public init?(_ text: some StringProtocol) {
        // Most of what is asked about is a name: that is neither of the two, and nothing is copied for it.
        guard let first = text.utf8.first, first.hexadecimalValue != nil || first == UInt8(ascii: ":"),
            first.isASCIIDigit || text.utf8.contains(UInt8(ascii: ":"))
        else { return nil }
        let octets = Array(text.utf8.prefix(Self.maximumTextLength + 1))
        guard octets.count <= Self.maximumTextLength else { return nil }
        if octets.contains(UInt8(ascii: ":")) {
            guard let value = Self.ipv6Value(octets[...]) else { return nil }
            self.init(ipv6: value)
        } else {
            guard let value = Self.ipv4Value(octets[...]) else { return nil }
            self.init(ipv4: value)
        }
    }

    /// The longest text: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
    private static let maximumTextLength = 45
}

// MARK: To text

extension IPAddress {
    private var groups: [UInt16] {
        (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> (48 - 16 * ($0 % 4))) }
    }

    private static func dottedQuad(_ value: UInt64) -> String {
        "\(value >> 24 & 0xFF).\(value >> 16 & 0xFF).\(value >> 8 & 0xFF).\(value & 0xFF)"
    }

    private static func hexadecimal(_ groups: [UInt16]) -> String {
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let gap = longestRunOfZeros(groups)
        return gap.isEmpty
            ? text(groups[...]) : text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    /// What `::` stands for: the first of the longest runs of two zeros or more (RFC 5952 section 4.2), empty if none.
    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > max(longest.count, 1) {
                longest = start..<index + 1
            }
        }
        return longest
    }
}

// MARK: From text

extension IPAddress {
    private static func ipv4Value(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = part.decimalValue(maximum: 255) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func ipv6Value(_ text: ArraySlice<UInt8>) -> UInt128? {
        let groups: [UInt16]
        if let gap = text.firstIndex(ofPair: UInt8(ascii: ":")) {
            // `::` stands for one group at least (RFC 4291 section 2.2).
            guard
                let head = ipv6Groups(text[..<gap], endsInIPv4: false),
                let tail = ipv6Groups(text[(gap + 2)...], endsInIPv4: true),
                head.count + tail.count < 8
            else { return nil }
            groups = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        } else {
            guard let all = ipv6Groups(text, endsInIPv4: true), all.count == 8 else { return nil }
            groups = all
        }
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The 16-bit groups of one side of `::`; the last may be written as IPv4 where the text ends with it.
    private static func ipv6Groups(_ text: ArraySlice<UInt8>, endsInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if endsInIPv4, index == parts.count - 1, let value = ipv4Value(part) {
                groups.append(UInt16(value >> 16))
                groups.append(UInt16(value & 0xFFFF))
            } else {
                guard let group = ipv6Group(part) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func ipv6Group(_ text: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(text.count) else { return nil }
        var group: UInt16 = 0
        for octet in text {
            guard let digit = octet.hexadecimalValue else { return nil }
            group = group << 4 | UInt16(digit)
        }
        return group
    }
}

extension ArraySlice<UInt8> {
    /// Where two of `octet` first stand side by side.
    fileprivate func firstIndex(ofPair octet: UInt8) -> Int? {
        indices.dropLast().first { self[$0] == octet && self[$0 + 1] == octet }
    }
}
