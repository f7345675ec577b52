#if Tests
    import ClusterDNS
    import ClusterDNSGRPC
    import Foundation
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import LocalCluster
    import Testing

    /// Measures our resolver beside the transport's own, `.dns`, on a headless service. That one asks the name server of
    /// `resolv.conf`, so this needs root and a network of its own:
    ///
    ///     echo 'nameserver 127.0.0.1' > /tmp/resolv.conf
    ///     BESIDE_DNS=1 unshare --net --mount sh -c 'ip link set lo up; mount --bind /tmp/resolv.conf /etc/resolv.conf
    ///         swift test --skip-build --enable-all-traits --filter BesideDNSTests'
    @Suite(
        .serialized,
        .timeLimit(.minutes(5)),
        .enabled(if: ProcessInfo.processInfo.environment["BESIDE_DNS"] != nil, "needs a network of its own")
    )
    struct BesideDNSTests {
        private typealias Transport = HTTP2ClientTransport.Posix

        @Test(arguments: [true, false]) func measure(isOurs: Bool) async throws {
            let port = 50051
            let service = TestService("grpc-beside", port: port)
            let cluster = try await LocalCluster.start(manifests: [.yaml(service.manifest(replicas: 8))], port: 53)
            do {
                var pods: [EchoPod] = []
                for address in await service.addresses(in: cluster) {
                    pods.append(try await EchoPod.start(address, port: port))
                }
                try await cluster.scale("grpc-beside", to: 5)
                let resolver = try ClusterResolver(cluster.configuration)
                var config = ServiceConfig.retryingUnavailable
                config.loadBalancingConfig = [.roundRobin]
                let transport =
                    isOurs
                    ? try Transport(
                        target: .kubernetes("grpc-beside", port: .number(UInt16(port))),
                        resolver: resolver,
                        transportSecurity: .plaintext,
                        serviceConfig: config
                    )
                    : try Transport(
                        target: .dns(host: "grpc-beside.default.svc.cluster.local", port: port),
                        transportSecurity: .plaintext,
                        serviceConfig: config
                    )
                try await withGRPCClient(transport: transport) { client in
                    _ = try await client.echo()
                    try await Task.sleep(for: .seconds(1))
                    let first = await counts(496, client)
                    try await cluster.scale("grpc-beside", to: 8)
                    let start = ContinuousClock.now
                    var missing = Set(pods.map(\.address)).subtracting(first.answers.keys)
                    while !missing.isEmpty, ContinuousClock.now - start < .seconds(60) {
                        if let answer = try? await client.echo() { missing.remove(answer) }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    let scaled = missing.isEmpty ? "\(ContinuousClock.now - start)" : "\(missing.count) never in 60 s"
                    let second = await counts(800, client)
                    async let third = counts(800, client)
                    for pod in pods.filter({ second.answers[$0.address] != nil }).prefix(2) { await pod.kill() }
                    print(
                        """
                        \(isOurs ? "ours" : ".dns"): 496 calls over 5 pods: \(first.answers.values.sorted())
                          all 8 used after \(scaled); 800 calls: \(second.answers.values.sorted())
                          two of those in use killed: \(await third.failures) of 800 calls failed
                        """
                    )
                }
                for pod in pods { await pod.kill() }
                await resolver.shutdown()
                await cluster.stop()
            } catch {
                await cluster.stop()
                throw error
            }
        }

        private func counts(
            _ count: Int,
            _ client: GRPCClient<Transport>
        ) async -> (answers: [String: Int], failures: Int) {
            await withTaskGroup(of: [String?].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var answers: [String?] = []
                        for _ in 0..<(count / 8) { answers.append(try? await client.echo()) }
                        return answers
                    }
                }
                return await group.reduce(into: ([:], 0)) { sum, answers in
                    for answer in answers {
                        if let answer { sum.0[answer, default: 0] += 1 } else { sum.1 += 1 }
                    }
                }
            }
        }
    }
#endif
