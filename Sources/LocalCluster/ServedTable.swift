public import ClusterDNS

extension LocalCluster {
    /// A service as the cluster serves it.
    public struct ServiceRow: Hashable, Sendable {
        public struct Port: Hashable, Sendable, CustomStringConvertible {
            /// Empty for a port without a name.
            public var name: String
            public var transport: PortProtocol
            public var number: UInt16

            /// `http 80/TCP`
            public var description: String {
                let port = "\(number)/\(transport.rawValue.uppercased())"
                return name.isEmpty ? port : "\(name) \(port)"
            }
        }

        public var name: String
        public var namespace: String
        /// The absolute name, with its last dot.
        public var dnsName: String
        /// `ClusterIP`, `Headless` or `ExternalName`.
        public var type: String
        /// The addresses that the name has: the service's own, or those of its ready endpoints.
        public var addresses: [IPAddress]
        public var ports: [Port]
        /// The addresses of its endpoints: those that are ready, or all where the service publishes them.
        public var endpoints: [IPAddress]
        /// What the name is an alias of.
        public var externalName: String?
    }

    /// A pod of the cluster.
    public struct PodRow: Hashable, Sendable {
        public var name: String
        public var namespace: String
        /// Its first address in the manifest, or else its IPv4 address.
        public var address: IPAddress
        public var isReady: Bool
    }

    /// The services, by namespace and name.
    public var services: [ServiceRow] {
        let index = EndpointIndex(state)
        return state.services.values.sorted { ($0.name) < ($1.name) }.map { service in
            let endpoints = index.endpoints(of: service).flatMap(\.addresses).map(\.address).withoutDuplicates()
            let own = state.addresses(of: service)
            return ServiceRow(
                name: service.name.name,
                namespace: service.name.namespace,
                dnsName: service.owner(in: settings.domain)?.description ?? "",
                type: service.kind.title,
                addresses: service.kind == .headless ? endpoints : own,
                ports: service.ports.map {
                    ServiceRow.Port(name: $0.name, transport: $0.transport, number: $0.number)
                },
                endpoints: endpoints,
                externalName: service.kind.alias
            )
        }
    }

    /// The pods that run.
    public var pods: [PodRow] {
        state.runningPods.compactMap { pod in
            state.address(pod.givenAddresses.first?.family ?? .ipv4, of: pod).map { address in
                PodRow(
                    name: pod.name.name,
                    namespace: pod.name.namespace,
                    address: address,
                    isReady: pod.isReady
                )
            }
        }
    }
}

extension Service.Kind {
    fileprivate var title: String {
        switch self {
        case .clusterIP: "ClusterIP"
        case .headless: "Headless"
        case .externalName: "ExternalName"
        }
    }

    fileprivate var alias: String? {
        if case .externalName(let name) = self { name } else { nil }
    }
}
