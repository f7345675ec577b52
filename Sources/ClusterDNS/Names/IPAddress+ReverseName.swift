extension IPAddress {
    /// The name whose PTR records say what the address is called: `1.0.0.10.in-addr.arpa.` (RFC 1035 section 3.5) or
    /// 32 nibbles below `ip6.arpa.` (RFC 3596 section 2.5).
    package var reverseName: DomainName {
        let labels: [[UInt8]] =
            switch family {
            case .ipv4: octets.reversed().map { Array(String($0).utf8) }
            case .ipv6: octets.reversed().flatMap { [Self.nibble($0 & 0xF), Self.nibble($0 >> 4)] }
            }
        // 75 octets at most, so there always is such a name.
        return DomainName(labels: labels + Self.reverseZone(of: family)) ?? .root
    }

    /// The address whose ``reverseName`` is `name`; `nil` if it is the name of a block of addresses or of none.
    package init?(reverseName name: DomainName) {
        let labels = name.labels
        if labels.count == 4 + 2,
            labels.suffix(2).elementsEqual(Self.reverseZone(of: .ipv4), by: { $0.elementsEqual($1) })
        {
            let octets = labels.prefix(4).reversed().compactMap { $0.decimalValue(maximum: 255).map(UInt8.init) }
            self.init(octets: octets)
        } else if labels.count == 32 + 2,
            labels.suffix(2).elementsEqual(Self.reverseZone(of: .ipv6), by: { $0.elementsEqual($1) })
        {
            let nibbles = labels.prefix(32).reversed().compactMap { $0.count == 1 ? $0.first?.hexadecimalValue : nil }
            guard nibbles.count == 32 else { return nil }
            self.init(ipv6: nibbles.reduce(0) { $0 << 4 | UInt128($1) })
        } else {
            return nil
        }
    }

    private static func reverseZone(of family: Family) -> [[UInt8]] {
        [Array((family == .ipv4 ? "in-addr" : "ip6").utf8), Array("arpa".utf8)]
    }

    private static func nibble(_ value: UInt8) -> [UInt8] {
        Array(String(value, radix: 16).utf8)
    }
}
