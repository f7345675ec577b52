import ClusterDNS

extension Zone {
    /// CoreDNS follows no more aliases than this.
    private static let longestChain = 10

    /// The addresses of a name, behind the aliases that lead to them; `nil` for a name that does not exist. An alias
    /// within the cluster that leads to no address is left out, one that leads outside is not.
    func addressRecords(_ name: DomainName, _ family: IPAddress.Family, behind chain: [Record] = []) -> [Record]? {
        guard let entries = entries(name) else { return nil }
        var records: [Record] = []
        var seen: Set<IPAddress> = []
        for entry in entries {
            switch entry.host {
            case .address(let address):
                guard address.family == family, seen.insert(address).inserted else { continue }
                records.append(Record(name: name, ttl: settings.ttl, data: .address(address)))
            case .name(let target):
                let alias = Record(name: name, ttl: settings.ttl, data: .cname(target))
                guard target != name, chain.count <= Self.longestChain, !chain.contains(alias) else { continue }
                records += aliased(alias, target, family, behind: chain + [alias])
            }
        }
        return records
    }

    private func aliased(
        _ alias: Record,
        _ target: DomainName,
        _ family: IPAddress.Family,
        behind chain: [Record]
    ) -> [Record] {
        guard target.isWithin(settings.domain) else {
            return [alias] + externalRecords(target, family == .ipv4 ? .a : .aaaa)
        }
        let records = addressRecords(target, family, behind: chain) ?? []
        return records.isEmpty ? [] : [alias] + records
    }

    /// Where the ports of a name are, and the addresses there; `nil` for a name that does not exist.
    ///
    /// All have priority 0 and CoreDNS' weight: 100 over the number of addresses times ports, but at least 1.
    func serviceRecords(_ name: DomainName) -> (answers: [Record], additionals: [Record])? {
        guard let entries = entries(name)?.filter({ $0.address != nil }) else { return nil }
        let weight = UInt16(truncatingIfNeeded: max(1, 100 / max(1, entries.count)))
        var answers = DistinctRecords()
        var additionals = DistinctRecords()
        for entry in entries {
            guard let port = entry.port, let address = entry.address else { continue }
            let target = ServiceRecord(priority: 0, weight: weight, port: port, target: entry.owner)
            answers.append(Record(name: name, ttl: settings.ttl, data: .srv(target)))
            additionals.append(Record(name: entry.owner, ttl: settings.ttl, data: .address(address)))
        }
        return (answers.records, additionals.records)
    }
}

/// Records in order, each once.
private struct DistinctRecords {
    private(set) var records: [Record] = []
    private var seen: Set<Record> = []

    mutating func append(_ record: Record) {
        if seen.insert(record).inserted { records.append(record) }
    }
}
