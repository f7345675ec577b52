extension DomainName {
    /// A cluster domain: one host name label or more (RFC 1123), with a last dot or without.
    package init(clusterDomain text: String) throws(BrokenRule) {
        guard let name = DomainName(text), name != .root else {
            throw BrokenRule("a cluster domain is a name like cluster.local, of at most 253 characters")
        }
        for label in name.labels { try Label.check(label) }
        self = name
    }
}

extension DomainName {
    /// Whether an absolute name is the cluster domain, `clusterset.local.` or below one of them.
    func isInCluster(of clusterDomain: DomainName) -> Bool {
        isWithin(clusterDomain) || isWithin(.clusterSet)
    }
}
