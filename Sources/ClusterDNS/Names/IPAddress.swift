/// An IPv4 or IPv6 address as the number that it is.
///
/// Addresses travel through the library in this form from the wire to the caller; text is made of them only where a
/// person reads it.
public struct IPAddress: Hashable, Sendable {
    /// The version of the Internet Protocol that an address belongs to.
    public enum Family: Hashable, Sendable, CaseIterable {
        case ipv4
        case ipv6

        fileprivate var order: UInt8 { self == .ipv4 ? 0 : 1 }
    }

    /// The address' family.
    public let family: Family

    // Two words instead of one `UInt128`, whose alignment of 16 octets would make every endpoint half as large again.
    let high: UInt64
    let low: UInt64

    /// An IPv4 address from its value, the first octet in the most significant place: `0x7F00_0001` is 127.0.0.1.
    public init(ipv4 value: UInt32) {
        self.family = .ipv4
        self.high = 0
        self.low = UInt64(value)
    }

    /// An IPv6 address from its value, the first octet in the most significant place: `1` is ::1.
    public init(ipv6 value: UInt128) {
        self.family = .ipv6
        self.high = UInt64(truncatingIfNeeded: value >> 64)
        self.low = UInt64(truncatingIfNeeded: value)
    }

    /// An address from its octets in network order: 4 for IPv4, 16 for IPv6, `nil` for any other count.
    public init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self.init(ipv4: octets.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self.init(ipv6: octets.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// The value of an IPv4 address, `nil` for IPv6.
    public var ipv4Value: UInt32? {
        family == .ipv4 ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// The value of an IPv6 address, `nil` for IPv4.
    public var ipv6Value: UInt128? {
        family == .ipv6 ? UInt128(high) << 64 | UInt128(low) : nil
    }

    /// The address' octets in network order: 4 for IPv4, 16 for IPv6.
    public var octets: [UInt8] {
        switch family {
        case .ipv4:
            (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * $0)) }
        case .ipv6:
            (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> (56 - 8 * ($0 % 8))) }
        }
    }

    /// Whether the address is in 127.0.0.0/8 (RFC 1122 section 3.2.1.3) or is ::1 (RFC 4291 section 2.5.3).
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 == 127
        case .ipv6: high == 0 && low == 1
        }
    }

    /// Whether the address is in fe80::/10 (RFC 4291 section 2.5.6), and means nothing without a network interface.
    var isLinkLocal: Bool { family == .ipv6 && high >> 54 == 0x3FA }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by value.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.family.order, left.high, left.low) < (right.family.order, right.high, right.low)
    }
}
