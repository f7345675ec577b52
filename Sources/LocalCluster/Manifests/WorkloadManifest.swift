import ClusterDNS

extension Field {
    /// Pods of one workload.
    static let maximumReplicas = 10_000

    /// A Deployment, StatefulSet, ReplicaSet or DaemonSet (apps/v1).
    func workload(_ kind: Workload.Kind, defaultNamespace: String) throws(ManifestError) -> Workload {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: kind != .statefulSet)
        let spec = try required("spec", "an object")
        var template = try spec.required("template", "a pod template").podTemplate()
        let selector = try spec.required("selector", "the labels of the pods")
        let labels = try selector.member("matchLabels")?.strings() ?? [:]
        if let missing = labels.keys.sorted().first(where: { template.labels[$0] != labels[$0] }) {
            throw selector.error("expected spec.template.metadata.labels to match, \(missing) differs")
        }
        var firstOrdinal = 0
        if kind == .statefulSet {
            template.subdomain = try spec.optional("serviceName")?.string(NameRules.label, where: NameRules.isLabel)
            let start = try spec.member("ordinals")?.member("start")
            firstOrdinal = try start?.integer(in: 0...1_000_000) ?? 0
        }
        let replicas = kind == .daemonSet ? nil : try spec.member("replicas")?.integer(in: 0...Self.maximumReplicas)
        return Workload(
            key: Workload.Key(kind: kind, name: name),
            replicas: replicas ?? 1,
            template: template,
            firstOrdinal: firstOrdinal,
            controller: try controller(in: name.namespace)
        )
    }

    /// The workload that an object says it was made by.
    private func controller(in namespace: String) throws(ManifestError) -> Workload.Key? {
        for owner in try member("metadata")?.items("ownerReferences") ?? [] {
            guard try owner.member("controller")?.bool() ?? false,
                let kind = Workload.Kind(rawValue: try owner.required("kind", "a kind").string())
            else { continue }
            let name = try owner.required("name", "a name").string()
            return Workload.Key(kind: kind, name: ObjectName(name: name, namespace: namespace))
        }
        return nil
    }

    /// A Pod (core/v1), with the addresses and the condition of its status, if it has one.
    func pod(defaultNamespace: String) throws(ManifestError) -> Pod {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: true)
        let status = try member("status")
        let isPending = try status?.optional("phase")?.string() == "Pending"
        let isTerminating = try member("metadata")?.member("deletionTimestamp") != nil
        return Pod(
            name: name,
            template: try podTemplate(),
            addresses: try status?.podAddresses() ?? [],
            isReady: isPending || isTerminating ? false : try status?.isReady() ?? true,
            controller: try controller(in: name.namespace)
        )
    }

    /// Why a pod is no endpoint of anything; `nil` for one that may be.
    func reasonToSkipPod() throws(ManifestError) -> String? {
        let status = try member("status")
        switch try status?.optional("phase")?.string() {
        case "Succeeded", "Failed": return "it has ended"
        case "Pending": return try status?.podAddresses().isEmpty == true ? "it has no address yet" : nil
        default: return nil
        }
    }

    private func podAddresses() throws(ManifestError) -> [IPAddress] {
        var addresses: [IPAddress] = []
        for item in try items("podIPs") { addresses.append(try item.required("ip", "an address").address()) }
        if addresses.isEmpty, let address = try optional("podIP")?.address() { addresses = [address] }
        return addresses
    }

    private func isReady() throws(ManifestError) -> Bool {
        for condition in try items("conditions") where try condition.member("type")?.string() == "Ready" {
            return try condition.member("status")?.string() == "True"
        }
        return true
    }

    /// `metadata.labels` and `spec` of a pod or of the template for pods.
    private func podTemplate() throws(ManifestError) -> PodTemplate {
        let spec = try required("spec", "an object")
        var ports: [PodTemplate.ContainerPort] = []
        for container in try spec.items("containers") + sidecars(of: spec) {
            for port in try container.items("ports") {
                let number = try port.required("containerPort", "a number from 1 to 65535").port()
                guard let name = try port.optional("name")?.string(NameRules.portName, where: NameRules.isPortName)
                else { continue }
                ports.append(
                    PodTemplate.ContainerPort(name: name, transport: try port.transport(), number: number)
                )
            }
        }
        return PodTemplate(
            labels: try member("metadata")?.member("labels")?.strings() ?? [:],
            hostname: try spec.optional("hostname")?.string(NameRules.label, where: NameRules.isLabel),
            subdomain: try spec.optional("subdomain")?.string(NameRules.label, where: NameRules.isLabel),
            ports: ports
        )
    }

    /// The init containers that go on running beside the others.
    private func sidecars(of spec: Field) throws(ManifestError) -> [Field] {
        var sidecars: [Field] = []
        for container in try spec.items("initContainers") {
            if try container.optional("restartPolicy")?.string() == "Always" { sidecars.append(container) }
        }
        return sidecars
    }

    private static let serviceLabel = "kubernetes.io/service-name"

    private func label(_ name: String) throws(ManifestError) -> Field? {
        try member("metadata")?.member("labels")?.member(name)
    }

    /// Whether an EndpointSlice says whose it is: it need not.
    func isOfService() throws(ManifestError) -> Bool { try label(Self.serviceLabel) != nil }

    /// Whether Kubernetes makes EndpointSlices of this Endpoints object.
    func isMirrored() throws(ManifestError) -> Bool {
        let leader = "control-plane.alpha.kubernetes.io/leader"
        guard try member("metadata")?.member("annotations")?.member(leader) == nil else { return false }
        return try label("endpointslice.kubernetes.io/skip-mirror")?.string() != "true"
    }

    /// An EndpointSlice (discovery.k8s.io/v1); `nil` for one of domain names.
    func endpointSlice(defaultNamespace: String) throws(ManifestError) -> EndpointSlice? {
        let name = try objectName(defaultNamespace: defaultNamespace, mayHaveDots: true)
        let type: AddressType = try required("addressType", "IPv4 or IPv6").choice()
        guard type != .domainName else { return nil }
        let family: IPAddress.Family = type == .ipv4 ? .ipv4 : .ipv6
        let labels = try required("metadata", "an object").required("labels", "the label \(Self.serviceLabel)")
        let origin: EndpointSlice.Origin? =
            switch try label("endpointslice.kubernetes.io/managed-by")?.string() {
            case "endpointslice-controller.k8s.io": .pods
            case "endpointslicemirroring-controller.k8s.io": .endpoints
            default: nil
            }
        var endpoints: [EndpointSlice.Endpoint] = []
        for item in try items("endpoints") { endpoints.append(try item.endpoint(family)) }
        return EndpointSlice(
            name: name,
            service: try labels.required(Self.serviceLabel, "the name of a service").string(),
            origin: origin,
            endpoints: endpoints,
            ports: try endpointPorts()
        )
    }

    /// Endpoints (core/v1): a slice for each family of each subset.
    func endpoints(defaultNamespace: String) throws(ManifestError) -> Endpoints {
        let name = try objectName(defaultNamespace: defaultNamespace)
        var slices: [EndpointSlice] = []
        for subset in try items("subsets") {
            var endpoints: [EndpointSlice.Endpoint] = []
            for (list, isReady) in [("addresses", true), ("notReadyAddresses", false)] {
                for item in try subset.items(list) {
                    endpoints.append(
                        EndpointSlice.Endpoint(
                            addresses: [try item.required("ip", "an address").address()],
                            hostname: try item.optional("hostname")?.string(NameRules.label, where: NameRules.isLabel),
                            isReady: isReady
                        )
                    )
                }
            }
            let ports = try subset.endpointPorts()
            for family in IPAddress.Family.allCases {
                let endpoints = endpoints.filter { $0.addresses[0].family == family }
                slices.append(EndpointSlice(name: name, service: name.name, endpoints: endpoints, ports: ports))
            }
        }
        return Endpoints(name: name, slices: slices)
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
            hostname: try optional("hostname")?.string(NameRules.label, where: NameRules.isLabel),
            // A condition that is not known counts as true, as the API says.
            isReady: try member("conditions")?.member("ready")?.bool() ?? true
        )
    }

    /// The ports of a slice, or of a subset of Endpoints.
    private func endpointPorts() throws(ManifestError) -> [EndpointSlice.Port] {
        var ports: [EndpointSlice.Port] = []
        for item in try items("ports") { ports.append(try item.endpointPort()) }
        return ports
    }

    private func endpointPort() throws(ManifestError) -> EndpointSlice.Port {
        let name = try optional("name")?.string(NameRules.label, where: NameRules.isLabel)
        return EndpointSlice.Port(
            name: name ?? "",
            transport: try transport(),
            number: try member("port")?.port()
        )
    }
}
