internal import DNSTransport

/// What a caller asks for: a name as it was given but for the case of its letters, and what about it.
struct LookupKey: Hashable, Prehashed, Sendable {
    enum Kind: Hashable, Sendable {
        /// A and AAAA.
        case addresses
        /// SRV, joined with the addresses of its targets.
        case services
        /// PTR.
        case pointers
        /// TXT.
        case text
    }

    let name: String
    let kind: Kind
    /// The labels of a named port, `_http._tcp`, which stand in front of each candidate; empty without one.
    let portLabels: String
    /// Made once: a key is looked for in several tables.
    let hash: UInt64

    init(name: String, kind: Kind, portLabels: String = "") {
        self.name = name.asciiLowercased
        self.kind = kind
        self.portLabels = portLabels.asciiLowercased
        self.hash = keyedHash(self.name) ^ (portLabels.isEmpty ? 0 : keyedHash(self.portLabels))
    }

    static func == (left: LookupKey, right: LookupKey) -> Bool {
        left.hash == right.hash && left.kind == right.kind && left.name == right.name
            && left.portLabels == right.portLabels
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(hash)
    }

    /// The key of a name and a port as a caller wrote them.
    init(name: String, _ port: Port?) {
        switch port?.value {
        // Of no plan: it is refused, whatever is known of the name.
        case .number(0): self.init(name: name, kind: .addresses, portLabels: "0")
        case nil, .number: self.init(name: name, kind: .addresses)
        case .all: self.init(name: name, kind: .services)
        case .named(let port, let portProtocol):
            self.init(name: name, kind: .services, portLabels: Self.labels(port, portProtocol))
        }
    }

    /// The labels of a port (RFC 2782).
    static func labels(_ port: String, _ portProtocol: PortProtocol) -> String {
        "_\(port)._\(portProtocol.rawValue)"
    }
}

/// What must be known to look a key up.
final class LookupPlan: Sendable {
    let key: LookupKey
    /// The absolute names to ask for, one at least.
    let candidates: [DomainName]
    /// The last of them, if it is outside the cluster and others are not: no place to stay.
    let outside: DomainName?
    /// What the name may have been meant for instead, if none exists.
    let otherMeaning: NameExpansion.OtherMeaning?
    /// Which static peers it was made with: what came of it is not kept for callers who would get others. `nil` for what
    /// cannot have static peers.
    let version: Int?

    init(
        key: LookupKey,
        candidates: [DomainName],
        outside: DomainName? = nil,
        otherMeaning: NameExpansion.OtherMeaning? = nil,
        version: Int? = nil
    ) {
        self.key = key
        self.candidates = candidates
        self.outside = outside
        self.otherMeaning = otherMeaning
        self.version = version
    }

    /// The same for one of the candidates alone, which is what the name means.
    func narrowed(to candidate: DomainName) -> LookupPlan {
        LookupPlan(key: key, candidates: [candidate], version: version)
    }
}
