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
        let labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hostLabels = labels.dropFirst(try Self.portLabelCount(of: labels))
        for label in hostLabels { try Label.check(label) }
        guard !Self.looksLikeIPv4(hostLabels) || isAbsolute else {
            throw BrokenRule("four numbers are an IPv4 address, each 0 to 255 without a zero in front (RFC 1123)")
        }
        guard let name = DomainName(labels: labels),
            let host = hostLabels.count == labels.count ? name : DomainName(labels: hostLabels)
        else {
            throw Self.tooLong
        }
        self.name = name
        self.host = host
        self.hostLabelCount = hostLabels.count
        self.lastLabel = name.octets.dropLast().suffix(hostLabels.last?.count ?? 0)
        self.isAbsolute = isAbsolute
    }

    private static let tooLong = BrokenRule("a name has at most \(DomainName.maximumTextLength) characters (RFC 1035)")

    /// 2 where the labels begin with `_port._protocol` (RFC 2782), else 0.
    private static func portLabelCount(of labels: [ArraySlice<UInt8>]) throws(BrokenRule) -> Int {
        let underscore = UInt8(ascii: "_")
        guard labels.first?.first == underscore else { return 0 }
        guard labels.count > 2, labels[1].first == underscore else {
            throw BrokenRule(
                "a port in front has two labels and a name behind it, as in _http._tcp.service-b (RFC 2782)"
            )
        }
        try PortName.check(labels[0].dropFirst())
        try PortName.check(labels[1].dropFirst())
        return 2
    }

    /// Such a name can not be a host's (RFC 1123 section 2.1): it is an address with an error in it.
    private static func looksLikeIPv4(_ labels: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        labels.count == 4 && labels.allSatisfy { $0.allSatisfy(\.isASCIIDigit) }
    }
}
