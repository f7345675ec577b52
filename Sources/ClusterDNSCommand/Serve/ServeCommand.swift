internal import ArgumentParser
internal import ClusterDNS
internal import DNSTransport
internal import LocalCluster

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer as the DNS of a cluster with these manifests.",
        usage: "cluster-dns serve <manifest> ... [<options>]",
        discussion: """
            A MANIFEST is a file of Kubernetes YAML. Kinds: Namespace, Service, EndpointSlice, Endpoints, Deployment, \
            StatefulSet, ReplicaSet, DaemonSet, Pod and lists of them; others are skipped. Pods and services without an \
            address get one of 127.0.0.0/8.

            The files are read again when they change, within a second. After a mistake what was there is still served. \
            Ctrl-C ends it.
            """
    )

    @Argument(help: ArgumentHelp("The manifests to serve.", valueName: "manifest"))
    var manifests: [String]

    @Option(
        help: ArgumentHelp(
            "Where to listen, with UDP and TCP; port 0 takes a free one. (default: \(ListenAddress()))",
            valueName: "addr[:port]"
        ),
        transform: ListenAddress.init(parsing:)
    )
    var listen: ListenAddress?

    @Option(help: "Where objects go whose manifest names no namespace. (default: default)")
    var namespace: String?

    @Option(help: "The domain that all services of the cluster are in. (default: cluster.local)")
    var clusterDomain: String?

    @Option(
        help: ArgumentHelp("How long answers may be kept, in whole seconds. (default: 5s)", valueName: "duration"),
        transform: TimeToLive.init(parsing:)
    )
    var ttl: TimeToLive?

    @Flag(help: "Print each query.")
    var logQueries = false

    func validate() throws {
        do { _ = try place(variables: [:]) } catch { throw ValidationError(error.message) }
    }

    /// Of the cluster and of its objects. What the options leave open is taken from the environment, as by the other commands.
    private func place(
        variables: [String: String]
    ) throws(ClusterDNSError) -> (namespace: String, clusterDomain: String) {
        var settings = OptionSettings()
        try settings.apply(namespace, to: "namespace", from: "--namespace")
        try settings.apply(clusterDomain, to: "clusterDomain", from: "--cluster-domain")
        for key in ConfigurationKey.all where ["namespace", "clusterDomain"].contains(key.name) {
            guard settings.origins[key.setting] == nil, let text = variables[key.variable], !text.isEmpty else {
                continue
            }
            try settings.apply(text, to: key.name, from: key.variable)
        }
        try settings.configuration.validate { [origins = settings.origins] in origins[$0] ?? $0 }
        return (
            settings.configuration.namespace?.lowercased() ?? "default",
            settings.configuration.clusterDomain?.lowercased() ?? "cluster.local"
        )
    }

    func run() async throws {
        try await Interrupt.ends { try await serve() }
    }

    private func serve() async throws {
        let watch = FileWatch(manifests)
        let (cluster, namespace) = try await start()
        do {
            try await serve(cluster, namespace, watch)
        } catch {
            await cluster.stop()
            throw error
        }
    }

    /// - Returns: the namespace of its own, too.
    private func start() async throws -> (LocalCluster, namespace: String) {
        let listen = listen ?? ListenAddress()
        do {
            let place = try place(variables: SystemFacts.environmentVariables())
            let cluster = try await LocalCluster.start(
                manifests: manifests.map(Manifest.file),
                clusterDomain: place.clusterDomain,
                namespace: place.namespace,
                ttl: (ttl ?? TimeToLive()).duration,
                address: listen.address,
                port: listen.port
            )
            return (cluster, place.namespace)
        } catch let error as ClusterDNSError {
            Console.printError([error.description])
        } catch let error as ManifestError {
            Console.printError([error.description])
        } catch let error as LocalClusterError {
            let advice = error.code == .unavailable ? "; --listen takes another address or port" : ""
            Console.printError([error.message + advice])
        }
        throw ExitCode.failure
    }

    private func serve(_ cluster: LocalCluster, _ namespace: String, _ watch: FileWatch) async throws {
        try await greet(cluster, namespace)
        try await withThrowingTaskGroup { group in
            group.addTask { try await reload(cluster, watch) }
            if logQueries { group.addTask { try await printQueries(to: cluster) } }
            try await group.waitForAll()
        }
    }

    private func greet(_ cluster: LocalCluster, _ namespace: String) async throws {
        let report = await cluster.report
        let place = NameServer(address: cluster.address, port: cluster.port)
        var lines = ["\(cluster.clusterDomain) on \(place), UDP and TCP: \(report.summary)", ""] + report.lines()
        if let example = report.example(in: namespace) {
            let names = cluster.clusterDomain == "cluster.local" ? "" : " --cluster-domain \(cluster.clusterDomain)"
            let own = namespace == "default" || example.contains(".") ? "" : " --namespace \(namespace)"
            lines += ["", "Ask it, from another terminal:"]
            lines += ["  \(Console.command) resolve \(example) --server \(place)\(own)\(names)"]
        }
        await Console.printError(cluster.notes)
        try tell(lines)
    }

    /// Those who ask are served whether somebody reads what is printed or not.
    private func tell(_ lines: [String]) throws(ExitCode) {
        do { try Console.print(lines) } catch ExitCode.success {}
    }

    // MARK: While it runs

    private func reload(_ cluster: LocalCluster, _ watch: FileWatch) async throws {
        var watch = watch
        var report = await cluster.report
        while true {
            try await Task.sleep(for: watch.interval)
            guard watch.look() else { continue }
            do {
                try await cluster.reload(manifests.map(Manifest.file))
            } catch {
                Console.printError(["not reloaded, serving as before: \(error)"])
                continue
            }
            await Console.printError(cluster.notes)
            let now = await cluster.report
            try tell(
                now == report
                    ? ["", "reloaded, nothing is different"] : ["", "reloaded: \(now.summary)", ""] + now.lines()
            )
            report = now
        }
    }

    private func printQueries(to cluster: LocalCluster) async throws {
        let log = QueryLog()
        cluster.onQuery { log.add($0) }
        for await line in log.lines {
            try tell([line])
            let dropped = log.takeDropped()
            if dropped > 0 {
                Console.printError(["\(counted(dropped, "query", "queries")) came too fast to be printed"])
            }
        }
        try Task.checkCancellation()
    }
}

/// `--ttl`
struct TimeToLive: Hashable, Sendable {
    var duration = Duration.seconds(5)

    init() {}

    init(parsing text: String) throws(ValidationError) {
        do { duration = try Duration(text: text) } catch { throw ValidationError(error.description) }
        guard duration.components.attoseconds == 0, duration <= .seconds(86_400) else {
            throw ValidationError("a TTL is from 0s to 24h, in whole seconds (RFC 1035)")
        }
    }
}
