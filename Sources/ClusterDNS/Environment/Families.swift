/// The address families that are asked for.
public enum Families: String, Hashable, Sendable, CaseIterable {
    /// Those of the host's addresses on interfaces that are up, loopback interfaces and link-local addresses aside. Both where
    /// there are none, or where all name servers are on loopback.
    case automatic
    /// IPv4 and IPv6.
    case any
    case ipv4
    case ipv6
}

extension Families {
    /// The families meant, one at least.
    ///
    /// - Parameter hasFamily: the families that the host has addresses of, those on loopback interfaces left out.
    func resolved(hasFamily: Set<IPAddress.Family>, nameServers: [NameServer]) -> Set<IPAddress.Family> {
        switch self {
        case .ipv4: [.ipv4]
        case .ipv6: [.ipv6]
        case .any: [.ipv4, .ipv6]
        case .automatic where hasFamily.isEmpty || nameServers.allSatisfy(\.address.isLoopback): [.ipv4, .ipv6]
        case .automatic: hasFamily
        }
    }
}
