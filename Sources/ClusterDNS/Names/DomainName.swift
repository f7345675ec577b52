internal import DNSTransport

/// An absolute domain name (RFC 1035 section 3.1), kept as it goes over the wire: labels, each behind its length, and
/// the empty root label at the end. ASCII letters are folded to lower case, so equal names are equal values
/// (RFC 4343); nothing else is changed.
package struct DomainName: Hashable, Prehashed, Sendable {
    /// The octets on the wire, uncompressed: 1 to 255 of them, the last one zero.
    package let octets: [UInt8]
    /// Made once: a name is looked for in several tables.
    let hash: UInt64

    /// The root, `.`.
    package static let root = DomainName(unchecked: [0])
    /// Names for the host itself are in it (RFC 6761 section 6.3).
    package static let localhost = DomainName(constant: "localhost")
    /// The cluster domain unless something says otherwise.
    package static let clusterLocal = DomainName(constant: "cluster", "local")
    /// Services that several clusters share are in it (KEP-1645).
    package static let clusterSet = DomainName(constant: "clusterset", "local")

    /// The most octets that a name has on the wire, root label included (RFC 1035 section 2.3.4).
    package static let maximumLength = 255
    /// The most characters that a name has as text, without escapes and without its last dot.
    package static let maximumTextLength = 253
    /// The most octets of one label (RFC 1035 section 2.3.4).
    package static let maximumLabelLength = 63

    /// - Parameter octets: those of a valid name in lower case.
    init(unchecked octets: [UInt8]) {
        self.octets = octets
        self.hash = keyedHash(octets)
    }

    /// A name that the source spells out: its labels are valid and in lower case.
    private init(constant labels: String...) {
        self.init(unchecked: labels.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) } + [0])
    }

    /// A name from its labels, the leftmost first. `nil` if a label is empty or over 63 octets or the name over 255.
    package init?(labels: some Sequence<some Collection<UInt8>>) {
        var octets: [UInt8] = []
        octets.reserveCapacity(64)
        for label in labels {
            guard (1...Self.maximumLabelLength).contains(label.count) else { return nil }
            octets.append(UInt8(truncatingIfNeeded: label.count))
            for octet in label { octets.append(octet.asciiLowercased) }
            guard octets.count < Self.maximumLength else { return nil }
        }
        octets.append(0)
        self.init(unchecked: octets)
    }

    /// A name from text with dots between its labels; a last dot changes nothing, `.` is the root. There are no
    /// escapes: a backslash is an octet like any other. `nil` if a label is empty or something is too long.
    package init?(_ text: some StringProtocol) {
        if text == "." {
            self = .root
            return
        }
        var octets = Array(text.utf8)
        if octets.last == UInt8(ascii: ".") { octets.removeLast() }
        guard !octets.isEmpty else { return nil }
        self.init(labels: octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false))
    }

    /// A name from its octets on the wire, uncompressed. `nil` if the root label is not the last octet and the only
    /// empty label, or if a label or the name is too long.
    package init?(wire octets: [UInt8]) {
        guard octets.count <= Self.maximumLength else { return nil }
        var place = 0
        while place < octets.count, octets[place] != 0 {
            guard octets[place] <= Self.maximumLabelLength else { return nil }
            place += 1 + Int(octets[place])
        }
        guard place == octets.count - 1 else { return nil }
        // A length is at most 63 and no letter, so all octets can be folded alike.
        var folded = octets
        for index in folded.indices { folded[index] = folded[index].asciiLowercased }
        self.init(unchecked: folded)
    }

    /// The labels, leftmost first, without the root.
    package var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var start = octets.startIndex
        while start < octets.endIndex, octets[start] != 0 {
            let end = start + 1 + Int(octets[start])
            labels.append(octets[start + 1..<end])
            start = end
        }
        return labels
    }

    /// The name without its first label; the root's parent is `nil`.
    package var parent: DomainName? {
        guard octets.count > 1 else { return nil }
        return DomainName(unchecked: Array(octets[(1 + Int(octets[0]))...]))
    }

    /// Whether the name is `ancestor` or below it.
    package func isWithin(_ ancestor: DomainName) -> Bool {
        var start = 0
        while octets.count - start > ancestor.octets.count {
            start += 1 + Int(octets[start])
        }
        return octets[start...] == ancestor.octets[...]
    }

    /// The labels of this name before those of `suffix`; `nil` if that is too long.
    package func appending(_ suffix: DomainName) -> DomainName? {
        let length = octets.count - 1 + suffix.octets.count
        guard length <= Self.maximumLength else { return nil }
        var joined: [UInt8] = []
        joined.reserveCapacity(length)
        joined += octets[..<(octets.count - 1)]
        joined += suffix.octets
        return DomainName(unchecked: joined)
    }

    /// The name behind `_port._protocol` in front (RFC 2782); `nil` without these.
    var withoutPort: DomainName? {
        let labels = labels.prefix(2)
        guard labels.count == 2, labels.allSatisfy({ $0.first == UInt8(ascii: "_") }) else { return nil }
        return parent?.parent
    }

    /// Whether it has the form of a service's name in some cluster, or of what is in one.
    var isOfService: Bool { labels.dropFirst(2).contains { $0.elementsEqual("svc".utf8) } }

    /// Whether it is one of these, or the name of a port of one.
    func isOrBelongsTo(_ names: Set<DomainName>) -> Bool {
        names.contains(self) || withoutPort.map(names.contains) ?? false
    }

    package static func == (left: DomainName, right: DomainName) -> Bool {
        left.hash == right.hash && left.octets == right.octets
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }
}

extension DomainName: CustomStringConvertible {
    /// As people write a cluster domain.
    package var withoutLastDot: String { String(description.dropLast()) }

    /// The name as in a zone file, with its last dot; dots and backslashes in a label behind a backslash, octets that
    /// do not print as `\DDD` (RFC 1035 section 5.1).
    package var description: String {
        guard octets.count > 1 else { return "." }
        // Nearly all names are of letters, digits, hyphens and underscores: a dot in the place of each length will do.
        var plain = octets
        var place = 0
        while place < plain.count - 1 {
            let end = place + 1 + Int(plain[place])
            plain[place] = UInt8(ascii: ".")
            for index in place + 1..<end where !plain[index].needsNoEscape { return escaped }
            place = end
        }
        plain[plain.count - 1] = UInt8(ascii: ".")
        return String(decoding: plain[1...], as: UTF8.self)
    }

    private var escaped: String {
        var text = ""
        text.reserveCapacity(octets.count)
        for label in labels {
            for octet in label {
                switch octet {
                case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""):
                    text.append("\\")
                    text.unicodeScalars.append(Unicode.Scalar(octet))
                case 0x21...0x7E:
                    text.unicodeScalars.append(Unicode.Scalar(octet))
                default:
                    let digits = String(octet)
                    text.append("\\" + String(repeating: "0", count: 3 - digits.count) + digits)
                }
            }
            text.append(".")
        }
        return text
    }
}

extension UInt8 {
    fileprivate var needsNoEscape: Bool {
        isASCIILetter || isASCIIDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
    }
}
