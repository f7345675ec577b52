/// An address with its zone and a port, where they are given, as people write them: `10.0.0.1`, `10.0.0.1:53`, `fd00::a`,
/// `fe80::1%eth0`, `[fd00::a]`, `[fd00::a]:53`.
package struct AddressText {
    package let address: IPAddress
    /// The network interface of a link-local address (RFC 4007 section 11).
    package let zone: String?
    package let port: UInt16?

    /// `nil` for text of another form.
    ///
    /// - Throws: the rule that a part of it breaks.
    package init?(_ text: String) throws(BrokenRule) {
        guard let (host, port) = Self.split(text) else { return nil }
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), address.family == .ipv6 || parts.count == 1 else { return nil }
        self.address = address
        self.zone = try parts.dropFirst().first.map(Self.zone)
        self.port = try port.map(Self.port)
    }

    /// The address with its zone and the port, each as it is written.
    private static func split(_ text: String) -> (host: Substring, port: Substring?)? {
        guard text.utf8.count <= 128 else { return nil }
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = text[..<end].dropFirst()
            let rest = text[end...].dropFirst()
            guard rest.isEmpty || rest.first == ":", host.contains(":") else { return nil }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // More colons are those of an IPv6 address.
        return parts.count == 2 ? (parts[0], parts[1]) : (text[...], nil)
    }

    private static func port(_ text: Substring) throws(BrokenRule) -> UInt16 {
        guard let port = text.utf8.decimalValue(maximum: 65535), port > 0 else {
            throw BrokenRule("a port is a number from 1 to 65535")
        }
        return UInt16(port)
    }

    /// Interface names that the kernel would take and that nobody gives to an interface are refused.
    static func zone(_ text: some StringProtocol) throws(BrokenRule) -> String {
        let punctuation = "-_.".utf8
        guard
            (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || punctuation.contains($0) })
        else { throw BrokenRule("what follows % is the name of a network interface (RFC 4007)") }
        return String(text)
    }
}

extension Endpoint {
    /// An endpoint from `10.0.0.1`, `10.0.0.1:8080`, `fd00::1` or `[fd00::1]:8080`.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration` for any other text.
    public init(_ text: String) throws(ClusterDNSError) {
        do { self = try Endpoint(parsing: text) } catch { throw .invalidConfiguration("endpoint", text, error) }
    }

    init(parsing text: String) throws(BrokenRule) {
        guard let parsed = try AddressText(text), parsed.zone == nil else {
            throw BrokenRule("an endpoint is an address, with or without a port: 10.0.0.1, 10.0.0.1:80, [fd00::1]:80")
        }
        self.init(address: parsed.address, port: parsed.port)
    }
}
