public import ClusterDNS

/// Cluster DNS without a cluster: a name server that answers as Kubernetes' DNS does, from manifests.
///
/// ```swift
/// let cluster = try await LocalCluster.start(manifests: [.file("k8s.yaml")])
/// let resolver = try ClusterResolver(cluster.configuration)
/// try await cluster.scale("service-b", to: 5)
/// await cluster.stop()
/// ```
///
/// It answers over UDP and TCP as the Kubernetes DNS specification 1.1.0 asks, and as CoreDNS does where that leaves
/// something open. Names outside the cluster are refused. Changes show in the next answer.
///
/// Pods and services have the addresses that their manifests give. Those without get stable ones that depend on their
/// names alone: services in 127.96.0.0/16, pods in 127.244.0.0/16, which processes on Linux can listen on. Where a
/// service asks for IPv6, it gets addresses in fd00:127:96::/48 and its pods in fd00:127:244::/48; a Linux machine
/// answers to those after `ip -6 route add local fd00:127::/32 dev lo`.
///
/// Where a name of an object is asked for, `service-b` is in the cluster's default namespace and `service-b.payments` in
/// the namespace `payments`. The pods of a Deployment are numbered as those of a StatefulSet: `service-b-0`.
public actor LocalCluster {
    /// Where the name server listens.
    public nonisolated let address: IPAddress
    /// The UDP and the TCP port.
    public nonisolated let port: UInt16
    /// The domain whose names are answered, without a last dot: `cluster.local`.
    public nonisolated let clusterDomain: String
    /// Where objects go whose manifests name no namespace.
    public nonisolated let namespace: String
    /// What was skipped in the manifests applied last, and service ports that no pod has, one line each.
    public private(set) var notes: [String]

    let settings: Zone.Settings
    private let seed: UInt64
    private let responder: Responder
    private let server: DNSServer
    private(set) var state: ClusterState
    /// That of the zone: another one whenever something is different.
    package private(set) var serial: UInt32 = 1
    private var isStopped = false

    /// Starts a cluster.
    ///
    /// - Parameters:
    ///   - manifests: What it holds. Later objects replace earlier ones of the same kind and name.
    ///   - clusterDomain: The domain whose names are answered.
    ///   - namespace: Where objects go whose manifests name no namespace.
    ///   - ttl: How long answers may be kept, and the minimum of the zone's SOA; in whole seconds, a part of one is cut.
    ///   - address: Where to listen.
    ///   - port: The UDP and TCP port; 0 takes a free one.
    ///   - externalNames: Names outside the cluster and their addresses, answered as a forwarding name server would.
    ///   - faults: What goes wrong, see ``Fault``.
    ///   - seed: Of the order of addresses and of the faults.
    /// - Throws: ``ManifestError``, or ``LocalClusterError`` where the port is taken, a name breaks a rule, or the objects
    ///   do not fit together.
    public static func start(
        manifests: [Manifest] = [],
        clusterDomain: String = "cluster.local",
        namespace: String = "default",
        ttl: Duration = .seconds(5),
        address: IPAddress = IPAddress(ipv4: 0x7F00_0001),
        port: UInt16 = 0,
        externalNames: [String: [IPAddress]] = [:],
        faults: [Fault] = [],
        seed: UInt64 = 0
    ) async throws -> LocalCluster {
        guard NameRules.isSubdomain(clusterDomain), let domain = DomainName(clusterDomain) else {
            throw LocalClusterError(.invalidName, "cluster domain \(clusterDomain): expected \(NameRules.subdomain)")
        }
        guard NameRules.isLabel(namespace) else {
            throw LocalClusterError(.invalidName, "namespace \(namespace): expected \(NameRules.label)")
        }
        let names = LocalNames(domain: domain, namespace: namespace)
        let contents = try await ManifestContents(manifests, namespace: namespace)
        let state = try ClusterState().applying([.namespace(namespace)] + contents.objects)
        let notes = contents.notes + EndpointIndex(state).notes
        let settings = Zone.Settings(
            domain: domain,
            ttl: UInt32(clamping: min(max(0, ttl.components.seconds), 0x7FFF_FFFF)),
            externalNames: try names.absolute(externalNames)
        )
        let plan = try FaultPlan(faults, seed: seed, expand: names.absolute)
        let responder = Responder(Zone(state, settings: settings, serial: 1), plan, seed: seed)
        let server = try await DNSServer.start(address, port: port, responder)
        let cluster = LocalCluster(names, settings, seed, state, notes, responder, server, address)
        do { if plan.refusesTCP { try await server.setRefusesTCP(true) } } catch {
            await cluster.stop()
            throw error
        }
        return cluster
    }

    /// Runs `body` with a cluster that is stopped when it ends. It listens on a free port of 127.0.0.1; the other parameters
    /// are those of ``start(manifests:clusterDomain:namespace:ttl:address:port:externalNames:faults:seed:)``.
    ///
    /// - Throws: what that throws, and what `body` does.
    public static func with<Result>(
        manifests: [Manifest] = [],
        clusterDomain: String = "cluster.local",
        namespace: String = "default",
        ttl: Duration = .seconds(5),
        externalNames: [String: [IPAddress]] = [:],
        faults: [Fault] = [],
        seed: UInt64 = 0,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (LocalCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = try await start(
            manifests: manifests,
            clusterDomain: clusterDomain,
            namespace: namespace,
            ttl: ttl,
            externalNames: externalNames,
            faults: faults,
            seed: seed
        )
        do {
            let result = try await body(cluster)
            await cluster.stop()
            return result
        } catch {
            await cluster.stop()
            throw error
        }
    }

    private init(
        _ names: LocalNames,
        _ settings: Zone.Settings,
        _ seed: UInt64,
        _ state: ClusterState,
        _ notes: [String],
        _ responder: Responder,
        _ server: DNSServer,
        _ address: IPAddress
    ) {
        self.address = address
        self.port = server.port
        self.clusterDomain = names.domain.withoutLastDot
        self.namespace = names.namespace
        self.notes = notes
        self.settings = settings
        self.seed = seed
        self.state = state
        self.responder = responder
        self.server = server
    }

    deinit {
        if !isStopped { server.stopInBackground() }
    }

    /// Stops answering, and ends the server's thread and sockets. Nothing happens the second time.
    public func stop() async {
        isStopped = true
        await server.stop()
    }

    private nonisolated var names: LocalNames { LocalNames(domain: settings.domain, namespace: namespace) }

    private func change(to next: ClusterState) throws {
        guard !isStopped else { throw LocalClusterError(.stopped, "the cluster was stopped") }
        guard next != state else { return }
        state = next
        serial &+= 1
        responder.serve(Zone(next, settings: settings, serial: serial))
    }
}

extension LocalCluster {
    /// Adds the objects of manifests, each in place of the one of its kind and name, as `kubectl apply` does. All or
    /// nothing.
    ///
    /// - Throws: ``ManifestError``, or ``LocalClusterError`` with the codes `conflict` and `outOfBounds` where the objects do
    ///   not fit together, and `stopped`.
    public func apply(_ manifests: Manifest...) async throws {
        try await apply(manifests)
    }

    /// The same for an array.
    ///
    /// - Throws: as that.
    public func apply(_ manifests: [Manifest]) async throws {
        let contents = try await ManifestContents(manifests, namespace: namespace)
        try change(to: state.applying(contents.objects))
        notes = contents.notes + EndpointIndex(state).notes
    }

    /// Makes the objects of manifests all that the cluster holds, as when the files were edited that it was started
    /// with. Addresses stay. All or nothing.
    ///
    /// - Throws: as ``apply(_:)-(Manifest...)``.
    public func reload(_ manifests: [Manifest]) async throws {
        let contents = try await ManifestContents(manifests, namespace: namespace)
        try change(to: state.replacing(with: [.namespace(namespace)] + contents.objects))
        notes = contents.notes + EndpointIndex(state).notes
    }

    /// Changes the number of a workload's pods.
    ///
    /// - Parameters:
    ///   - name: Of a workload, or of a service in front of exactly one; `name.namespace` for one in another namespace.
    ///   - replicas: How many pods there are to be: 0 to 10 000, and 20 000 of all workloads together.
    /// - Throws: ``LocalClusterError`` with the codes `notFound`, `conflict` if several match or a new pod's
    ///   name is taken, `outOfBounds`, `invalidName` and `stopped`.
    public func scale(_ name: String, to replicas: Int) throws {
        try change(to: state.scaling(names.object(name), to: replicas))
    }

    /// Makes a pod ready, or not ready.
    ///
    /// - Throws: ``LocalClusterError`` with the codes `notFound`, `invalidName` and `stopped`.
    public func setReady(_ isReady: Bool, pod name: String) throws {
        try change(to: state.settingReady(isReady, pod: names.object(name)))
    }

    /// Deletes a service; its pods stay.
    ///
    /// - Throws: ``LocalClusterError`` with the codes `notFound`, `invalidName` and `stopped`.
    public func delete(service name: String) throws {
        try change(to: state.deleting(service: names.object(name)))
    }

    /// Puts another plan in place of the faults in force.
    ///
    /// - Throws: ``LocalClusterError`` with the codes `invalidName`, `outOfBounds` for a fault whose numbers are out of range or that
    ///   its transport does not allow, `stopped`, and `unavailable` where the TCP port could not be listened on again.
    public func setFaults(_ faults: [Fault]) async throws {
        guard !isStopped else { throw LocalClusterError(.stopped, "the cluster was stopped") }
        let plan = try FaultPlan(faults, seed: seed, expand: names.absolute)
        try await server.setRefusesTCP(plan.refusesTCP)
        responder.setFaults(plan)
    }
}

extension LocalCluster {
    /// The settings of a resolver that asks this cluster, as a pod in its default namespace would.
    public nonisolated var configuration: ResolverConfiguration {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [NameServer(address: address, port: port)]
        configuration.clusterDomain = clusterDomain
        configuration.namespace = namespace
        return configuration
    }

    /// How many queries came for a name, of one type or of all. They are counted for up to 65 536 names and types.
    ///
    /// - Parameters:
    ///   - name: of a service (`service-b`, `service-b.payments`), or an absolute name: of three labels or more, or with a
    ///     dot at its end.
    ///   - type: The type counted; all, if `nil`.
    /// - Throws: ``LocalClusterError`` with the code `invalidName`.
    public nonisolated func queryCount(for name: String, type: QueryType? = nil) throws -> Int {
        responder.count(try names.absolute(name), type)
    }

    /// How many queries came.
    public nonisolated var queryCount: Int { responder.total }

    /// Begins counting anew.
    public nonisolated func resetQueryCounts() {
        responder.resetCounts()
    }

    /// Calls `body`, in place of an earlier one, with every query of class IN from now on, on the server's thread: it must
    /// not block. `nil` ends it.
    public nonisolated func onQuery(_ body: (@Sendable (Query) -> Void)?) {
        responder.setLog(body)
    }
}
