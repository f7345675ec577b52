internal import ClusterDNS
internal import LocalCluster

/// A cluster's DNS, a resolver that asks it, and what a service does with that, step by step.
struct Demo {
    /// The TTL of the answers, and how often a live handle asks at most: short, for those who watch.
    private static let pace = Duration.seconds(1)

    private let cluster: LocalCluster
    private let resolver: ClusterResolver
    /// Asks what glibc would ask, apart from the resolver, whose cache and count it leaves alone.
    private let glibc: ClusterResolver
    private let page: Page

    static func run(on page: Page) async throws {
        try await LocalCluster.with(
            manifests: DemoManifests.manifests,
            ttl: pace,
            externalNames: ["api.example.com": [IPAddress(ipv4: 0xCB00_710A)]]
        ) { cluster in
            let resolvers = try (makeResolver(cluster), makeResolver(cluster))
            try await Demo(cluster: cluster, resolver: resolvers.0, glibc: resolvers.1, page: page).run()
        }
    }

    /// Asks the cluster alone: without this machine's hosts file, and without what is set for other resolvers.
    private static func makeResolver(_ cluster: LocalCluster) throws -> ClusterResolver {
        var configuration = cluster.configuration
        configuration.families = .any
        configuration.cache.handleRefreshFloor = pace
        let environment = try ResolvedEnvironment(
            configuration: configuration,
            variables: [:],
            hasFamily: [],
            read: { _ in nil }
        )
        return try ClusterResolver(environment: environment)
    }

    private func run() async throws {
        try await introduce()
        try await findByName()
        try await findPorts()
        try await useCache()
        try await fail()
        try await watch()
        try conclude()
    }

    private func introduce() async throws {
        try page.heading("A cluster's DNS on this machine, and what a service does with it")
        try page.say(
            "A name server on \(cluster.address):\(cluster.port) answers for these services, from manifests like "
                + "those that you deploy:"
        )
        try await page.table(cluster.report.lines(within: Page.tableRoom))
    }

    // MARK: Names and ports

    private func findByName() async throws {
        try page.step("Find a service by its name")
        try page.say(
            """
            We are a pod in the namespace \(cluster.namespace). You write as much of a name as it takes; the library \
            knows the absolute name, and asks for that one.
            """
        )
        try page.code(#"for peer in try await resolver.resolve(NAME, port: 80) { print(peer) }"#)
        var rows = [["NAME", "PRINTED", "QUERIES", "BY GLIBC"]]
        for name in ["service-a", "service-b.payments", "service-b.payments.svc.cluster.local", "partner"] {
            let (set, queries) = try await withQueries { try await resolver.resolve(name, port: 80) }
            rows.append([
                name, set.map(\.description).joined(separator: "\n"), "\(queries)", "\(try await queriesByGlibc(name))",
            ])
        }
        try page.show(table(rows))
        try page.note(
            """
            Queries are A and AAAA. The full name was known from the line above it; partner is an alias for a name \
            outside, api.example.com. glibc's are counted by asking for the names that it tries, with a pod's search \
            list and ndots:5.
            """
        )
    }

    private func findPorts() async throws {
        try page.step("Ask for a port by its name")
        try page.say("The SRV records of a service have its named ports.")
        for (name, port) in [("service-b.payments", "http"), ("worker", "grpc")] {
            try page.code(#"try await resolver.resolve("\#(name)", port: "\#(port)")"#)
            let rows = try await resolver.resolve(name, port: .named(port)).map { endpoint in
                [endpoint.description, endpoint.hostname ?? ""]
            }
            try page.show(table(rows))
        }
        try page.note(
            """
            Behind a ClusterIP that is the service's port, 80, which leads to the pods' 8080. A headless service has \
            nothing in between: these are its pods, each with a name, and their own port.
            """
        )
    }

    // MARK: The cache

    private func useCache() async throws {
        let repetitions = 1000
        try page.step("Ask again: the cache")
        try page.code(#"try await resolver.resolve("worker", port: 9090)"#)
        func look(_ times: Int) async throws -> Duration {
            try await ContinuousClock().measure {
                for _ in 0..<times { _ = try await resolver.resolve("worker", port: 9090) }
            }
        }
        let (first, firstQueries) = try await withQueries { try await look(1) }
        let (second, secondQueries) = try await withQueries { try await look(1) }
        let (more, moreQueries) = try await withQueries { try await look(repetitions) }
        let byGlibc = try await queriesByGlibc("worker")
        try page.show(
            table([
                ["LOOKUP", "TIME", "QUERIES", "BY GLIBC"],
                ["the first", first.inMicroseconds, "\(firstQueries)", "\(byGlibc)"],
                ["the second", second.inMicroseconds, "\(secondQueries)", "\(byGlibc)"],
                [
                    "\(repetitions) more", "\((more / repetitions).inMicroseconds) each", "\(moreQueries)",
                    "\(byGlibc * repetitions)",
                ],
            ])
        )
        try page.note(
            """
            glibc keeps nothing. An answer in use is asked for again in the background before its TTL is over, and an \
            old one is given while DNS does not answer.
            """
        )
    }

    /// What the body gives, and the messages that the resolver sent for it.
    private func withQueries<Result>(_ body: () async throws -> Result) async rethrows -> (Result, queries: Int) {
        let before = resolver.statistics.messagesSent
        let result = try await body()
        return (result, resolver.statistics.messagesSent - before)
    }

    private func queriesByGlibc(_ name: String) async throws -> Int {
        let walk = SearchWalk(name, namespace: cluster.namespace, clusterDomain: cluster.clusterDomain)
        return try await walk.queries { name in
            do {
                _ = try await glibc.resolve(name)
                return true
            } catch let error as ClusterDNSError where error.code == .noSuchService {
                return false
            }
        }
    }

    // MARK: Failures

    private func fail() async throws {
        try page.step("Ask for what is not there")
        try page.say("An error says what was asked for, and what to do.")
        for (code, name, port) in [
            (#"try await resolver.resolve("service-b")"#, "service-b", nil),
            (#"try await resolver.resolve("service-b.payments", port: "grpc")"#, "service-b.payments", "grpc"),
        ] as [(String, String, String?)] {
            try page.code(code)
            do {
                _ = try await resolver.resolve(name, port: port.map { .named($0) })
                throw Unexpected("\(name) was found")
            } catch let error as ClusterDNSError {
                try page.show(error.description.wrapped(at: Page.room))
            }
        }
    }

    // MARK: Changes

    private func watch() async throws {
        try page.step("Hold on to peers that come and go")
        try page.code(
            #"let workers = resolver.peers("worker", port: "grpc")"#,
            #"for try await change in workers.changes { … }"#
        )
        let workers = resolver.peers("worker", port: "grpc")
        var changes = workers.changes.makeAsyncIterator()
        try await show(next(&changes, count: 2))

        for replicas in [4, 1] {
            try page.code("kubectl scale statefulset worker --replicas=\(replicas)")
            let clock = ContinuousClock()
            let start = clock.now
            try await cluster.scale("worker", to: replicas)
            try await show(next(&changes, count: replicas), after: clock.now - start)
            if replicas == 4 { try await choose(from: workers) }
        }
        try page.note(
            """
            The handle is kept fresh in the background: here, for you, once a second (TTL 1 s), elsewhere no more often \
            than every 5 s. When the last handle of a name goes, so does the traffic.
            """
        )
    }

    /// The first change to that many endpoints.
    private func next(
        _ changes: inout PeerChanges.AsyncIterator,
        count: Int
    ) async throws -> PeerChanges.Element {
        while let change = try await changes.next() {
            if change.endpoints.count == count { return change }
        }
        throw Unexpected("the changes ended")
    }

    private func show(_ change: PeerChanges.Element, after time: Duration? = nil) throws {
        let title = counted(change.endpoints.count, "endpoint") + (time.map { ", seen after \($0.inSeconds)" } ?? "")
        try page.show([title] + change.lines)
    }

    private func choose(from workers: Peers) async throws {
        try page.code("try await workers.next()  // one after the other, whoever asks")
        var chosen: [String] = []
        for _ in 0..<6 {
            let endpoint = try await workers.next()
            chosen.append(endpoint.hostname?.prefix { $0 != "." }.description ?? endpoint.description)
        }
        try page.show([chosen.joined(separator: " ")])
    }

    private func conclude() throws {
        let command = Console.command
        try page.step("Try it yourself")
        try page.code("\(command) demo --print-manifests > demo.yaml", "\(command) serve demo.yaml")
        try page.say("And from another terminal, while you edit demo.yaml:")
        try page.code(
            "\(command) resolve service-a --server 127.0.0.1:10053",
            "\(command) watch worker --server 127.0.0.1:10053"
        )
    }
}

/// Why the demo does not show what it is to show.
private struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension PeerChanges.Element {
    /// What was added and removed, one a line.
    fileprivate var lines: [String] {
        table(
            [("+", added), ("-", removed)].flatMap { sign, endpoints in
                endpoints.map { ["\(sign) \($0)", $0.hostname ?? ""] }
            }
        )
    }
}
