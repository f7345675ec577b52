/// What there is to do for a name: nothing, because the answer is known, or to ask for absolute names, one after the
/// other.
package struct NameExpansion: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The name is an address.
        case literal(IPAddress)
        /// `localhost` or a name below it: both loopback addresses (RFC 6761 section 6.3).
        case localhost
        /// The absolute names to ask for, in this order, one at least. Only NXDOMAIN moves on to the next.
        case candidates([DomainName])
    }

    /// The name as it was given.
    package let given: String
    package let outcome: Outcome
    let otherMeaning: OtherMeaning?

    /// What a short name may have been meant for that it is not asked for.
    enum OtherMeaning: Hashable, Sendable {
        /// A service of another namespace than this, or a name outside the cluster.
        case otherNamespace(than: String)
        /// A name outside the cluster.
        case outside

        /// What to write instead of `given`.
        func hint(for given: String) -> String {
            let outside = "write \("\(given).".quoted) for a name outside the cluster"
            return switch self {
            case .otherNamespace(let own):
                "write \("\(given).<namespace>".quoted) for a namespace other than \(own), or \(outside)"
            case .outside: outside
            }
        }
    }

    /// The key under which the hosts file has the name, and goes before ``outcome``: the name as given, in lower case and
    /// without a last dot.
    package var hostsKey: String {
        Self.hostsKey(for: given)
    }

    package static func hostsKey(for name: String) -> String {
        let name = name.asciiLowercased
        return name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name
    }

    /// The names at which a named port is found: `_port._protocol` in front of each candidate (RFC 2782).
    package func forPort(_ port: PortName, protocol: PortProtocol) throws(ClusterDNSError) -> NameExpansion {
        guard case .candidates(let candidates) = outcome else {
            throw .invalidName(given, BrokenRule("addresses have no named ports, give the port's number"))
        }
        guard !given.hasPrefix("_") else {
            throw .invalidName(given, BrokenRule("it begins with a port already"))
        }
        let labels = ["_\(port)", "_\(`protocol`.rawValue)"]
        return try NameExpansion(
            given: given,
            candidates: candidates.compactMap { DomainName(labels: labels.map(\.utf8))?.appending($0) },
            otherMeaning: otherMeaning
        )
    }
}

extension NameExpansion {
    /// - Parameter candidates: those that are not too long to be names.
    init(given: String, candidates: [DomainName], otherMeaning: OtherMeaning?) throws(ClusterDNSError) {
        guard !candidates.isEmpty else {
            let limit = DomainName.maximumTextLength
            throw .invalidName(given, BrokenRule("its absolute name is over \(limit) characters long (RFC 1035)"))
        }
        self.given = given
        self.outcome = .candidates(candidates)
        self.otherMeaning = otherMeaning
    }
}
