/// From a name as it was given to what there is to ask, or to the answer where nothing needs to be asked.
final class LookupPlanner: Sendable {
    enum Preparation: Sendable {
        /// A literal address, `localhost`, a name of the hosts file, or static peers.
        case known(EndpointSet.Contents)
        case ask(LookupPlan)
    }

    private let names: NameExpander
    private let hosts: HostsFile
    private let families: Set<IPAddress.Family>
    /// By the name that a service has in the cluster, however it was written.
    private let staticPeers: [DomainName: [Endpoint]]
    /// Which static peers the plans were made with: another number, others.
    let version: Int

    /// - Throws: `invalidConfiguration` for static peers of something that is no name, or of one name twice.
    convenience init(_ environment: ResolvedEnvironment) throws(ClusterDNSError) {
        try self.init(
            names: environment.names,
            hosts: environment.hosts,
            families: environment.families,
            staticPeers: environment.configuration.staticPeers,
            origin: environment.origins["staticPeers"] ?? "staticPeers",
            version: 0
        )
    }

    /// The same with other static peers.
    ///
    /// - Parameter origin: what an error calls the setting.
    /// - Throws: `invalidConfiguration` for those of something that is no name, or of one name twice.
    func replacing(_ staticPeers: [String: [Endpoint]], origin: String) throws(ClusterDNSError) -> LookupPlanner {
        try LookupPlanner(
            names: names,
            hosts: hosts,
            families: families,
            staticPeers: staticPeers,
            origin: origin,
            version: version + 1
        )
    }

    private init(
        names: NameExpander,
        hosts: HostsFile,
        families: Set<IPAddress.Family>,
        staticPeers given: [String: [Endpoint]],
        origin: String,
        version: Int
    ) throws(ClusterDNSError) {
        var staticPeers: [DomainName: [Endpoint]] = [:]
        for (given, endpoints) in given {
            guard case .candidates(let candidates)? = try? names.expand(given).outcome else {
                throw .invalidConfiguration(origin, given, BrokenRule("it is not the name of a service"))
            }
            guard staticPeers.updateValue(endpoints, forKey: candidates[0]) == nil else {
                throw .invalidConfiguration(origin, given, BrokenRule("the same service is listed twice"))
            }
        }
        self.names = names
        self.hosts = hosts
        self.families = families
        self.staticPeers = staticPeers
        self.version = version
    }

    func prepare(_ given: String, _ port: Port?) throws(ClusterDNSError) -> Preparation {
        let expansion = try names.expand(given)
        guard port != .number(0) else {
            throw Self.wrongPort(given, "0 is no port; a port is a number from 1 to 65535")
        }
        if let contents = try contents(ofStaticPeers: expansion) { return .known(contents) }
        switch port?.value {
        case nil, .number:
            if let contents = try known(expansion) { return .known(contents) }
            return .ask(try plan(expansion, .addresses))
        case .all:
            return .ask(try plan(expansion, .services))
        case .named(let name, let portProtocol):
            let port: PortName
            do {
                port = try PortName(name)
            } catch {
                throw Self.wrongPort(given, error.message)
            }
            return .ask(
                try plan(
                    try expansion.forPort(port, protocol: portProtocol),
                    .services,
                    portLabels: LookupKey.labels(port.description, portProtocol)
                )
            )
        }
    }

    private static func wrongPort(_ given: String, _ reason: String) -> ClusterDNSError {
        ClusterDNSError(code: .invalidName, message: "\(given.quoted): \(reason)", name: given)
    }

    func prepareText(_ given: String) throws(ClusterDNSError) -> LookupPlan {
        try plan(try names.expand(given), .text)
    }

    /// The absolute names that a name may stand for, of an address that of its names.
    func absoluteNames(_ given: String) throws(ClusterDNSError) -> [DomainName] {
        switch try names.expand(given).outcome {
        case .candidates(let candidates): candidates
        case .literal(let address): [address.reverseName]
        case .localhost: []
        }
    }

    private func plan(
        _ expansion: NameExpansion,
        _ kind: LookupKey.Kind,
        portLabels: String = ""
    ) throws(ClusterDNSError) -> LookupPlan {
        guard case .candidates(let candidates) = expansion.outcome else {
            throw .invalidName(expansion.given, BrokenRule("an address has no records of that type"))
        }
        let key = LookupKey(name: expansion.given, kind: kind, portLabels: portLabels)
        return LookupPlan(
            key: key,
            candidates: candidates,
            outside: names.outside(of: candidates),
            otherMeaning: expansion.otherMeaning,
            version: version
        )
    }

    // MARK: What needs no question

    private func contents(
        ofStaticPeers expansion: NameExpansion
    ) throws(ClusterDNSError) -> EndpointSet.Contents? {
        guard !staticPeers.isEmpty, case .candidates(let candidates) = expansion.outcome else { return nil }
        for candidate in candidates {
            guard let endpoints = staticPeers[candidate] else { continue }
            guard !endpoints.isEmpty else {
                throw ClusterDNSError(
                    QueryFailure(code: .noSuchService, reason: "the list of its static peers is empty"),
                    name: expansion.given,
                    absoluteName: candidate
                )
            }
            return EndpointSet.Contents(endpoints: endpoints, absoluteName: .name(candidate))
        }
        return nil
    }

    private func known(_ expansion: NameExpansion) throws(ClusterDNSError) -> EndpointSet.Contents? {
        if case .literal(let address) = expansion.outcome {
            return EndpointSet.Contents(endpoints: [Endpoint(address: address)], absoluteName: .text(expansion.given))
        }
        guard let (name, addresses) = localEntry(expansion) else { return nil }
        let usable = addresses.filter { families.contains($0.family) }
        guard !usable.isEmpty else {
            throw ClusterDNSError(
                QueryFailure(code: .noRecords, reason: "no address of the families in use"),
                name: expansion.given,
                absoluteName: name
            )
        }
        return EndpointSet.Contents(
            endpoints: usable.map { Endpoint(address: $0) },
            absoluteName: .name(name)
        )
    }

    /// Of the loopback interface, whatever the hosts file says of it, or of the hosts file.
    private func localEntry(_ expansion: NameExpansion) -> (name: DomainName, addresses: [IPAddress])? {
        let key = expansion.hostsKey
        let addresses =
            if case .localhost = expansion.outcome {
                [IPAddress(ipv4: 0x7F00_0001), IPAddress(ipv6: 1)]
            } else {
                hosts.addresses(for: key)
            }
        return addresses.map { (DomainName(key) ?? .root, $0) }
    }
}
