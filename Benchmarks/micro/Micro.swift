import Benchmark
import LocalCluster

@testable import ClusterDNS

/// The parts that a lookup goes through, each alone.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        scalingFactor: .kilo,
        maxDuration: .milliseconds(500)
    )
    names()
    wire()
    cacheAndHandles()
}

private func names() {
    let expander = NameExpander(namespace: "bench", clusterDomain: .clusterLocal)
    for name in ["service-b", "service-b.payments", "service-b.payments.svc.cluster.local"] {
        Benchmark("names: expand \(name)") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try expander.expand(name)) }
        }
    }
}

private func wire() {
    guard let name = DomainName("service-b.payments.svc.cluster.local") else { return }
    let question = Question(name: name, type: .a)
    Benchmark("wire: write a query") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(Message.query(question, udpPayloadSize: 1232)) }
    }
    for count in [1, 10, 1000] {
        let records = (0..<count).map { Record(name: name, ttl: 30, data: .address(IPAddress(ipv4: UInt32($0)))) }
        let octets = Message(isResponse: true, question: question, answers: records).encoded()
        Benchmark("wire: read \(count) addresses") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(Answer(octets, to: question)) }
        }
    }
}

private func cacheAndHandles() {
    Benchmark("cache: hit") { (benchmark, resolver: ClusterResolver) in
        for _ in benchmark.scaledIterations { blackHole(try await resolver.resolve("service-b")) }
    } setup: {
        let cluster = try await LocalCluster.start(manifests: [.yaml(manifest)], ttl: .seconds(30))
        var configuration = ResolverConfiguration()
        configuration.nameServers = [NameServer(address: cluster.address, port: cluster.port)]
        configuration.families = .ipv4
        let resolver = try ClusterResolver(configuration)
        _ = try await resolver.resolve("service-b")
        await cluster.stop()
        return resolver
    }
    let endpoints = (0..<10).map { Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + UInt32($0)), port: 80) }
    let peers = Peers.fixed(endpoints)
    Benchmark("handle: current") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(peers.current) }
    }
    for (name, balancing) in [("in turn", Balancing.roundRobin), ("at random", .random), ("by weight", .weighted)] {
        let peers = Peers.fixed(endpoints, balancing: balancing)
        Benchmark("handle: next, \(name)") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try await peers.next()) }
        }
    }
}

private let manifest = """
    apiVersion: v1
    kind: Service
    metadata: { name: service-b, namespace: default }
    spec: { ports: [{ port: 80 }] }
    """
