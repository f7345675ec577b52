import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import Testing

@testable import ClusterDNSCommand

/// The contract of `cluster-dns serve`, seen from outside.
@Suite(.timeLimit(.minutes(5))) struct ServeCommandTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program.Result {
        try await Command.run(["serve"] + arguments, environment: environment)
    }

    /// Starts to serve on a free port.
    private func start(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> (command: RunningCommand, server: String) {
        let command = try RunningCommand(["serve", "--listen", "127.0.0.1:0"] + arguments, environment: environment)
        let first = try await command.output.first(with: " on ")
        return (command, try #require(first.firstMatch(of: #/127\.0\.0\.1:\d+/#).map { String($0.0) }))
    }

    /// A resolver of the test that asks a server which runs.
    private func resolver(_ server: String) throws -> ClusterResolver {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [try NameServer(server)]
        configuration.namespace = "default"
        configuration.clusterDomain = "cluster.local"
        return try ClusterResolver(configuration)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `serves until it is interrupted, and ends with 0`(_ signal: Int32)
        async throws
    {
        let file = try ManifestFile(ManifestFile.worker(2))
        let (command, server) = try await start([file.path])
        #expect(try await resolver(server).resolve("worker", port: "grpc").map(\.port) == [9000, 9000])
        #expect(await command.end(with: signal) == 0)
        #expect(await command.errors.rest == [])
    }

    @Test func `says what it serves and how to ask it`() async throws {
        let file = try ManifestFile(ManifestFile.worker(2))
        let (command, server) = try await start([file.path])
        try await command.output.first(with: "SERVICE")
        let row = try await command.output.first(with: "worker.default")
        #expect(row.contains(#/worker.default  Headless  127\.244\.\d+\.\d+ +grpc 9000/TCP  2/#), "\(row)")
        try await command.output.first(with: "  cluster-dns resolve worker --server \(server)")
    }

    @Test func `sees edits, and serves on what was there after a mistake`() async throws {
        let file = try ManifestFile(ManifestFile.worker(2))
        let (command, server) = try await start([file.path])

        try file.write(ManifestFile.worker(3))
        try await command.output.first(with: "reloaded: 1 service, 3 pods")
        #expect(try await resolver(server).resolve("worker").count == 3)

        try file.write(ManifestFile.worker(4, port: "none"))
        let error = try await command.errors.first(with: "not reloaded")
        #expect(error.contains("\(file.path):13: document 2: spec.ports[0].port: expected a number"), "\(error)")
        #expect(try await resolver(server).resolve("worker").count == 3)

        try FileManager.default.removeItem(atPath: file.path)
        try await command.errors.first(with: "\(file.path): expected a file that can be read")

        try file.write(ManifestFile.worker(3))
        try await command.output.first(with: "reloaded, nothing is different")
    }

    @Test func `a file that was emptied is about to be written`() throws {
        let (file, other) = (try ManifestFile(ManifestFile.worker(1)), try ManifestFile(ManifestFile.worker(1)))
        var watch = FileWatch([file.path, other.path])
        #expect((0..<3).map { _ in watch.look() } == [false, false, false])
        try file.write("")
        #expect((0..<3).map { _ in watch.look() } == [false, false, false])
        try other.write(ManifestFile.worker(3))
        #expect((0..<3).map { _ in watch.look() } == [false, true, false])
        try file.write(ManifestFile.worker(2))
        #expect((0..<3).map { _ in watch.look() } == [false, true, false])
    }

    @Test func `prints each query where that is wanted`() async throws {
        let file = try ManifestFile(ManifestFile.worker(2))
        let (command, server) = try await start([file.path, "--log-queries"])
        _ = try await resolver(server).resolve("worker", port: "grpc")
        try await command.output.first(with: "SRV _grpc._tcp.worker.default.svc.cluster.local. UDP NOERROR 2 records")
    }

    @Test func `namespace, cluster domain and TTL are settings`() async throws {
        let file = try ManifestFile(ManifestFile.worker(1))
        let (command, server) = try await start(
            [file.path, "--namespace", "shop", "--cluster-domain", "example.org", "--ttl", "20s"]
        )
        try await command.output.first(with: "  cluster-dns resolve worker --server \(server)")
        let set = try await resolver(server).resolve("worker.shop.svc.example.org.")
        #expect((.seconds(6) ... .seconds(20)).contains(try #require(set.timeToLive)))
    }

    @Test func `what the options leave open comes from the environment`() async throws {
        let file = try ManifestFile(ManifestFile.worker(1))
        let variables = ["CLUSTER_DNS_NAMESPACE": "Shop", "CLUSTER_DNS_CLUSTER_DOMAIN": "k.example"]
        let (command, server) = try await start([file.path, "--namespace", "dev"], environment: variables)
        try await command.output.first(with: "worker.dev")
        try await command.output.first(
            with: "resolve worker --server \(server) --namespace dev --cluster-domain k.example"
        )
        let (other, _) = try await start([file.path], environment: variables)
        try await other.output.first(with: "worker.shop")
        let wrong = try await run([file.path], environment: ["CLUSTER_DNS_NAMESPACE": "a.b"])
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("CLUSTER_DNS_NAMESPACE is \"a.b\""), "\(wrong.errors)")
    }

    @Test func `a port that is taken ends it with 1`() async throws {
        let file = try ManifestFile(ManifestFile.worker(1))
        let (running, server) = try await start([file.path])
        let command = try await run([file.path, "--listen", server])
        #expect(command.status == 1)
        #expect(command.output == "")
        #expect(command.errors.hasPrefix("cannot listen on 127.0.0.1 port "), "\(command.errors)")
        #expect(command.errors.hasSuffix("the port is in use; --listen takes another address or port\n"))
        #expect(await running.end(with: SIGTERM) == 0)
    }

    @Test func `a manifest that is wrong or missing ends it with 1`() async throws {
        let file = try ManifestFile(ManifestFile.worker(1, port: "none"))
        for (path, part) in [(file.path, "spec.ports[0].port"), ("/nowhere.yaml", "expected a file that can be read")] {
            let command = try await run([path, "--listen", "127.0.0.1:0"])
            #expect(command.status == 1)
            #expect(command.output == "")
            #expect(command.errors.hasPrefix(path) && command.errors.contains(part), "\(command.errors)")
        }
    }

    @Test(arguments: [
        ([], "manifest"),
        (["a.yaml", "--listen", "foo"], "an address, with or without a port"),
        (["a.yaml", "--listen", "127.0.0.1:x"], "an address, with or without a port"),
        (["a.yaml", "--listen", "fe80::1%eth0"], "%"),
        (["a.yaml", "--namespace", "a.b"], #"--namespace is "a.b""#),
        (["a.yaml", "--cluster-domain", "a b"], #"--cluster-domain is "a b""#),
        (["a.yaml", "--ttl", "5"], "a duration is"),
        (["a.yaml", "--ttl", "500ms"], "whole seconds"),
    ])
    func `a wrong option is a usage error that says what is wrong`(_ arguments: [String], _ part: String) async throws {
        let command = try await run(arguments)
        #expect(command.status == 64)
        #expect(command.errors.contains(part), "\(command.errors)")
    }

    // MARK: Pieces

    @Test(arguments: [
        ("127.0.0.2", "127.0.0.2:10053"), ("127.0.0.2:53", "127.0.0.2:53"), ("127.0.0.2:0", "127.0.0.2:0"),
        ("::1", "[::1]:10053"), ("[::1]", "[::1]:10053"), ("::0", "[::]:10053"), ("[::1]:0", "[::1]:0"),
    ])
    func `a place to listen is an address with or without a port`(_ text: String, _ meaning: String) throws {
        #expect(try ListenAddress(parsing: text).description == meaning)
    }

    @Test func `any table fits a terminal`() async throws {
        let long = String(repeating: "a", count: 63)
        let addresses = (1...9).map { "\"fd00:1111:2222:3333:4444:5555:6666:777\($0)\"" }.joined(separator: ", ")
        let manifest = """
            apiVersion: v1
            kind: Service
            metadata: {name: \(long), namespace: \(long)}
            spec:
              clusterIP: None
              ports: [{name: fifteen-letters, port: 65535, protocol: SCTP}]
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: a, namespace: \(long), labels: {kubernetes.io/service-name: \(long)}}
            addressType: IPv6
            ports: [{name: fifteen-letters, port: 65535, protocol: SCTP}]
            endpoints: [{addresses: [\(addresses)]}]
            """
        let report = try await LocalCluster.with(manifests: [.yaml(manifest)]) { await $0.report }
        #expect(report.lines(within: 80).allSatisfy { $0.count <= 80 }, "\(report.lines())")
        #expect(report.lines().joined().contains("and 6 more"))
    }
}
