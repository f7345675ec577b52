#if Tests
    import AsyncHTTPClient
    import ClusterDNS
    import ClusterDNSHTTPClient
    import Logging
    import LocalCluster
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL
    import ServiceLifecycle
    import Testing

    #if canImport(Darwin)
        import Darwin
    #else
        import Glibc
    #endif

    @Suite("An HTTP client for the cluster's services", .timeLimit(.minutes(2)))
    struct ClusterHTTPClientTests {
        private func get(
            _ url: String,
            _ client: ClusterHTTPClient,
            port: ClusterDNS.Port? = nil,
            timeout: TimeAmount = .seconds(20)
        ) async throws -> String {
            let response = try await client.execute(HTTPClientRequest(url: url), port: port, timeout: timeout)
            return String(buffer: try await response.body.collect(upTo: 1024))
        }

        /// Runs `body` with pods that listen, of a headless service in the namespace `other-ns`.
        private func withPods(
            _ name: String,
            _ count: Int,
            _ body: (LocalCluster, ClusterHTTPClient, [HTTPPod], Int) async throws -> Void
        ) async throws {
            try await withFreePort { port in
                let service = TestService(name, namespace: "other-ns", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: count))]) { cluster in
                    var pods: [HTTPPod] = []
                    for address in await service.addresses(in: cluster) {
                        pods.append(try await HTTPPod.start(address, port: port))
                    }
                    let resolver = try cluster.resolver()
                    let client = ClusterHTTPClient(resolver: resolver)
                    try await body(cluster, client, pods, port)
                    try await client.shutdown()
                    for pod in pods { await pod.stop() }
                    await resolver.shutdown()
                }
            }
        }

        @Test func `takes turns among the pods, by number and by name of the port, with the name as Host`() async throws
        {
            try await withPods("http-echo", 3) { _, client, pods, port in
                for (url, given, host) in [
                    ("http://http-echo.other-ns:\(port)/api/data?q=1", nil, "http-echo.other-ns:\(port)"),
                    ("http://http-echo.other-ns/api/data", "main", "http-echo.other-ns"),
                    ("http://HTTP-Echo.other-ns/api/data", "main", "HTTP-Echo.other-ns"),
                    (
                        "HTTP://http-echo.other-ns.svc.cluster.local./api/data", "main",
                        "http-echo.other-ns.svc.cluster.local"
                    ),
                ] as [(String, ClusterDNS.Port?, String)] {
                    var answers: [String: Int] = [:]
                    for _ in 0..<9 { answers[try await get(url, client, port: given), default: 0] += 1 }
                    #expect(
                        answers
                            == Dictionary(uniqueKeysWithValues: pods.map { ("\($0.address) GET /api/data \(host)", 3) })
                    )
                }
            }
        }

        @Test func `sends the method, the body and the Host that a request has`() async throws {
            try await withPods("http-post", 1) { _, client, pods, port in
                var request = HTTPClientRequest(url: "http://http-post.other-ns:\(port)")
                request.method = .POST
                request.headers.add(name: "host", value: "example.com")
                request.body = .bytes(ByteBuffer(string: " hello"))
                let (response, endpoint) = try await client.executeReportingEndpoint(request, timeout: .seconds(20))
                let text = String(buffer: try await response.body.collect(upTo: 1024))
                #expect(text == "\(pods[0].address) POST / example.com hello")
                #expect(endpoint?.description == "\(pods[0].address):\(port)")
            }
        }

        @Test func `tries the next pod where no connection can be made, and passes over the first after that`()
            async throws
        {
            try await withPods("http-dead", 3) { _, client, pods, port async throws in
                let url = "http://http-dead.other-ns:\(port)/"
                for pod in pods[1...] { await pod.stop() }
                for _ in 0..<6 { #expect(try await get(url, client).hasPrefix(pods[0].address)) }
            }
        }

        @Test func `tries a service with one address again, unless it is told not to`() async throws {
            try await withFreePort { port in
                let service = TestService("http-late", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 1))]) { cluster in
                    let address = try #require(await service.addresses(in: cluster).first)
                    let resolver = try cluster.resolver()
                    let (failures, failed) = AsyncStream.makeStream(of: Void.self)
                    let logger = Logger(label: "test") { _ in LogCounter { failed.yield() } }
                    let request = HTTPClientRequest(url: "http://http-late:\(port)/")

                    var configuration = HTTPClient.Configuration()
                    configuration.connectionPool.retryConnectionEstablishment = false
                    let impatient = ClusterHTTPClient(resolver: resolver, configuration: configuration)
                    await #expect(throws: IOError.self) {
                        try await impatient.execute(request, timeout: .seconds(20), logger: logger)
                    }
                    try await impatient.shutdown()

                    let client = ClusterHTTPClient(resolver: resolver)
                    let response = Task { try await client.execute(request, timeout: .seconds(20), logger: logger) }
                    // The first of the impatient client, and the first of this one.
                    for await _ in failures.prefix(2) {}
                    let pod = try await HTTPPod.start(address, port: port)
                    #expect(try await response.value.status == .ok)
                    try await client.shutdown()
                    await pod.stop()
                    await resolver.shutdown()
                }
            }
        }

        @Test func `does not send a request again that a server has seen`() async throws {
            try await withFreePort { port in
                let service = TestService("http-closing", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 2))]) { cluster in
                    let seen = Connections()
                    var servers: [any Channel] = []
                    for address in await service.addresses(in: cluster) {
                        servers.append(try await seen.closingServer(address, port: port))
                    }
                    let resolver = try cluster.resolver()
                    let client = ClusterHTTPClient(resolver: resolver)
                    await #expect(throws: (any Error).self) { try await get("http://http-closing:\(port)/", client) }
                    #expect(seen.count == 1)
                    try await client.shutdown()
                    for server in servers { try await server.close() }
                    await resolver.shutdown()
                }
            }
        }

        @Test func `tries the next pod where one closes before TLS is there`() async throws {
            try await withFreePort { port in
                let service = TestService("https-echo", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 2))]) { cluster in
                    let addresses = await service.addresses(in: cluster)
                    let seen = Connections()
                    let context = try TestCertificate.server()
                    let servers = [
                        try await seen.closingServer(addresses[0], port: port),
                        try await HTTPEcho.start(addresses[1], port: port) { NIOSSLServerHandler(context: context) },
                    ]
                    let resolver = try cluster.resolver()
                    let client = ClusterHTTPClient(resolver: resolver, configuration: try TestCertificate.client())
                    for _ in 0..<2 {
                        let answer = try await get("https://https-echo:\(port)/", client)
                        #expect(answer.hasPrefix(addresses[1]))
                    }
                    #expect(seen.count == 1)
                    try await client.shutdown()
                    for server in servers { try await server.close() }
                    await resolver.shutdown()
                }
            }
        }

        @Test func `fails with the reason where no pod listens, where there is none, and where DNS is silent`()
            async throws
        {
            try await LocalCluster.with { cluster in
                let resolver = try cluster.resolver()
                let client = ClusterHTTPClient(resolver: resolver)
                try await cluster.apply(.yaml(TestService("http-deaf", port: 9).manifest(replicas: 3)))
                let deaf = await #expect(throws: IOError.self) { try await get("http://http-deaf:9/", client) }
                #expect(deaf?.errnoCode == ECONNREFUSED)
                let missing = await #expect(throws: ClusterDNSError.self) { try await get("http://missing/", client) }
                #expect(missing?.code == .noSuchService)
                try await cluster.setFaults([.drop()])
                let silent = await #expect(throws: ClusterDNSError.self) {
                    try await get("http://silent/", client, timeout: .milliseconds(100))
                }
                #expect(silent?.code == .timedOut)
                await #expect(throws: HTTPClientError.unsupportedScheme("ftp")) { try await get("ftp://x/", client) }
                try await client.shutdown()
                await resolver.shutdown()
            }
        }

        @Test(arguments: [true, false])
        func `in a service group it ends behind those who use it`(isEndedByGroup: Bool) async throws {
            let resolver = try ClusterResolver(ResolverConfiguration())
            let client = ClusterHTTPClient(resolver: resolver)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let group = ServiceGroup(services: [resolver, client], logger: logger)
            async let run: Void = group.run()
            if !isEndedByGroup { try await client.shutdown() }
            await group.triggerGracefulShutdown()
            try await run
            await #expect(throws: HTTPClientError.alreadyShutdown) { try await get("http://service-b/", client) }
            await #expect(throws: HTTPClientError.alreadyShutdown) { try await client.shutdown() }
        }

        @Test func `checks the names of certificates with https, at each pod`() async throws {
            try await withFreePort { port in
                let service = TestService("https-echo", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 3))]) { cluster in
                    let context = try TestCertificate.server()
                    let addresses = await service.addresses(in: cluster)
                    var servers: [any Channel] = []
                    for address in addresses {
                        servers.append(
                            try await HTTPEcho.start(address, port: port) { NIOSSLServerHandler(context: context) }
                        )
                    }
                    let resolver = try cluster.resolver()
                    let client = ClusterHTTPClient(resolver: resolver, configuration: try TestCertificate.client())
                    var answers: Set<String> = []
                    for _ in 0..<3 { answers.insert(try await get("https://https-echo:\(port)/", client)) }
                    #expect(answers == Set(addresses.map { "\($0) https-echo:\(port)" }))
                    // The same pods, by a name that their certificate does not have.
                    await #expect(throws: NIOSSLExtraError.self) {
                        try await get("https://https-echo.default:\(port)/", client)
                    }
                    try await client.shutdown()
                    await #expect(throws: HTTPClientError.alreadyShutdown) {
                        try await get("https://https-echo:\(port)/", client)
                    }
                    for server in servers { try await server.close() }
                    await resolver.shutdown()
                }
            }
        }
    }

    /// Tells that something was logged.
    private struct LogCounter: LogHandler {
        let logged: @Sendable () -> Void
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        init(logged: @escaping @Sendable () -> Void) {
            self.logged = logged
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if event.message == "No connection to an endpoint" { logged() }
        }
    }
#endif
