import ClusterDNS

/// All that the cluster holds: the objects of the manifests and what was changed since.
struct ClusterState: Hashable, Sendable {
    /// Pods of all workloads together.
    static let maximumPods = 20_000

    /// At first those that every cluster has.
    private(set) var namespaces: Set<String> = ["default", "kube-node-lease", "kube-public", "kube-system"]
    private(set) var services: [ObjectName: Service] = [:]
    private(set) var endpointSlices: [ObjectName: EndpointSlice] = [:]
    private(set) var endpoints: [ObjectName: Endpoints] = [:]
    private(set) var workloads: [Workload.Key: Workload] = [:]
    private(set) var pods: [ObjectName: Pod] = [:]
    /// The pods that were said not to be ready.
    private(set) var unready: Set<ObjectName> = []
    private var book = AddressBook()

    /// The state with the objects added, each in place of the one of its kind and name.
    func applying(_ objects: [ClusterObject]) throws(LocalClusterError) -> ClusterState {
        var next = self
        objects.forEach { next.insert($0, earlier: pods) }
        try next.settle()
        return next
    }

    /// The state with these objects and no others. Addresses stay the same, and so do pods that are not ready.
    func replacing(with objects: [ClusterObject]) throws(LocalClusterError) -> ClusterState {
        var next = ClusterState()
        next.book = book
        next.unready = unready
        objects.forEach { next.insert($0, earlier: pods) }
        try next.settle()
        return next
    }

    /// The state with another number of pods of the workload, or of the only workload behind the service, of that name.
    func scaling(_ name: ObjectName, to replicas: Int) throws(LocalClusterError) -> ClusterState {
        guard (0...Field.maximumReplicas).contains(replicas) else {
            throw LocalClusterError(.outOfBounds, "expected 0 to \(Field.maximumReplicas) replicas, not \(replicas)")
        }
        var next = self
        next.workloads[try workload(of: name)]?.replicas = replicas
        try next.settle()
        return next
    }

    func settingReady(_ isReady: Bool, pod name: ObjectName) throws(LocalClusterError) -> ClusterState {
        guard runningPods.contains(where: { $0.name == name }) else {
            throw LocalClusterError(.notFound, "no pod \(name.name) in namespace \(name.namespace)")
        }
        var next = self
        if isReady { next.unready.remove(name) } else { next.unready.insert(name) }
        return next
    }

    func deleting(service name: ObjectName) throws(LocalClusterError) -> ClusterState {
        var next = self
        guard next.services.removeValue(forKey: name) != nil else {
            throw LocalClusterError(.notFound, "no service \(name.name) in namespace \(name.namespace)")
        }
        return next
    }

    /// - Parameter earlier: the pods of manifests that were there before.
    private mutating func insert(_ object: ClusterObject, earlier: [ObjectName: Pod]) {
        switch object {
        case .namespace(let name):
            namespaces.insert(name)
        case .service(let service):
            services[service.name] = service
            namespaces.insert(service.name.namespace)
        case .endpointSlice(let slice):
            endpointSlices[slice.name] = slice
            namespaces.insert(slice.name.namespace)
        case .endpoints(let endpoints):
            self.endpoints[endpoints.name] = endpoints
            namespaces.insert(endpoints.name.namespace)
        case .workload(let workload):
            workloads[workload.key] = workload
            namespaces.insert(workload.key.name.namespace)
        case .pod(let pod):
            pods[pod.name] = pod
            namespaces.insert(pod.name.namespace)
            // A manifest counts where it says something new; else what was said since.
            guard pod.isReady != earlier[pod.name]?.isReady ?? true else { return }
            if pod.isReady { unready.remove(pod.name) } else { unready.insert(pod.name) }
        }
    }

    /// Checks what only all objects together can break, and gives addresses to those that have none.
    private mutating func settle() throws(LocalClusterError) {
        guard workloads.values.reduce(pods.count, { $0 + $1.replicas }) <= Self.maximumPods else {
            throw LocalClusterError(.outOfBounds, "expected at most \(Self.maximumPods) pods in all")
        }
        let running = runningPods
        var names: Set<ObjectName> = []
        if let double = running.first(where: { !names.insert($0.name).inserted }) {
            let message = "two pods would be named \(double.name.name) in namespace \(double.name.namespace)"
            throw LocalClusterError(.conflict, message)
        }
        unready.formIntersection(names)
        let given = services.values.flatMap(\.givenAddresses) + pods.values.flatMap(\.addresses)
        let keys =
            services.keys.map { AddressBook.Key(range: .services, name: $0) }
            + names.map { AddressBook.Key(range: .pods, name: $0) }
        book.assign(keys, avoiding: Set(given))
    }

    private func workload(of name: ObjectName) throws(LocalClusterError) -> Workload.Key {
        var found = workloads.keys.filter { $0.name == name }
        if found.isEmpty, let service = services[name], !service.selector.isEmpty {
            found = workloads.values.filter { service.selects($0.template, in: $0.key.name.namespace) }.map(\.key)
        }
        guard let key = found.first else {
            let message = "no workload \(name.name) in namespace \(name.namespace), and no service in front of one"
            throw LocalClusterError(.notFound, message)
        }
        guard found.count == 1 else {
            let names = found.map { "\($0.kind.rawValue) \($0.name.name)" }.sorted().joined(separator: ", ")
            throw LocalClusterError(.conflict, "\(name) is more than one workload: \(names)")
        }
        return key
    }
}

extension ClusterState {
    /// The addresses of a service: those of its manifest, and ours for the families that it asks for beside them.
    /// None for a service that is not reached by an address of its own.
    func addresses(of service: Service) -> [IPAddress] {
        guard case .clusterIP(let given) = service.kind else { return [] }
        return addresses(given, service.families, AddressBook.Key(range: .services, name: service.name))
    }

    /// The pod's address of a family: ours, or as its manifest says, which may have none of that family.
    func address(_ family: IPAddress.Family, of pod: RunningPod) -> IPAddress? {
        pod.givenAddresses.isEmpty
            ? book.address(family, of: AddressBook.Key(range: .pods, name: pod.name))
            : pod.givenAddresses.first { $0.family == family }
    }

    private func addresses(
        _ given: [IPAddress],
        _ families: [IPAddress.Family],
        _ key: AddressBook.Key
    ) -> [IPAddress] {
        families.map { family in given.first { $0.family == family } ?? book.address(family, of: key) }
    }
}
