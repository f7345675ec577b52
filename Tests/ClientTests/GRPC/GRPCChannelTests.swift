#if Tests
    import ClusterDNS
    import ClusterDNSGRPC
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import LocalCluster
    import Testing

    @Suite("A gRPC channel", .timeLimit(.minutes(2)))
    struct GRPCChannelTests {
        private func withClient<Result: Sendable>(
            _ target: ResolvableTargets.Kubernetes,
            _ resolver: ClusterResolver,
            serviceConfig: ServiceConfig = .retryingUnavailable,
            _ body: (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Result
        ) async throws -> Result {
            try await withGRPCClient(
                transport: .http2NIOPosix(
                    target: target,
                    resolver: resolver,
                    transportSecurity: .plaintext,
                    serviceConfig: serviceConfig
                ),
                handleClient: body
            )
        }

        private let callsAtOnce = 8

        /// How many of `count` calls each pod has answered; throws if one fails.
        private func answers(
            _ count: Int,
            _ client: GRPCClient<HTTP2ClientTransport.Posix>
        ) async throws -> [String: Int] {
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<callsAtOnce {
                    group.addTask {
                        var answers: [String] = []
                        for _ in 0..<(count / callsAtOnce) { answers.append(try await client.echo()) }
                        return answers
                    }
                }
                return try await group.reduce(into: [:]) { sum, answers in
                    for answer in answers { sum[answer, default: 0] += 1 }
                }
            }
        }

        @Test func `spreads calls evenly over the pods, uses new ones, and loses no call with those that die`()
            async throws
        {
            try await withFreePort { port in
                let service = TestService("grpc-echo", port: port)
                try await LocalCluster.with(
                    manifests: [.yaml(service.manifest(replicas: 8))],
                    ttl: .seconds(1)
                ) { cluster in
                    var pods: [EchoPod] = []
                    for address in await service.addresses(in: cluster) {
                        pods.append(try await EchoPod.start(address, port: port))
                    }
                    try await cluster.scale("grpc-echo", to: 5)
                    let resolver = try cluster.resolver()
                    try await withClient(.kubernetes("grpc-echo", port: "main"), resolver) { client in
                        try await spread(over: pods[..<5].map(\.address), client)

                        try await cluster.scale("grpc-echo", to: 8)
                        try await spread(over: pods.map(\.address), client)

                        // Two die while calls are made, and DNS does not know yet. They have begun no answer: a call whose
                        // answer has begun is not repeated (gRFC A6).
                        let (held, holding) = AsyncStream.makeStream(of: Void.self)
                        for pod in pods[6...] { pod.hold(holding) }
                        async let calls = answers(800, client)
                        for await _ in held.prefix(callsAtOnce) {}
                        for pod in pods[6...] { await pod.kill() }
                        #expect(try await calls.values.reduce(0, +) == 800)
                        try await cluster.scale("grpc-echo", to: 6)
                        try await spread(over: pods[..<6].map(\.address), client)
                    }
                    for pod in pods[..<6] { await pod.kill() }
                    await resolver.shutdown()
                }
            }
        }

        /// Waits until each of the pods has been used, and looks then whether calls spread evenly.
        private func spread(over pods: [String], _ client: GRPCClient<HTTP2ClientTransport.Posix>) async throws {
            var waiting = Set(pods)
            while !waiting.isEmpty { waiting.remove(try await client.echo()) }
            let each = 40
            let answers = try await answers(pods.count * each, client)
            #expect(Set(answers.keys) == Set(pods))
            #expect(answers.values.allSatisfy { abs($0 - each) <= 4 }, "\(answers)")
        }

        @Test func `with pick_first uses one pod, and another when that dies`() async throws {
            try await withFreePort { port in
                let service = TestService("grpc-first", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 3))]) { cluster in
                    var pods: [EchoPod] = []
                    for address in await service.addresses(in: cluster) {
                        pods.append(try await EchoPod.start(address, port: port))
                    }
                    let resolver = try cluster.resolver()
                    let target: ResolvableTargets.Kubernetes = .kubernetes(
                        "grpc-first",
                        port: .number(UInt16(port)),
                        balancing: .pickFirst
                    )
                    try await withClient(target, resolver) { client in
                        let first = try await answers(80, client)
                        #expect(first.count == 1)
                        for pod in pods where first[pod.address] != nil { await pod.kill() }
                        // Calls that meet this moment may fail, however often they are repeated: there is nobody else.
                        var second: [String: Int]?
                        while second == nil {
                            try Task.checkCancellation()
                            second = try? await answers(80, client)
                        }
                        #expect(second?.count == 1)
                        #expect(second != first)
                    }
                    for pod in pods { await pod.kill() }
                    await resolver.shutdown()
                }
            }
        }

        @Test func `goes back to a pod that has said GOAWAY`() async throws {
            try await withFreePort { port in
                let service = TestService("grpc-old", port: port)
                try await LocalCluster.with(manifests: [.yaml(service.manifest(replicas: 1))]) { cluster in
                    let address = try #require(await service.addresses(in: cluster).first)
                    let pod = try await EchoPod.start(address, port: port, maximumAge: .milliseconds(100))
                    let resolver = try cluster.resolver()
                    try await withClient(.kubernetes("grpc-old", port: "main"), resolver) { client in
                        while pod.counts.connections < 3 {
                            _ = try? await client.echo()
                            try Task.checkCancellation()
                        }
                    }
                    await pod.kill()
                    await resolver.shutdown()
                }
            }
        }

        @Test func `has DNS asked when a connection ends, which may be for good`() async throws {
            try await withFreePort { port in
                let service = TestService("grpc-ended", port: port)
                let manifests: [Manifest] = [.yaml(service.manifest(replicas: 1))]
                try await LocalCluster.with(manifests: manifests, ttl: .seconds(3600)) { cluster in
                    let address = try #require(await service.addresses(in: cluster).first)
                    let pod = try await EchoPod.start(address, port: port)
                    var configuration = cluster.configuration
                    configuration.cache.maximumTTL = .seconds(3600)
                    let resolver = try ClusterResolver(configuration)
                    try await withClient(.kubernetes("grpc-ended", port: "main"), resolver) { client in
                        #expect(try await client.echo() == address)
                        let asked = cluster.queryCount
                        await pod.kill()
                        while cluster.queryCount == asked {
                            try Task.checkCancellation()
                            await Task.yield()
                        }
                    }
                    await resolver.shutdown()
                }
            }
        }

        @Test func `fails calls while its service does not exist, with the reason, and recovers`() async throws {
            try await withFreePort { port in
                let service = TestService("grpc-late", port: port)
                try await LocalCluster.with(ttl: .seconds(1)) { cluster in
                    let resolver = try cluster.resolver()
                    let target: ResolvableTargets.Kubernetes = .kubernetes("grpc-late", port: "main")
                    try await withClient(target, resolver, serviceConfig: ServiceConfig()) { client in
                        let error = await #expect(throws: RPCError.self) { try await client.echo() }
                        #expect(error?.code == .unavailable)
                        #expect((error?.cause as? ClusterDNSError)?.code == .noSuchService)

                        try await cluster.apply(.yaml(service.manifest(replicas: 1)))
                        let address = try #require(await service.addresses(in: cluster).first)
                        let pod = try await EchoPod.start(address, port: port)
                        var answer: String?
                        while answer == nil {
                            answer = try? await client.echo()
                            try Task.checkCancellation()
                        }
                        #expect(answer == address)
                        await pod.kill()
                    }
                    await resolver.shutdown()
                }
            }
        }
    }
#endif
