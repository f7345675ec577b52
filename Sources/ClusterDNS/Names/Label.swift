/// A label of a host name: 1 to 63 letters, digits and hyphens, no hyphen at either end (RFC 1123 section 2.1, RFC 1035
/// section 2.3.4). Services and namespaces are named by one.
package enum Label {
    package static func check(_ label: some BidirectionalCollection<UInt8>) throws(BrokenRule) {
        guard let first = label.first, let last = label.last else {
            throw BrokenRule("a label is empty; no two dots in a row, and none in front")
        }
        if let octet = label.first(where: { !isAllowed($0) }) { throw refusal(of: octet) }
        guard label.count <= DomainName.maximumLabelLength else {
            throw BrokenRule("a label has \(label.count) characters, the most is \(DomainName.maximumLabelLength)")
        }
        guard first != hyphen, last != hyphen else {
            throw BrokenRule("a label neither begins nor ends with a hyphen (RFC 1123)")
        }
    }

    /// The one label that `text` is, in lower case.
    static func folded(_ text: String) throws(BrokenRule) -> String {
        try check(text.utf8)
        return text.lowercased()
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isAllowed(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || octet == hyphen
    }

    private static func refusal(of octet: UInt8) -> BrokenRule {
        switch octet {
        case UInt8(ascii: "."):
            BrokenRule("dots separate labels, and this is one label")
        case UInt8(ascii: "_"):
            BrokenRule("underscores are only for a port in front, as in _http._tcp.service-b")
        case UInt8(ascii: "*"):
            BrokenRule("a wildcard is not a name to look up")
        case UInt8(ascii: "\\"):
            BrokenRule("no escapes allowed")
        case 0x80...:
            BrokenRule("only ASCII letters are allowed; write the label in its xn-- form (RFC 5890)")
        default:
            BrokenRule("\(String(Unicode.Scalar(octet)).quoted) is no letter, digit or hyphen (RFC 1123)")
        }
    }
}
