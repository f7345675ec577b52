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
    var portLabels = ""
}

/// What must be known to look a key up.
struct LookupPlan: Sendable {
    var key: LookupKey
    /// The absolute names to ask for, one at least.
    var candidates: [DomainName]
    /// What to write instead if none exists.
    var hint: String?
}
