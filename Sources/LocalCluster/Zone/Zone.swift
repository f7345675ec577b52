import ClusterDNS

/// What cluster DNS says about a state of the cluster: the Kubernetes DNS specification 1.1.0, and CoreDNS where that
/// leaves something open.
struct Zone: Sendable {
    struct Settings: Sendable {
        var domain: DomainName
        /// Seconds, of every record but the version's.
        var ttl: UInt32
        /// Names outside the cluster that are known nevertheless, and their addresses.
        var externalNames: [DomainName: [IPAddress]] = [:]
    }

    /// A service as DNS sees it.
    struct ServedService: Sendable {
        var service: Service
        var addresses: [IPAddress]
        var endpoints: [EndpointGroup]
    }

    static let version = "1.1.0"
    static let reverseDomains = ["in-addr.arpa", "ip6.arpa"].compactMap { DomainName($0) }

    let settings: Settings
    private let serial: UInt32
    let namespaces: Set<String>
    let services: [ObjectName: ServedService]
    private let names: [IPAddress: [DomainName]]

    /// - Parameter serial: Goes up with every state (RFC 1035 section 3.3.13).
    init(_ state: ClusterState, settings: Settings, serial: UInt32) {
        self.settings = settings
        self.serial = serial
        namespaces = state.namespaces
        let index = EndpointIndex(state)
        services = state.services.mapValues { service in
            ServedService(
                service: service,
                addresses: state.addresses(of: service),
                endpoints: index.endpoints(of: service)
            )
        }
        names = Self.names(services, in: settings.domain)
    }

    /// The names of each address: of the service whose own address it is, or else of each service that it is an endpoint
    /// of.
    private static func names(
        _ services: [ObjectName: ServedService],
        in domain: DomainName
    ) -> [IPAddress: [DomainName]] {
        var ofServices: [IPAddress: [DomainName]] = [:]
        var ofEndpoints: [IPAddress: [DomainName]] = [:]
        for (_, served) in services.sorted(by: { $0.key < $1.key }) {
            guard let owner = served.service.owner(in: domain) else { continue }
            for address in served.addresses where ofServices[address] == nil { ofServices[address] = [owner] }
            for endpoint in served.endpoints.flatMap(\.addresses) {
                guard let name = endpoint.owner(under: owner) else { continue }
                if ofEndpoints[endpoint.address]?.contains(name) == true { continue }
                ofEndpoints[endpoint.address, default: []].append(name)
            }
        }
        return ofServices.merging(ofEndpoints) { service, _ in service }
    }

    func answer(_ question: Question) -> ZoneAnswer {
        if question.name.isWithin(settings.domain) { return answer(question, in: settings.domain) }
        if let zone = Self.reverseDomains.first(where: { question.name.isWithin($0) }) {
            return answer(question, in: zone)
        }
        return externalAnswer(question)
    }

    private func answer(_ question: Question, in zone: DomainName) -> ZoneAnswer {
        // IXFR and AXFR: the zone as a whole is not handed out.
        if (251...252).contains(question.type.rawValue) { return .refused }
        return switch records(question, in: zone) {
        case .some(let records) where records.answers.isEmpty:
            ZoneAnswer(authorities: [startOfAuthority(zone)])
        case .some(let records):
            ZoneAnswer(answers: records.answers, additionals: records.additionals)
        case nil:
            ZoneAnswer(responseCode: .nameError, authorities: [startOfAuthority(zone)])
        }
    }

    /// The records of a name, none of which is NODATA; `nil` for a name that does not exist.
    private func records(
        _ question: Question,
        in zone: DomainName
    ) -> (answers: [Record], additionals: [Record])? {
        let name = question.name
        switch question.type {
        case .a: return addressRecords(name, .ipv4).map { ($0, []) }
        case .aaaa: return addressRecords(name, .ipv6).map { ($0, []) }
        case .srv: return serviceRecords(name)
        case .cname: return entries(name).map { ($0.first?.alias(name, ttl: settings.ttl) ?? [], []) }
        case .ptr: return pointerRecords(name).map { ($0, []) }
        case .txt: return textRecords(name).map { ($0, []) }
        // CoreDNS says NODATA to SOA of any name but the zone's, be there such a name or not.
        case .soa: return (name == zone ? [startOfAuthority(zone)] : [], [])
        default: return entries(name).map { _ in ([], []) }
        }
    }

    private func pointerRecords(_ name: DomainName) -> [Record]? {
        guard let address = IPAddress(reverseName: name) else { return entries(name).map { _ in [] } }
        return names[address].map { names in
            names.map { Record(name: name, ttl: settings.ttl, data: .ptr($0)) }
        }
    }

    /// The version of the specification. CoreDNS says NXDOMAIN to TXT of a name that has no record of any type.
    private func textRecords(_ name: DomainName) -> [Record]? {
        if name.labels(under: settings.domain) == ["dns-version"] {
            return [Record(name: name, ttl: 28800, data: .txt([Array(Self.version.utf8)]))]
        }
        return entries(name)?.isEmpty == false ? [] : nil
    }

    private func startOfAuthority(_ zone: DomainName) -> Record {
        let data = StartOfAuthority(
            primary: DomainName("ns.dns")?.appending(zone) ?? zone,
            mailbox: DomainName("hostmaster")?.appending(zone) ?? zone,
            serial: serial,
            refresh: 7200,
            retry: 1800,
            expire: 86400,
            minimum: settings.ttl
        )
        return Record(name: zone, ttl: min(settings.ttl, 300), data: .soa(data))
    }
}

extension Zone {
    /// What a forwarder would say of a name outside the cluster. CoreDNS without one refuses.
    private func externalAnswer(_ question: Question) -> ZoneAnswer {
        guard settings.externalNames[question.name] != nil else { return .refused }
        return ZoneAnswer(
            isAuthoritative: false,
            recursionAvailable: true,
            answers: externalRecords(question.name, question.type)
        )
    }

    func externalRecords(_ name: DomainName, _ type: RecordType) -> [Record] {
        let addresses = settings.externalNames[name] ?? []
        return addresses.map { Record(name: name, ttl: settings.ttl, data: .address($0)) }.filter {
            $0.data.type == type
        }
    }
}
