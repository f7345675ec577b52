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
    cache()
    handles()
    choice()
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

/// The tables of the cache cannot be named from here. What a lookup does in them can be chosen all the same.
private func cache() {
    Benchmark("cache: hit by name, in the front table") { (benchmark, resolver: ClusterResolver) in
        for _ in benchmark.scaledIterations { blackHole(try await resolver.resolve("service-b")) }
    } setup: {
        try await warmResolver()
    }
    Benchmark("cache: hit by name and port number") { (benchmark, resolver: ClusterResolver) in
        for _ in benchmark.scaledIterations { blackHole(try await resolver.resolve("service-b", port: 80)) }
    } setup: {
        try await warmResolver()
    }
    Benchmark("cache: hits, one of 4000 names after another") { (benchmark, given: Names) in
        for _ in benchmark.scaledIterations { blackHole(try await given.resolveNext()) }
    } setup: {
        let services = (0..<4000).map { "s\($0)" }
        return try await Names(services, known: services)
    }
    Benchmark("cache: failure that is known") { (benchmark, resolver: ClusterResolver) in
        for _ in benchmark.scaledIterations { blackHole(try? await resolver.resolve("missing")) }
    } setup: {
        try await warmResolver()
    }
    // The front table knows the spellings that it was asked for, and these are more than it keeps. The loop thread has the
    // answer, so this is the way to it and back without a query.
    Benchmark("cache: hit by a new spelling, in the loop thread's table") { (benchmark, given: Names) in
        for _ in benchmark.scaledIterations { blackHole(try await given.resolveNext()) }
    } setup: {
        try await Names(spellings(of: "service-b.default.svc.cluster.local", count: 65_536))
    }
}

/// Names to resolve in turn, which goes on from one iteration to the next.
private final class Names {
    private let names: [String]
    private let resolver: ClusterResolver
    private var turn = 0

    init(_ names: [String], known: [String] = []) async throws {
        self.names = names
        resolver = try await warmResolver(known)
    }

    func resolveNext() async throws -> EndpointSet {
        turn = (turn + 1) % names.count
        return try await resolver.resolve(names[turn])
    }
}

private func handles() {
    let endpoints = endpoints(10)
    let peers = Peers.fixed(endpoints)
    Benchmark("handle: current, fixed") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(peers.current) }
    }
    Benchmark("handle: current, of a resolver") { (benchmark, peers: Peers) in
        for _ in benchmark.scaledIterations { blackHole(peers.current) }
    } setup: {
        let peers = try await warmResolver().peers("service-b", port: 80)
        _ = try await peers.next()
        return peers
    }
    Benchmark("handle: next, of a resolver") { (benchmark, peers: Peers) in
        for _ in benchmark.scaledIterations { blackHole(try await peers.next()) }
    } setup: {
        let peers = try await warmResolver().peers("service-b", port: 80)
        _ = try await peers.next()
        return peers
    }
    Benchmark("handle: opened on a known name, and let go") { (benchmark, resolver: ClusterResolver) in
        for _ in benchmark.scaledIterations { blackHole(resolver.peers("service-b")) }
    } setup: {
        try await warmResolver()
    }
}

/// One endpoint of a set, and what it takes to have a set to choose from.
private func choice() {
    for (name, balancing) in [("in turn", Balancing.roundRobin), ("at random", .random), ("by weight", .weighted)] {
        for count in [10, 1000] {
            let peers = Peers.fixed(endpoints(count), balancing: balancing)
            Benchmark("choice: \(name), of \(count)") { benchmark in
                for _ in benchmark.scaledIterations { blackHole(try await peers.next()) }
            }
        }
    }
    let (broken, _) = Peers.makeControlled(endpoints(10))
    Benchmark("choice: in turn, one of 10 passed over") { benchmark in
        broken.reportFailure(of: endpoints(10)[0])
        for _ in benchmark.scaledIterations { blackHole(try await broken.next()) }
    }
    for count in [10, 1000] {
        let sets = [endpoints(count), endpoints(count + 1)]
        let (peers, update) = Peers.makeControlled()
        Benchmark("choice: another set, of \(count)") { benchmark in
            for index in benchmark.scaledIterations {
                update(sets[index % 2])
                blackHole(peers.current)
            }
        }
    }
}

private func endpoints(_ count: Int) -> [Endpoint] {
    (0..<count).map {
        Endpoint(
            address: IPAddress(ipv4: 0x0A00_0000 + UInt32($0)),
            port: 80,
            priority: 0,
            weight: UInt16(1 + $0 % 100)
        )
    }
}

/// A resolver that has `service-b` and other services in its cache, for half a minute, and nobody left to ask.
private func warmResolver(_ services: [String] = []) async throws -> ClusterResolver {
    let names = ["service-b"] + services
    let cluster = try await LocalCluster.start(manifests: [.yaml(manifest(names))], ttl: .seconds(30))
    var configuration = ResolverConfiguration()
    configuration.namespace = "default"
    configuration.clusterDomain = "cluster.local"
    configuration.nameServers = [NameServer(address: cluster.address, port: cluster.port)]
    configuration.families = .ipv4
    // A name that is missing stays so.
    configuration.cache.maximumNegativeTTL = .seconds(30)
    let resolver = try ClusterResolver(configuration)
    for name in names { _ = try await resolver.resolve(name) }
    _ = try? await resolver.resolve("missing")
    await cluster.stop()
    return resolver
}

/// Ways to write a name that differ in the case of their letters.
private func spellings(of name: String, count: Int) -> [String] {
    (0..<count).map { number in
        var bits = number
        return String(
            name.map { character in
                guard character.isLetter else { return character }
                defer { bits >>= 1 }
                return bits & 1 == 1 ? Character(character.uppercased()) : character
            }
        )
    }
}

private func manifest(_ services: [String]) -> String {
    services.map {
        """
        apiVersion: v1
        kind: Service
        metadata: { name: \($0), namespace: default }
        spec: { ports: [{ port: 80 }] }
        """
    }.joined(separator: "\n---\n")
}
