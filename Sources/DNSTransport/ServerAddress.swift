/// Where a name server listens, over UDP and TCP alike.
package struct ServerAddress: Hashable, Sendable {
    /// 4 octets of IPv4 or 16 of IPv6, in network order.
    package let octets: [UInt8]
    package let port: UInt16
    /// The interface that a link-local IPv6 address belongs to (RFC 4007), 0 for any.
    package let scope: UInt32

    /// `nil` unless there are 4 or 16 octets.
    package init?(octets: [UInt8], port: UInt16, scope: UInt32 = 0) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        self.octets = octets
        self.port = port
        self.scope = scope
    }
}
