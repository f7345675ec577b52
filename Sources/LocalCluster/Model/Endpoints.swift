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
            let number: UInt16? =
                switch port.target {
                case .number(let number): number
                case .name(let name):
                    template.ports.first { $0.name == name && $0.transport == port.transport }?.number
                }
            return number.map { EndpointSlice.Port(name: port.name, transport: port.transport, number: $0) }
        }
    }
}

extension ClusterState {
    /// The ready endpoints of a service: from the pods that it selects, from the EndpointSlices of its name, and if it selects
    /// none from the Endpoints of its name, which Kubernetes mirrors to slices.
    func endpoints(of service: Service, among running: [RunningPod]) -> [EndpointGroup] {
        var groups: [EndpointGroup] = []
        let pods = running.filter { pod in
            (pod.isReady || service.publishNotReadyAddresses) && service.selects(pod.template, in: pod.name.namespace)
        }
        for family in service.families {
            for pod in pods {
                let isNamed = pod.template.subdomain == service.name.name
                let address = EndpointGroup.Address(
                    address: address(family, of: pod),
                    hostname: isNamed ? pod.template.hostname : nil
                )
                groups.add(address, service.targetPorts(of: pod.template), family)
            }
        }
        let slices = endpointSlices.values.filter {
            $0.service == service.name.name && $0.name.namespace == service.name.namespace
        }
        let mirrored = service.selector.isEmpty ? self.endpoints[service.name]?.slices ?? [] : []
        return groups + (slices.sorted { $0.name < $1.name } + mirrored).map(\.group)
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
