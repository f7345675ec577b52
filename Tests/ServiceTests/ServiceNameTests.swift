import ClusterDNS
import LocalCluster
import Testing

@Suite("Services by name and namespace", .timeLimit(.minutes(2)))
struct ServiceNameTests {
    @Test("A service by its parts is found, held, waited for, asked ahead and forgotten as by its name")
    func parts() async throws {
        try await withCluster { cluster async throws in
            var configuration = cluster.configuration
            configuration.families = .ipv4
            let resolver = try ClusterResolver(configuration)
            let service = try ServiceName(service: "service-b")
            let set = try await resolver.waitUntilResolvable(service, timeout: .seconds(60))
            #expect(set.absoluteName == "service-b.default.svc.cluster.local.")
            #expect("\(resolver.fullName(of: service))." == set.absoluteName)
            #expect(try await Set(resolver.resolve(service, port: "http")).count == 3)
            #expect(try await Set(resolver.resolve("service-b")) == Set(set))
            let endpoint = try await resolver.peers(service, port: 80).next(timeout: .seconds(60))
            #expect(set.addresses.contains(endpoint.address) && endpoint.port == 80)

            let asked = try cluster.queryCount(for: "service-b", type: .a)
            try resolver.flush(service)
            try resolver.prefetch(service)
            #expect(try await resolver.resolve(service).count == 3)
            #expect(try cluster.queryCount(for: "service-b", type: .a) > asked)
            await resolver.shutdown()
        }
    }

    @Test("What a part says is a service's name and nothing else", arguments: ["localhost", "127"])
    func nothingElse(_ part: String) async throws {
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration)
            let error = await #expect(throws: ClusterDNSError.self) {
                try await resolver.resolve(ServiceName(service: part, namespace: "payments"))
            }
            #expect(error?.code == .noSuchService)
            #expect(error?.absoluteName == "\(part).payments.svc.cluster.local.")
            await resolver.shutdown()
        }
        for part in ["10.0.0.1", "::1", "a.kube-system", "example.com."] {
            let error = #expect(throws: ClusterDNSError.self) { try ServiceName(service: part) }
            #expect(error?.code == .invalidName)
        }
    }
}
