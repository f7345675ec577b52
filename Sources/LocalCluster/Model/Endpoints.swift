import ClusterDNS

/// Endpoints that have the same ports, as an EndpointSlice holds them.
struct EndpointGroup: Hashable, Sendable {
    struct Address: Hashable, Sendable {
        var address: IPAddress
        var hostname: String?
    }

    var addresses: [Address]
    var ports: [EndpointSlice.Port]
}

extension Service {
    /// The addresses that the manifest gives.
    var givenAddresses: [IPAddress] {
        if case .clusterIP(let addresses) = kind { addresses } else { [] }
    }

    /// Whether pods of the template are behind the service.
    func selects(_ template: PodTemplate, in namespace: String) -> Bool {
        !selector.isEmpty && namespace == name.namespace && selector.allSatisfy { template.labels[$0.key] == $0.value }
    }

    /// The service's ports as the pods of the template have them; a port by a name that they do not have is left out.
    func targetPorts(of template: PodTemplate) -> [EndpointSlice.Port] {
        ports.compactMap { port in
            port.number(of: template).map {
                EndpointSlice.Port(name: port.name, transport: port.transport, number: $0)
            }
        }
    }
}

extension Service.Port {
    /// The number of the port that it leads to in pods of the template; `nil` if they have none of that name.
    fileprivate func number(of template: PodTemplate) -> UInt16? {
        switch target {
        case .number(let number): number
        case .name(let name): template.ports.first { $0.name == name && $0.transport == transport }?.number
        }
    }
}

/// Finds the endpoints of a state's services, without a look at each pod and slice for each of them.
struct EndpointIndex {
    private struct Label: Hashable {
        var namespace: String
        var name: String
        var value: String
    }

    private let state: ClusterState
    private let pods: [Label: [RunningPod]]
    /// By the service that they are of.
    private let slices: [ObjectName: [EndpointSlice]]

    init(_ state: ClusterState) {
        var pods: [Label: [RunningPod]] = [:]
        for pod in state.runningPods {
            for (name, value) in pod.template.labels {
                pods[Label(namespace: pod.name.namespace, name: name, value: value), default: []].append(pod)
            }
        }
        self.state = state
        self.pods = pods
        self.slices = Dictionary(grouping: state.endpointSlices.values.sorted { $0.name < $1.name }) { slice in
            ObjectName(name: slice.service, namespace: slice.name.namespace)
        }
    }

    /// The ready endpoints of a service: from the pods that it selects, from the EndpointSlices of its name, and if it selects
    /// none from the Endpoints of its name, which Kubernetes mirrors to slices. Of slices that Kubernetes has made those are
    /// left out that it would make of what is here, too.
    func endpoints(of service: Service) -> [EndpointGroup] {
        let pods = pods(of: service)
        let mirrored = service.selector.isEmpty && !service.isExternalName ? state.endpoints[service.name] : nil
        var groups: [EndpointGroup] = []
        for family in service.families {
            for pod in pods where pod.isReady || service.publishNotReadyAddresses {
                guard let address = state.address(family, of: pod) else { continue }
                let isNamed = pod.template.subdomain == service.name.name
                groups.add(
                    EndpointGroup.Address(address: address, hostname: isNamed ? pod.template.hostname : nil),
                    service.targetPorts(of: pod.template),
                    family
                )
            }
        }
        let slices = slices[service.name, default: []].filter { slice in
            switch slice.origin {
            case .pods: pods.isEmpty && !isOfWorkload(service)
            case .endpoints: mirrored == nil
            case nil: true
            }
        }
        return groups + (slices + (mirrored?.slices ?? [])).map(\.group)
    }

    /// What a service has that leads nowhere: ports by a name that none of its pods has, one line each.
    var notes: [String] {
        state.services.values.sorted { $0.name < $1.name }.flatMap { service in
            let hasNames = service.ports.contains { if case .name = $0.target { true } else { false } }
            let pods = hasNames ? pods(of: service) : []
            return service.ports.compactMap { port -> String? in
                guard case .name(let target) = port.target, !pods.isEmpty,
                    pods.allSatisfy({ port.number(of: $0.template) == nil })
                else { return nil }
                return "service \(service.name): none of its pods has the port "
                    + "\(target)/\(port.transport.rawValue.uppercased()) that port \(port.number) leads to"
            }
        }
    }

    /// Whether the service selects pods of a workload, be it one that has none just now.
    private func isOfWorkload(_ service: Service) -> Bool {
        state.workloads.contains { service.selects($0.value.template, in: $0.key.name.namespace) }
    }

    /// Those that a service selects, ready or not. One that is an alias has none.
    private func pods(of service: Service) -> [RunningPod] {
        guard !service.isExternalName else { return [] }
        let groups = service.selector.map { name, value in
            pods[Label(namespace: service.name.namespace, name: name, value: value), default: []]
        }
        let smallest = groups.min { $0.count < $1.count } ?? []
        return smallest.filter { service.selects($0.template, in: $0.name.namespace) }
    }
}

extension Service {
    fileprivate var isExternalName: Bool {
        if case .externalName = kind { true } else { false }
    }
}

extension EndpointSlice {
    fileprivate var group: EndpointGroup {
        let ready = endpoints.filter(\.isReady)
        return EndpointGroup(
            addresses: ready.flatMap { endpoint in
                endpoint.addresses.map { EndpointGroup.Address(address: $0, hostname: endpoint.hostname) }
            },
            ports: ports
        )
    }
}

extension [EndpointGroup] {
    fileprivate mutating func add(
        _ address: EndpointGroup.Address,
        _ ports: [EndpointSlice.Port],
        _ family: IPAddress.Family
    ) {
        let index = firstIndex { $0.ports == ports && $0.addresses.first?.address.family == family }
        if let index {
            self[index].addresses.append(address)
        } else {
            append(EndpointGroup(addresses: [address], ports: ports))
        }
    }
}
