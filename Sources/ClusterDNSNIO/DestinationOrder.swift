internal import ClusterDNS

extension [IPAddress] {
    /// The order in which to try them (RFC 6724 section 6), as far as the destinations alone decide it: by precedence (rule
    /// 6), then the smaller scope (rule 8). Those that are alike stand in an order by chance, which rules 9 and 10 leave open.
    ///
    /// The rules about the source that an address would be reached from are left out: a connection that is tried and fails
    /// tells more than they do.
    func inDestinationOrder() -> [IPAddress] {
        shuffled().sorted { ($1.precedence, $0.scope) < ($0.precedence, $1.scope) }
    }
}

extension IPAddress {
    /// Of the default policy table (RFC 6724 section 2.1).
    fileprivate var precedence: Int {
        guard let value = ipv6Value else { return 35 }
        if isLoopback { return 50 }
        if value >> 32 == 0xFFFF { return 35 }
        if value >> 32 == 0 { return 1 }
        switch (value >> 112, value >> 96) {
        case (0x2002, _): return 30
        case (_, 0x2001_0000): return 5
        case (0xFC00...0xFDFF, _): return 3
        case (0xFEC0...0xFEFF, _), (0x3FFE, _): return 1
        default: return 40
        }
    }

    /// As RFC 6724 sections 3.1 and 3.2 have it: 2 for link-local, 5 for site-local, 14 for global.
    fileprivate var scope: Int {
        if isLoopback { return 2 }
        if let value = ipv4Value { return value >> 16 == 0xA9FE ? 2 : 14 }
        switch (ipv6Value ?? 0) >> 112 {
        case 0xFE80...0xFEBF: return 2
        case 0xFEC0...0xFEFF: return 5
        default: return 14
        }
    }
}
