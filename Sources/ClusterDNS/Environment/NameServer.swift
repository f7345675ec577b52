/// A DNS server to ask.
public struct NameServer: Hashable, Sendable {
    public let address: IPAddress
    /// The UDP and TCP port.
    public let port: UInt16
    /// The zone index of an IPv6 address, most often the name of a network interface (RFC 4007 section 11): `eth0`.
    public let scope: String?

    /// The port of DNS (RFC 1035 section 4.2).
    public static let defaultPort: UInt16 = 53

    public init(address: IPAddress, port: UInt16 = NameServer.defaultPort) {
        self.address = address
        self.port = port
        self.scope = nil
    }

    /// A name server from `10.96.0.10`, `10.96.0.10:53`, `fd00::a`, `fe80::1%eth0`, `[fd00::a]` or `[fd00::a]:53`.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration` for any other text.
    public init(_ text: String) throws(ClusterDNSError) {
        do { self = try NameServer(parsing: text) } catch { throw .invalidConfiguration("name server", text, error) }
    }
}

extension NameServer: CustomStringConvertible {
    /// `10.96.0.10:53`, `[fd00::a]:53`, `[fe80::1%eth0]:53`.
    public var description: String {
        guard address.family == .ipv6 else { return "\(address):\(port)" }
        return "[\(address)\(scope.map { "%\($0)" } ?? "")]:\(port)"
    }
}

extension NameServer {
    init(parsing text: String) throws(BrokenRule) {
        let (host, port) = try Self.split(text)
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), address.family == .ipv6 || parts.count == 1 else {
            throw Self.form
        }
        self.address = address
        self.scope = try parts.dropFirst().first.map(Self.scope)
        self.port = try port.map(Self.port) ?? Self.defaultPort
    }

    private static let form = BrokenRule(
        "a name server is an address, with or without a port: 10.96.0.10, 10.96.0.10:53, fd00::a, [fd00::a]:53"
    )

    /// The address with its scope and the port, each as it is written.
    private static func split(_ text: String) throws(BrokenRule) -> (host: Substring, port: Substring?) {
        guard text.utf8.count <= 128 else { throw form }
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw form }
            let host = text[..<end].dropFirst()
            let rest = text[end...].dropFirst()
            guard rest.isEmpty || rest.first == ":", host.contains(":") else { throw form }
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

    /// Interface names that the kernel would take and that mean nothing in the lists that c-ares reads.
    private static func scope(_ text: Substring) throws(BrokenRule) -> String {
        let punctuation = "-_.".utf8
        guard
            (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || punctuation.contains($0) })
        else { throw BrokenRule("what follows % is the name of a network interface (RFC 4007)") }
        return String(text)
    }
}
