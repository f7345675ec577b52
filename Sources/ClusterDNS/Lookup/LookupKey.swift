/// What a caller asks for: a name as it was given, and what about it.
struct LookupKey: Hashable, Sendable {
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

    var name: String
    var kind: Kind
    /// The labels of a named port, `_http._tcp`, which stand in front of each candidate; empty without one.
    var portLabels: String

    init(name: String, kind: Kind, portLabels: String = "") {
        self.name = name
        self.kind = kind
        self.portLabels = portLabels
    }

    /// The key of a name and a port as a caller wrote them.
    init(name: String, _ port: Port?) {
        switch port?.value {
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
struct LookupPlan: Sendable {
    var key: LookupKey
    /// The absolute names to ask for, one at least.
    var candidates: [DomainName]
    /// What the name may have been meant for instead, if none exists.
    var otherMeaning: NameExpansion.OtherMeaning?
    /// Which static peers it was made with: what came of it is not kept for callers who would get others. Nothing for what
    /// can not have static peers.
    var version: Int?
}
