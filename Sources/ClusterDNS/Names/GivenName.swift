/// A name as a caller wrote it, split and checked. It may be part of a longer name.
struct GivenName {
    /// All labels, as if the name were absolute.
    let name: DomainName
    /// ``name`` without the two labels of a port in front.
    let host: DomainName
    /// The count of labels in ``host``, one at least.
    let hostLabelCount: Int
    /// In lower case.
    let lastLabel: ArraySlice<UInt8>
    /// Whether the text ends in a dot.
    let isAbsolute: Bool

    init(_ text: String) throws(BrokenRule) {
        guard !text.isEmpty else { throw BrokenRule("it is empty") }
        // With a last dot.
        guard text.utf8.count <= DomainName.maximumTextLength + 1 else { throw Self.tooLong }
        var octets = Array(text.utf8)[...]
        let isAbsolute = octets.last == UInt8(ascii: ".")
        if isAbsolute { octets.removeLast() }
        guard octets.count <= DomainName.maximumTextLength else { throw Self.tooLong }
        let portLabelCount = try Self.portLabelCount(of: octets)
        // The name as it goes over the wire, made label by label as they are checked.
        var wire: [UInt8] = []
        wire.reserveCapacity(octets.count + 2)
        var (labelCount, numberCount, hostStart, lastStart) = (0, 0, 0, 0)
        var rest = octets
        while true {
            let label = rest.prefix { $0 != UInt8(ascii: ".") }
            if labelCount >= portLabelCount { try Label.check(label) }
            if labelCount == portLabelCount { hostStart = wire.count }
            lastStart = wire.count + 1
            wire.append(UInt8(truncatingIfNeeded: label.count))
            for octet in label { wire.append(octet.asciiLowercased) }
            labelCount += 1
            numberCount += label.allSatisfy { $0.isASCIIDigit } ? 1 : 0
            guard label.endIndex < rest.endIndex else { break }
            rest = rest[(label.endIndex + 1)...]
        }
        hostLabelCount = labelCount - portLabelCount
        // Such a name cannot be a host's (RFC 1123 section 2.1): it is an address with an error in it.
        guard hostLabelCount != 4 || numberCount != 4 || isAbsolute else {
            throw BrokenRule("four numbers are an IPv4 address, each 0 to 255 without a zero in front (RFC 1123)")
        }
        wire.append(0)
        name = DomainName(unchecked: wire)
        lastLabel = name.octets[lastStart...].dropLast()
        host = hostStart == 0 ? name : DomainName(unchecked: Array(wire[hostStart...]))
        self.isAbsolute = isAbsolute
    }

    private static let tooLong = BrokenRule("a name has at most \(DomainName.maximumTextLength) characters (RFC 1035)")

    /// 2 where the labels begin with `_port._protocol` (RFC 2782), else 0.
    private static func portLabelCount(of octets: ArraySlice<UInt8>) throws(BrokenRule) -> Int {
        let underscore = UInt8(ascii: "_")
        guard octets.first == underscore else { return 0 }
        let labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count > 2, labels[1].first == underscore else {
            throw BrokenRule(
                "a port in front is two labels before a name, as in _http._tcp.service-b (RFC 2782)"
            )
        }
        try PortName.check(labels[0].dropFirst())
        try PortName.check(labels[1].dropFirst())
        return 2
    }
}
