import ClusterDNS

/// One thing that a name of the cluster stands for: the least that records of every type are made of.
struct Entry: Hashable, Sendable {
    enum Host: Hashable, Sendable {
        case address(IPAddress)
        case name(DomainName)
    }

    var host: Host
    /// `nil` where no port is declared: there is no SRV record then.
    var port: UInt16?
    /// The name that an SRV record gives.
    var owner: DomainName

    var address: IPAddress? {
        if case .address(let address) = host { address } else { nil }
    }

    func alias(_ name: DomainName, ttl: UInt32) -> [Record] {
        guard case .name(let target) = host else { return [] }
        return [Record(name: name, ttl: ttl, data: .cname(target))]
    }
}

extension Zone {
    /// What a name stands for; an empty list for a name that exists and has no records, `nil` for one that does not
    /// exist. The labels in front of a service are one of a pod, or two of a port, underscores or not.
    func entries(_ name: DomainName) -> [Entry]? {
        guard let labels = name.labels(under: settings.domain) else {
            return Self.reverseDomains.contains(name) ? [] : nil
        }
        if labels.isEmpty || labels == ["ns", "dns"] { return [] }
        guard let kind = labels.last, ["svc", "pod"].contains(kind), labels.count <= 5 else { return nil }
        guard labels.count > 1 else { return [] }
        let namespace = labels[labels.count - 2]
        guard namespaces.contains(namespace) else { return nil }
        guard labels.count > 2 else { return [] }
        let object = ObjectName(name: labels[labels.count - 3], namespace: namespace)
        let found = kind == "pod" ? podEntries(object) : serviceEntries(object, Prefix(labels.dropLast(3)))
        return found.isEmpty ? nil : found
    }

    /// Any address in dashed form, as CoreDNS' `pods insecure` answers.
    private func podEntries(_ pod: ObjectName) -> [Entry] {
        let dashes = pod.name.utf8.count { $0 == UInt8(ascii: "-") }
        let separator = dashes == 3 && !pod.name.contains("--") ? "." : ":"
        let text = pod.name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: separator)
        guard let address = IPAddress(text),
            let owner = DomainName("\(pod.name).\(pod.namespace).pod")?.appending(settings.domain)
        else { return [] }
        return [Entry(host: .address(address), port: 0, owner: owner)]
    }

    private func serviceEntries(_ name: ObjectName, _ prefix: Prefix) -> [Entry] {
        guard let served = services[name], let owner = served.service.owner(in: settings.domain) else { return [] }
        switch served.service.kind {
        case .externalName(let target):
            // An address is no alias: CoreDNS leaves such a service out.
            guard prefix == .none, IPAddress(target) == nil, let host = DomainName(target) else { return [] }
            return [Entry(host: .name(host), port: nil, owner: owner)]
        case .clusterIP where !prefix.isEndpoint:
            return served.clusterEntries(prefix, owner)
        case .clusterIP, .headless:
            return served.endpoints.flatMap { $0.entries(prefix, owner) }
        }
    }

    /// What stands in front of a service's name.
    enum Prefix: Hashable, Sendable {
        case none
        case endpoint(String)
        case port(String, transport: String)

        init(_ labels: ArraySlice<String>) {
            switch (labels.first, labels.last, labels.count) {
            case (let label?, _, 1): self = .endpoint(label)
            case (let port?, let transport?, 2):
                self = .port(Self.withoutUnderscore(port), transport: Self.withoutUnderscore(transport))
            default: self = .none
            }
        }

        var isEndpoint: Bool {
            if case .endpoint = self { true } else { false }
        }

        func matchesPort(_ name: String, _ transport: PortProtocol?) -> Bool {
            guard case .port(let port, let given) = self else { return true }
            return (port.isEmpty || port == name) && (given.isEmpty || given == transport?.rawValue)
        }

        private static func withoutUnderscore(_ label: String) -> String {
            label.first == "_" ? String(label.dropFirst()) : label
        }
    }
}

extension Zone.ServedService {
    /// Each port with each address.
    fileprivate func clusterEntries(_ prefix: Zone.Prefix, _ owner: DomainName) -> [Entry] {
        service.ports.filter { prefix.matchesPort($0.name, $0.transport) }.flatMap { port in
            addresses.map { Entry(host: .address($0), port: port.number, owner: owner) }
        }
    }
}

extension EndpointGroup {
    /// Each address with each port; an address without any port once.
    fileprivate func entries(_ prefix: Zone.Prefix, _ owner: DomainName) -> [Entry] {
        let numbers: [UInt16?] =
            ports.isEmpty
            ? (prefix.matchesPort("", nil) ? [nil] : [])
            : ports.filter { prefix.matchesPort($0.name, $0.transport) }.map(\.number)
        return addresses.flatMap { address -> [Entry] in
            if case .endpoint(let label) = prefix, label != address.label { return [] }
            guard let name = address.owner(under: owner) else { return [] }
            return numbers.map { Entry(host: .address(address.address), port: $0, owner: name) }
        }
    }
}

extension EndpointGroup.Address {
    /// The host name, or the address with dashes.
    var label: String {
        if let hostname { return hostname }
        let dashed = address.description.map { $0 == "." || $0 == ":" ? "-" : $0 }
        // A label must not end in a dash, as `fd00::` would make it.
        return String(dashed) + (dashed.last == "-" ? "0" : "")
    }

    func owner(under service: DomainName) -> DomainName? {
        DomainName(label)?.appending(service)
    }
}

extension Service {
    /// `name.namespace.svc.zone.`
    func owner(in domain: DomainName) -> DomainName? {
        DomainName("\(name.name).\(name.namespace).svc")?.appending(domain)
    }
}

extension DomainName {
    /// The labels in front of a domain; `nil` for a name that is not within it.
    func labels(under domain: DomainName) -> [String]? {
        guard isWithin(domain) else { return nil }
        return labels.dropLast(domain.labels.count).map { String(decoding: $0, as: UTF8.self) }
    }
}
