import ClusterDNS

/// What the names mean that people give.
struct LocalNames: Sendable {
    let domain: DomainName
    let namespace: String

    /// `name`, or `name.namespace`.
    func object(_ text: String) throws(LocalClusterError) -> ObjectName {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(labels.count), labels.allSatisfy({ NameRules.isLabel($0) }) else {
            throw LocalClusterError(.invalidName, "\(text): expected a name, or a name, a dot and a namespace")
        }
        return ObjectName(name: labels[0], namespace: labels.count == 2 ? labels[1] : namespace)
    }

    /// The absolute name: of a service for one label or two, else the name as it stands.
    func absolute(_ text: String) throws(LocalClusterError) -> DomainName {
        if text.last != ".", let name = try? object(text) {
            guard let name = DomainName("\(name).svc")?.appending(domain) else { throw invalid(text) }
            return name
        }
        guard let name = DomainName(text) else { throw invalid(text) }
        return name
    }

    func absolute(_ addresses: [String: [IPAddress]]) throws(LocalClusterError) -> [DomainName: [IPAddress]] {
        var absolute: [DomainName: [IPAddress]] = [:]
        for (text, addresses) in addresses {
            guard let name = DomainName(text) else { throw invalid(text) }
            absolute[name, default: []] += addresses
        }
        return absolute
    }

    private func invalid(_ text: String) -> LocalClusterError {
        LocalClusterError(.invalidName, "\(text): expected a domain name (RFC 1035)")
    }
}
