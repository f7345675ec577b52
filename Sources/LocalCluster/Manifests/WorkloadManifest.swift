import ClusterDNS

extension Field {
    /// Pods of one workload.
    static let maximumReplicas = 10_000

    /// A Deployment or a StatefulSet (apps/v1).
    func workload(_ kind: Workload.Kind, defaultNamespace: String) throws(ManifestError) -> Workload {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: kind == .deployment)
        let spec = try required("spec", "an object")
        var template = try spec.required("template", "a pod template").podTemplate()
        let selector = try spec.required("selector", "the labels of the pods")
        let labels = try selector.member("matchLabels")?.strings() ?? [:]
        if let missing = labels.keys.sorted().first(where: { template.labels[$0] != labels[$0] }) {
            throw selector.error("expected labels of spec.template.metadata.labels, where \(missing) is not the same")
        }
        var firstOrdinal = 0
        if kind == .statefulSet {
            template.subdomain = try spec.member("serviceName")?.string(NameRules.label, where: NameRules.isLabel)
            let start = try spec.member("ordinals")?.member("start")
            firstOrdinal = try start?.integer(in: 0...1_000_000) ?? 0
        }
        return Workload(
            key: Workload.Key(kind: kind, name: name),
            replicas: try spec.member("replicas")?.integer(in: 0...Self.maximumReplicas) ?? 1,
            template: template,
            firstOrdinal: firstOrdinal
        )
    }

    /// A Pod (core/v1); its addresses are those of its status, if it has one.
    func pod(defaultNamespace: String) throws(ManifestError) -> Pod {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: true)
        var addresses: [IPAddress] = []
        if let status = try member("status") {
            for item in try status.items("podIPs") { addresses.append(try item.required("ip", "an address").address()) }
            if addresses.isEmpty, let address = try status.member("podIP")?.address() { addresses = [address] }
        }
        return Pod(name: name, template: try podTemplate(), addresses: addresses)
    }

    /// `metadata.labels` and `spec` of a pod or of the template for pods.
    private func podTemplate() throws(ManifestError) -> PodTemplate {
        let spec = try required("spec", "an object")
        var ports: [PodTemplate.ContainerPort] = []
        for container in try spec.items("containers") {
            for port in try container.items("ports") {
                let number = try port.required("containerPort", "a number from 1 to 65535").port()
                guard let name = try port.member("name")?.string(NameRules.portName, where: NameRules.isPortName)
                else { continue }
                ports.append(
                    PodTemplate.ContainerPort(name: name, transport: try port.transport(), number: number)
                )
            }
        }
        return PodTemplate(
            labels: try member("metadata")?.member("labels")?.strings() ?? [:],
            hostname: try spec.member("hostname")?.string(NameRules.label, where: NameRules.isLabel),
            subdomain: try spec.member("subdomain")?.string(NameRules.label, where: NameRules.isLabel),
            ports: ports
        )
    }

    /// An EndpointSlice (discovery.k8s.io/v1); nothing for one of domain names.
    func endpointSlice(defaultNamespace: String) throws(ManifestError) -> EndpointSlice? {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: true)
        let type: AddressType = try required("addressType", "IPv4 or IPv6").choice()
        guard type != .domainName else { return nil }
        let family: IPAddress.Family = type == .ipv4 ? .ipv4 : .ipv6
        let label = "kubernetes.io/service-name"
        let labels = try required("metadata", "an object").required("labels", "the label \(label)")
        var endpoints: [EndpointSlice.Endpoint] = []
        for item in try items("endpoints") { endpoints.append(try item.endpoint(family)) }
        var ports: [EndpointSlice.Port] = []
        for item in try items("ports") { ports.append(try item.endpointPort()) }
        return EndpointSlice(
            name: name,
            service: try labels.required(label, "the name of a service").string(),
            endpoints: endpoints,
            ports: ports
        )
    }

    private enum AddressType: String, CaseIterable {
        case ipv4 = "IPv4"
        case ipv6 = "IPv6"
        case domainName = "FQDN"
    }

    private func endpoint(_ family: IPAddress.Family) throws(ManifestError) -> EndpointSlice.Endpoint {
        var addresses: [IPAddress] = []
        for item in try items("addresses") {
            let address = try item.address()
            guard address.family == family else { throw item.error("expected an address of the slice's addressType") }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw error("expected at least one address") }
        return EndpointSlice.Endpoint(
            addresses: addresses,
            hostname: try member("hostname")?.string(NameRules.label, where: NameRules.isLabel),
            // A condition that is not known counts as true, as the API says.
            isReady: try member("conditions")?.member("ready")?.bool() ?? true
        )
    }

    private func endpointPort() throws(ManifestError) -> EndpointSlice.Port {
        let name = try member("name")?.string(NameRules.label) { $0.isEmpty || NameRules.isLabel($0) }
        return EndpointSlice.Port(
            name: name ?? "",
            transport: try transport(),
            number: try member("port")?.port()
        )
    }
}
