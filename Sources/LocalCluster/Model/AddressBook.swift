import ClusterDNS

/// The addresses of pods and services that have none of their own: derived from their names, so that they are the same
/// in every run, and kept for as long as the cluster runs.
///
/// IPv4 addresses are loopback addresses, which a process on Linux can bind without any set-up. IPv6 has a single
/// loopback address, which would make every peer the same one; so IPv6 addresses are unique local ones (RFC 4193), which
/// a machine answers to once their prefix is routed to its loopback interface.
struct AddressBook: Hashable, Sendable {
    enum Range: UInt8, Sendable {
        /// 127.96.0.0/16 and fd00:127:96::/48.
        case services = 96
        /// 127.244.0.0/16 and fd00:127:244::/48.
        case pods = 244
    }

    struct Key: Hashable, Sendable {
        var range: Range
        var name: ObjectName
    }

    /// More names than this share no range.
    static let capacity = 32_768

    private var slots: [Key: UInt16] = [:]
    private var taken: [Range: Set<UInt16>] = [:]

    /// Gives each of the keys a place in its range, beside those that have one; `given` addresses are left alone.
    mutating func assign(_ keys: some Sequence<Key>, avoiding given: Set<IPAddress>) {
        let keys = Set(keys)
        if slots.count + keys.count > Self.capacity { slots.keys.filter { !keys.contains($0) }.forEach { forget($0) } }
        for (key, slot) in slots where Self.addresses(slot, in: key.range).contains(where: given.contains) {
            forget(key)
        }
        // In order, so that the outcome does not depend on a dictionary's.
        let missing = keys.filter { slots[$0] == nil }
        for key in missing.sorted(by: { ($0.range.rawValue, $0.name) < ($1.range.rawValue, $1.name) }) {
            var slot = Self.firstSlot(of: key.name)
            // Ends: the names are fewer than the places.
            while !isFree(slot, in: key.range, avoiding: given) { slot = slot &+ 1 }
            slots[key] = slot
            taken[key.range, default: []].insert(slot)
        }
    }

    /// The address of a key that has been assigned one.
    func address(_ family: IPAddress.Family, of key: Key) -> IPAddress {
        Self.address(family, slots[key] ?? 0, in: key.range)
    }

    private static func address(_ family: IPAddress.Family, _ slot: UInt16, in range: Range) -> IPAddress {
        switch family {
        case .ipv4:
            return IPAddress(ipv4: 0x7F00_0000 | UInt32(range.rawValue) << 16 | UInt32(slot))
        case .ipv6:
            // 0x96 and 0x244, to be read as the decimals of IPv4.
            let group: UInt128 = range == .services ? 0x96 : 0x244
            return IPAddress(ipv6: 0xFD00_0127 << 96 | group << 80 | UInt128(slot))
        }
    }

    private static func addresses(_ slot: UInt16, in range: Range) -> [IPAddress] {
        IPAddress.Family.allCases.map { address($0, slot, in: range) }
    }

    private mutating func forget(_ key: Key) {
        guard let slot = slots.removeValue(forKey: key) else { return }
        taken[key.range]?.remove(slot)
    }

    private func isFree(_ slot: UInt16, in range: Range, avoiding given: Set<IPAddress>) -> Bool {
        // The first and the last address of a range look like those of a network.
        guard slot != 0, slot != .max, taken[range]?.contains(slot) != true else { return false }
        return !Self.addresses(slot, in: range).contains(where: given.contains)
    }

    private static func firstSlot(of name: ObjectName) -> UInt16 {
        let hash = StableHash.hash("\(name)".utf8)
        return UInt16(truncatingIfNeeded: hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48)
    }
}

/// A hash that is the same in every process, as the standard library's is not (FNV-1a).
enum StableHash {
    static func hash(_ octets: some Sequence<UInt8>) -> UInt64 {
        octets.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
