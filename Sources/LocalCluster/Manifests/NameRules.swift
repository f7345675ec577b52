import ClusterDNS

/// The rules that Kubernetes has for names, and how to say them.
enum NameRules {
    static let label = "a name of 1 to 63 lower-case letters, digits and hyphens, no hyphen at an end (RFC 1123)"
    static let subdomain = "a domain name in lower case (RFC 1123)"
    static let portName = "a port name of at most 15 lower-case letters, digits and hyphens, a letter in it (RFC 6335)"

    static func isLabel(_ text: some StringProtocol) -> Bool {
        let octets = Array(text.utf8)
        return (1...63).contains(octets.count) && octets.allSatisfy(isLabelOctet)
            && octets.first != UInt8(ascii: "-") && octets.last != UInt8(ascii: "-")
    }

    static func isSubdomain(_ text: some StringProtocol) -> Bool {
        let name = text.last == "." ? text.dropLast() : text[...]
        return name.utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
    }

    static func isPortName(_ text: some StringProtocol) -> Bool {
        isLabel(text) && text.utf8.count <= 15 && !text.contains("--")
            && text.utf8.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    private static func isLabelOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
