/// The protocol of a service's port, by which Kubernetes and SRV records tell ports of one name apart.
public enum PortProtocol: String, Hashable, Sendable, CaseIterable {
    case tcp
    case udp
    case sctp
}

/// The name of a service's port: 1 to 15 letters, digits and hyphens, one letter at least, no hyphen at either end or
/// beside another (RFC 6335 section 5.1). Kept in lower case.
package struct PortName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(ClusterDNSError) {
        do {
            try Self.check(text.utf8)
        } catch {
            throw ClusterDNSError(
                code: .invalidName,
                message: "\(text.quoted) is not a valid port name: \(error)",
                name: text
            )
        }
        self.description = text.lowercased()
    }

    package static func check(_ name: some BidirectionalCollection<UInt8>) throws(BrokenRule) {
        let hyphen = UInt8(ascii: "-")
        guard (1...15).contains(name.count) else {
            throw BrokenRule("a port name has 1 to 15 characters (RFC 6335)")
        }
        guard name.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == hyphen }) else {
            throw BrokenRule("a port name has only letters, digits and hyphens (RFC 6335)")
        }
        guard name.contains(where: \.isASCIILetter) else {
            throw BrokenRule("a port name has a letter (RFC 6335); give the number of a port as a number")
        }
        guard !name.split(separator: hyphen, omittingEmptySubsequences: false).contains(where: \.isEmpty) else {
            throw BrokenRule("a port name has no hyphen at either end or beside another (RFC 6335)")
        }
    }
}
