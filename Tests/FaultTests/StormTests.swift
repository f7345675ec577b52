import ClusterDNS
import LocalCluster
import Testing

/// Everything that callers and operators do, on real threads and sockets, in an order by chance: for the sanitizers above all.
@Suite("Everything at once, on real threads", .serialized, .timeLimit(.minutes(5)))
struct StormTests {
    @Test("Nobody gets another service's pods, handles come to the truth, and nothing is left", arguments: 0..<3)
    func storm(seed: Int) async throws {
        let manifests = (0..<Storm.services).map { Manifest.yaml(Storm.manifest(of: $0)) }
        try await LocalCluster.with(manifests: manifests, ttl: .seconds(1)) { cluster in
            var configuration = cluster.configuration
            configuration.cache.handleRefreshFloor = .seconds(1)
            configuration.cache.maximumFailureBackoff = .seconds(1)
            configuration.cache.capacity = seed == 0 ? 4 : 4096
            let resolver = try ClusterResolver(configuration)
            let storm = Storm(cluster, resolver, configuration, pods: await cluster.addresses)
            let handles = try await withThrowingTaskGroup(of: [Storm.Handle].self) { group in
                for number in 0..<6 {
                    let generator = SplitMix64(seed: UInt64(seed * 100 + number))
                    group.addTask { try await storm.run(200, generator) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try await storm.end()
            let truth = await cluster.addresses
            for handle in handles {
                for try await set in handle.peers.changes where Set(set.endpoints.addresses) == truth[handle.service] {
                    break
                }
            }
            // What is in the cache may be as old as its TTL.
            resolver.flush()
            for service in 0..<Storm.services {
                let found = try await resolver.resolve("s\(service)", timeout: .seconds(120))
                #expect(Set(found.addresses) == truth[service])
            }
            await resolver.shutdown()
            #expect(resolver.statistics.questionsQueued == 0 && resolver.statistics.attemptsInFlight == 0)
            for handle in handles { #expect(handle.peers.current != nil) }
        }
    }
}

/// What happens in a storm.
private actor Storm {
    struct Handle {
        let service: Int
        let peers: Peers
    }

    static let services = 5
    private static let mostPods = 4

    static func manifest(of service: Int) -> String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: s\(service)}
        spec:
          replicas: \(mostPods)
          serviceName: s\(service)
          selector: {matchLabels: {app: s\(service)}}
          template:
            metadata: {labels: {app: s\(service)}}
            spec:
              containers: [{name: main, ports: [{name: web, containerPort: 8080}]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: s\(service)}
        spec:
          selector: {app: s\(service)}
          clusterIP: None
          ports: [{name: http, port: 80, targetPort: web}]
        """
    }

    private let cluster: LocalCluster
    private let resolver: ClusterResolver
    private let configuration: ResolverConfiguration
    /// All that each service may ever have.
    private let pods: [Set<IPAddress>]
    private var generator = SplitMix64(seed: 1)

    init(
        _ cluster: LocalCluster,
        _ resolver: ClusterResolver,
        _ configuration: ResolverConfiguration,
        pods: [Set<IPAddress>]
    ) {
        self.cluster = cluster
        self.resolver = resolver
        self.configuration = configuration
        self.pods = pods
    }

    /// What one task of a service does.
    ///
    /// - Returns: the handles that it still has.
    nonisolated func run(_ steps: Int, _ generator: SplitMix64) async throws -> [Handle] {
        var generator = generator
        func number(_ range: Range<Int>) -> Int { .random(in: range, using: &generator) }
        var handles: [Handle] = []
        for _ in 0..<steps {
            let service = number(0..<Self.services)
            let name = ["s\(service)", "s\(service).default", "s\(service).default.svc.cluster.local."][number(0..<3)]
            let port: Port? = number(0..<3) == 0 ? "http" : nil
            switch number(0..<20) {
            case 0..<8:
                await look(name, port, service, timeout: .milliseconds(number(1..<40)))
            case 8..<11:
                let task = Task { await look(name, port, service, timeout: .seconds(5)) }
                if number(0..<2) == 0 { await Task.yield() }
                task.cancel()
                await task.value
            case 11, 12:
                handles.append(Handle(service: service, peers: resolver.peers(name, port: port)))
                if handles.count > 4 { handles.remove(at: number(0..<handles.count)) }
            case 13, 14:
                for handle in handles {
                    guard let endpoint = try? await handle.peers.next(timeout: .milliseconds(2)) else { continue }
                    check([endpoint.address], handle.service)
                    if number(0..<4) == 0 { handle.peers.reportFailure(of: endpoint) }
                }
            case 15:
                for handle in handles { check(handle.peers.current?.addresses ?? [], handle.service) }
            case 16: try resolver.flush(name)
            case 17: if number(0..<4) == 0 { resolver.flush() }
            case 18: try await act()
            default: if number(0..<4) == 0 { await comeAndGo(name) }
            }
        }
        return handles
    }

    private nonisolated func look(_ name: String, _ port: Port?, _ service: Int, timeout: Duration) async {
        do {
            check(try await resolver.resolve(name, port: port, timeout: timeout).addresses, service)
        } catch let error as ClusterDNSError {
            let expected: [ClusterDNSError.Code] = [
                .timedOut, .noSuchService, .noRecords, .serverFailure, .truncated, .unreachable, .malformedResponse,
            ]
            #expect(expected.contains(error.code), "\(error)")
        } catch {
            #expect(error is CancellationError)
        }
    }

    private nonisolated func check(_ addresses: [IPAddress], _ service: Int) {
        #expect(pods[service].isSuperset(of: addresses))
    }

    private nonisolated func comeAndGo(_ name: String) async {
        do {
            let other = try ClusterResolver(configuration)
            let peers = other.peers(name)
            async let found = try? other.resolve(name)
            await Task.yield()
            await other.shutdown()
            _ = await found
            _ = peers.current
        } catch {
            Issue.record(error)
        }
    }

    /// What an operator does, and what goes wrong.
    private func act() async throws {
        let service = Int.random(in: 0..<Self.services, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0, 1:
            try await cluster.scale("s\(service)", to: .random(in: 0...Self.mostPods, using: &generator))
        default:
            let faults: [Fault] = [
                .drop(probability: 0.3), .delay(by: .milliseconds(30), probability: 0.3), .duplicate(probability: 0.3),
                .reorder(probability: 0.3), .truncate(probability: 0.3), .wrongID(probability: 0.3),
                .responseCode(.serverFailure, probability: 0.3), .garbage(probability: 0.3),
                .closeTCP(probability: 0.3),
            ]
            try await cluster.setFaults(Array(faults.shuffled(using: &generator).prefix(2)))
        }
    }

    /// From now on all is well, and each service has a pod.
    func end() async throws {
        try await cluster.setFaults([])
        for service in 0..<Self.services { try await cluster.scale("s\(service)", to: 1 + service % Self.mostPods) }
    }
}

extension LocalCluster {
    /// Of the pods of each service.
    fileprivate var addresses: [Set<IPAddress>] {
        (0..<Storm.services).map { service in
            Set(services.filter { $0.name == "s\(service)" }.flatMap(\.endpoints))
        }
    }
}
