/// A DNS server to ask.
public struct NameServer: Hashable, Sendable {
    public let address: IPAddress
    /// The UDP and TCP port.
    public let port: UInt16
    /// The zone index of an IPv6 address, most often the name of a network interface (RFC 4007 section 11): `eth0`.
    public let zone: String?

    /// The port of DNS (RFC 1035 section 4.2).
    public static let defaultPort: UInt16 = 53

    /// A name server at an address.
    ///
    /// - Parameter zone: the network interface that a link-local address needs (RFC 4007 section 11): `eth0`.
    public init(address: IPAddress, port: UInt16 = NameServer.defaultPort, zone: String? = nil) {
        self.address = address
        self.port = port
        self.zone = zone
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
        return "[\(address)\(zone.map { "%\($0)" } ?? "")]:\(port)"
    }
}

extension NameServer {
    init(parsing text: String) throws(BrokenRule) {
        guard let parsed = try AddressText(text) else {
            throw BrokenRule(
                "a name server is an address, with or without a port: 10.96.0.10, 10.96.0.10:53, fd00::a, [fd00::a]:53"
            )
        }
        self.address = parsed.address
        self.zone = parsed.zone
        self.port = parsed.port ?? Self.defaultPort
        try checkZone()
    }

    func checkZone() throws(BrokenRule) {
        if let zone {
            guard address.family == .ipv6 else { throw BrokenRule("an IPv4 address has no zone") }
            _ = try AddressText.zone(zone)
        }
        guard !address.isLinkLocal || zone != nil else {
            throw BrokenRule("a link-local address needs its network interface: \(address)%eth0 (RFC 4007)")
        }
    }
}
