import ClusterDNS

extension Field {
    /// `metadata.name` and `metadata.namespace` of an object.
    ///
    /// - Parameter mayHaveDots: as the names of all kinds may that are no label of a domain name themselves.
    func objectName(defaultNamespace: String, mayHaveDots: Bool = false) throws(ManifestError) -> ObjectName {
        let metadata = try required("metadata", "an object with a name")
        let what = mayHaveDots ? NameRules.subdomain : NameRules.label
        let name = try metadata.required("name", what).string(what) {
            mayHaveDots ? NameRules.isSubdomain($0) : NameRules.isLabel($0)
        }
        let namespace = try metadata.optional("namespace")?.string(NameRules.label, where: NameRules.isLabel)
        return ObjectName(name: name, namespace: namespace ?? defaultNamespace)
    }

    func address() throws(ManifestError) -> IPAddress {
        let what = "an IPv4 or IPv6 address"
        guard let address = IPAddress(try string(what)) else { throw expected(what) }
        return address
    }

    /// A Service (core/v1).
    func service(defaultNamespace: String) throws(ManifestError) -> Service {
        let name = try objectName(defaultNamespace: defaultNamespace)
        let spec = try required("spec", "an object")
        let addresses = try spec.serviceAddresses()
        let type: ServiceType = try spec.optional("type")?.choice() ?? .clusterIP
        let kind: Service.Kind
        if type == .externalName {
            let target = try spec.required("externalName", NameRules.subdomain)
            kind = .externalName(try target.string(NameRules.subdomain, where: NameRules.isSubdomain))
        } else {
            if addresses == nil, type != .clusterIP {
                throw try spec.required("type", "a type").error("expected ClusterIP: clusterIP is None")
            }
            kind = addresses.map { .clusterIP($0) } ?? .headless
        }
        let ports = try spec.servicePorts()
        if ports.isEmpty, case .clusterIP = kind {
            throw spec.error("expected at least one port in ports")
        }
        return Service(
            name: name,
            kind: kind,
            families: try spec.families(of: addresses ?? []),
            ports: ports,
            selector: try spec.member("selector")?.strings() ?? [:],
            publishNotReadyAddresses: try spec.member("publishNotReadyAddresses")?.bool() ?? false
        )
    }

    private enum ServiceType: String, CaseIterable {
        case clusterIP = "ClusterIP"
        case nodePort = "NodePort"
        case loadBalancer = "LoadBalancer"
        case externalName = "ExternalName"
    }

    /// `clusterIPs`, or else `clusterIP`; `nil` for a headless service.
    private func serviceAddresses() throws(ManifestError) -> [IPAddress]? {
        let first = try member("clusterIP")
        let all = try items("clusterIPs")
        if let first, let one = all.first, try one.string() != first.string() {
            throw one.error("expected the same as spec.clusterIP")
        }
        var addresses: [IPAddress] = []
        for field in all.isEmpty ? [first].compactMap(\.self) : all {
            let what = "an IPv4 or IPv6 address or None"
            let text = try field.string(what)
            if text == "None", all.count <= 1 { return nil }
            if text.isEmpty { continue }
            guard let address = IPAddress(text) else { throw field.expected(what) }
            guard !addresses.contains(where: { $0.family == address.family }) else {
                throw field.error("expected at most one address of each family")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// The families that the service asks for: as listed, else those of its addresses, else by its policy. A policy
    /// of PreferDualStack alone is one family: this cluster's default is IPv4.
    private func families(of addresses: [IPAddress]) throws(ManifestError) -> [IPAddress.Family] {
        var families: [IPAddress.Family] = []
        for item in try items("ipFamilies") {
            let family: IPAddress.Family = try item.choice(FamilyName.self) == .ipv4 ? .ipv4 : .ipv6
            guard !families.contains(family) else { throw item.error("expected each family once") }
            families.append(family)
        }
        let policy: FamilyPolicy? = try member("ipFamilyPolicy")?.choice()
        if families.count > 1, policy == .singleStack {
            throw try required("ipFamilyPolicy", "a policy").error(
                "expected RequireDualStack or PreferDualStack for two families"
            )
        }
        if families.isEmpty { families = addresses.map(\.family) }
        if families.isEmpty { families = [.ipv4] }
        if let odd = addresses.first(where: { !families.contains($0.family) }) {
            throw try required("ipFamilies", "families").error("expected the family of the address \(odd) among them")
        }
        if policy == .requireDualStack, families.count == 1 {
            families.append(families == [.ipv4] ? .ipv6 : .ipv4)
        }
        return families
    }

    private enum FamilyName: String, CaseIterable {
        case ipv4 = "IPv4"
        case ipv6 = "IPv6"
    }

    private enum FamilyPolicy: String, CaseIterable {
        case singleStack = "SingleStack"
        case preferDualStack = "PreferDualStack"
        case requireDualStack = "RequireDualStack"
    }

    private func servicePorts() throws(ManifestError) -> [Service.Port] {
        var ports: [Service.Port] = []
        let items = try items("ports")
        for item in items {
            let name = try item.optional("name")?.string(NameRules.label, where: NameRules.isLabel)
            guard name != nil || items.count == 1 else {
                throw item.missing("name", "a name: a service with several ports names each")
            }
            if let name, ports.contains(where: { $0.name == name }) {
                throw item.error("expected each name once, found \(name.quoted) twice")
            }
            let number = try item.required("port", "a number from 1 to 65535").port()
            let transport = try item.transport()
            guard !ports.contains(where: { $0.number == number && $0.transport == transport }) else {
                throw item.error("expected each port once, found \(number)/\(transport.rawValue.uppercased()) twice")
            }
            ports.append(
                Service.Port(
                    name: name ?? "",
                    transport: transport,
                    number: number,
                    target: try item.optional("targetPort")?.targetPort() ?? .number(number)
                )
            )
        }
        return ports
    }

    /// `nil` for 0, which Kubernetes takes for left out.
    private func targetPort() throws(ManifestError) -> Service.TargetPort? {
        if let integer { return integer == 0 ? nil : .number(try port()) }
        let what = "a number from 1 to 65535 or \(NameRules.portName)"
        return .name(try string(what, where: NameRules.isPortName))
    }
}
