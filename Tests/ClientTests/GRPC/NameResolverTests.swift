#if Tests
    import ClusterDNS
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import LocalCluster
    import Testing

    @testable import ClusterDNSGRPC

    @Suite("The name resolver of a gRPC channel", .timeLimit(.minutes(2)))
    struct NameResolverTests {
        private static let service = TestService("names", port: 9000)

        private func names(
            _ target: ResolvableTargets.Kubernetes,
            _ resolver: ClusterResolver
        ) -> NameResolver {
            NameResolvers.Kubernetes(resolver).resolver(for: target)
        }

        @Test func `has an endpoint for each address with round_robin, and one with all for pick_first`() async throws {
            try await LocalCluster.with(manifests: [.yaml(Self.service.manifest(replicas: 5))]) { cluster in
                let resolver = try cluster.resolver()
                for (balancing, shape) in [
                    (ResolvableTargets.Kubernetes.Balancing.roundRobin, [1, 1, 1, 1, 1]), (.pickFirst, [5]),
                ] {
                    for port in [9000, "main"] as [ClusterDNS.Port] {
                        let target: ResolvableTargets.Kubernetes = .kubernetes(
                            "names",
                            namespace: "default",
                            port: port,
                            balancing: balancing
                        )
                        var iterator = names(target, resolver).names.makeAsyncIterator()
                        let result = try #require(try await iterator.next())
                        #expect(result.endpoints.map(\.addresses.count) == shape)
                        #expect(Set(result.endpoints.flatMap(\.addresses)).count == 5)
                        #expect(result.endpoints.flatMap(\.addresses).allSatisfy { $0.ipv4?.port == 9000 })
                        // A configuration would replace the user's.
                        #expect(result.serviceConfig == nil)
                    }
                }
                await resolver.shutdown()
            }
        }

        @Test(
            arguments: [
                (ResolvableTargets.Kubernetes(name: "service-b", port: "grpc"), "service-b"),
                (.kubernetes("service-b", port: 8080), "service-b:8080"),
                (.kubernetes("service-b", namespace: "payments", port: 8080), "service-b.payments.svc:8080"),
                (
                    .kubernetes("service-b.payments.svc.cluster.local.", port: "grpc"),
                    "service-b.payments.svc.cluster.local"
                ),
                (.kubernetes("10.0.0.1", port: 8080), nil),
                (.kubernetes("fd00::1", port: 8080), nil),
            ] as [(ResolvableTargets.Kubernetes, String?)]
        )
        func `has the name as its authority, and none for an address`(
            _ target: ResolvableTargets.Kubernetes,
            authority: String?
        ) throws {
            let resolver = names(target, try ClusterResolver())
            #expect(resolver.authority == authority)
            #expect(resolver.updateMode == .push)
        }

        @Test func `tells a set again each second, but not while endpoints that went may still serve`() {
            let start = ContinuousClock.now
            var repetition = Repetition()
            repetition.told(isReplacement: false, now: start)
            #expect(repetition.pause(now: start) == .seconds(1))
            repetition.told(isReplacement: true, now: start + .seconds(10))
            repetition.told(isReplacement: false, now: start + .seconds(14))
            #expect(repetition.pause(now: start + .seconds(14)) == .seconds(11))
            #expect(repetition.pause(now: start + .seconds(25)) == .seconds(1))
        }

        @Test func `throws where no endpoint has a port, as static peers may not`() async throws {
            var configuration = ResolverConfiguration()
            configuration.staticPeers = ["names": [ClusterDNS.Endpoint(address: IPAddress(ipv4: 0x0A00_0001))]]
            let resolver = try ClusterResolver(configuration)
            var iterator = names(.kubernetes("names", port: "grpc"), resolver).names.makeAsyncIterator()
            let error = await #expect(throws: ClusterDNSError.self) { try await iterator.next() }
            #expect(error?.message.contains("none of its endpoints has a port") == true)
            await resolver.shutdown()
        }

        @Test func `throws while there is no endpoint, in each iterator, and tells no empty set but before its first`()
            async throws
        {
            try await LocalCluster.with(ttl: .seconds(1)) { cluster in
                let resolver = try cluster.resolver()
                let names = names(.kubernetes("names", port: 9000), resolver).names
                var iterator = names.makeAsyncIterator()
                let error = await #expect(throws: ClusterDNSError.self) { try await iterator.next() }
                #expect(error?.code == .noSuchService)

                // An empty set is passed over, but has the channel wait no longer for each try than for the first.
                var second = names.makeAsyncIterator()
                #expect(try await second.next()?.endpoints.isEmpty == true)
                let sameError = await #expect(throws: ClusterDNSError.self) { try await second.next() }
                #expect(sameError?.code == .noSuchService)

                try await cluster.apply(.yaml(Self.service.manifest(replicas: 2)))
                for try await change in resolver.peers("names").changes where !change.endpoints.isEmpty { break }
                var again = names.makeAsyncIterator()
                #expect(try await again.next()?.endpoints.isEmpty == true)
                #expect(try await again.next()?.endpoints.count == 2)

                try await cluster.scale("names", to: 0)
                for try await change in resolver.peers("names").changes where change.endpoints.isEmpty { break }
                #expect(try await again.next()?.endpoints.count == 2)
                try await cluster.scale("names", to: 3)
                var result = try await again.next()
                while result?.endpoints.count == 2 { result = try await again.next() }
                #expect(result?.endpoints.count == 3)
                await resolver.shutdown()
                await #expect(throws: ClusterDNSError.self) { while true { _ = try await again.next() } }
            }
        }

        @Test(arguments: [true, false])
        func `ends with CancellationError, before and behind the first set`(_ isFirst: Bool) async throws {
            try await LocalCluster.with(
                manifests: [.yaml(Self.service.manifest(replicas: 1))],
                faults: isFirst ? [.drop()] : []
            ) { cluster in
                let resolver = try cluster.resolver()
                let names = names(.kubernetes("names", port: 9000, balancing: .pickFirst), resolver).names
                let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
                let reading = Task {
                    var iterator = names.makeAsyncIterator()
                    if !isFirst { _ = try await iterator.next() }
                    beginning.yield()
                    return try await iterator.next()
                }
                _ = await begun.first { true }
                reading.cancel()
                await #expect(throws: CancellationError.self) { try await reading.value }
                await resolver.shutdown()
            }
        }
    }
#endif
