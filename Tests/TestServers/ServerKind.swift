import TestProcesses

/// A name server from the distribution.
public enum ServerKind: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Knot DNS, authoritative.
    case knot = "Knot"
    /// BIND, authoritative, from the same zones.
    case bind = "BIND"
    /// Unbound, a forwarder with a cache before a Knot; it follows CNAMEs itself.
    case unbound = "Unbound"
    /// dnsmasq, a forwarder without a cache before a Knot; it hands on what it is given.
    case dnsmasq

    public var description: String { rawValue }

    /// Whether the server asks a Knot for what it does not know.
    public var isForwarder: Bool { self == .unbound || self == .dnsmasq }

    /// Whether every program that running the server takes is here.
    public var isInstalled: Bool { missing.isEmpty }

    /// The programs that running the server takes and that are not here, for the message of a skipped test.
    public var missing: [String] {
        let programs = [program, "setpriv"] + (isForwarder || self == .knot ? ["knotd", "knotc"] : [])
        return Set(programs).filter { Program.path(of: $0) == nil }.sorted()
    }

    var program: String {
        switch self {
        case .knot: "knotd"
        case .bind: "named"
        case .unbound: "unbound"
        case .dnsmasq: "dnsmasq"
        }
    }
}
