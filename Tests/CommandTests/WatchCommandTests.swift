import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import Testing

@testable import ClusterDNSCommand

/// The contract of `cluster-dns watch`, seen from outside.
@Suite(.timeLimit(.minutes(5))) struct WatchCommandTests {
    private static let manifests = [Manifest.yaml(ManifestFile.worker(1))]

    private func watch(_ arguments: [String], _ cluster: LocalCluster) throws -> RunningCommand {
        let place = ["--server", "127.0.0.1:\(cluster.port)", "--namespace", "default", "--family", "ipv4"]
        return try RunningCommand(["watch"] + place + arguments)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `prints the set, then each change, until it is interrupted`(_ signal: Int32) async throws {
        try await LocalCluster.with(manifests: Self.manifests, ttl: .seconds(1)) { cluster in
            let command = try watch(["worker", "--port", "grpc"], cluster)
            let pods = await cluster.pods.map(\.address)
            let first = try await command.output.next
            #expect(first.hasSuffix(" s  1 endpoint  +\(pods[0]):9000"), "\(first)")

            try await cluster.scale("worker", to: 0)
            let second = try await command.output.next
            #expect(second.hasSuffix(" s  0 endpoints  -\(pods[0]):9000"), "\(second)")
            try await command.errors.first(with: "noSuchService: ")

            #expect(await command.end(with: signal) == 0)
            #expect(await command.output.rest == [])
            #expect(await command.errors.rest == [])
        }
    }

    @Test func `ends when nobody reads any more, without waiting for a change`() async throws {
        try await LocalCluster.with(manifests: Self.manifests) { cluster in
            let output = Pipe()
            let child = try ChildProcess(
                Command.executable,
                ["watch", "worker", "--server", "127.0.0.1:\(cluster.port)", "--namespace", "default"],
                output: output.fileHandleForWriting.fileDescriptor
            )
            defer { child.send(SIGKILL) }
            try output.fileHandleForWriting.close()
            #expect(await blocking { output.fileHandleForReading.availableData.isEmpty } == false)
            try output.fileHandleForReading.close()
            #expect(await blocking { child.wait(for: .seconds(30)) } == 0)
        }
    }

    @Test func `prints one object a change with the keys of the contract, and failures when they begin and end`()
        async throws
    {
        try await LocalCluster.with(manifests: Self.manifests, ttl: .seconds(1)) { cluster in
            let command = try watch(["worker", "--json", "--timeout", "1s"], cluster)
            let pod =
                #"{"address":"\#(await cluster.pods[0].address)","port":null,"hostname":null,"priority":null,"weight":null}"#
            let begin = #"{"name":"worker","absoluteName":"worker.default.svc.cluster.local.","endpoints":[\#(pod)],"#
            #expect(
                try await command.output.next == begin + #""added":[\#(pod)],"removed":[],"error":null}"#
            )

            try await cluster.setFaults([.responseCode(.serverFailure)])
            let failure = try await command.output.next
            #expect(
                failure.hasPrefix(begin + #""added":[],"removed":[],"error":{"code":"serverFailure","message":""#),
                "\(failure)"
            )
            try await cluster.setFaults([])
            #expect(try await command.output.next == begin + #""added":[],"removed":[],"error":null}"#)

            #expect(await command.end(with: SIGINT) == 0)
            #expect(await command.errors.rest == [])
        }
    }

    @Test func `a name that cannot stand for anything ends it with 1`() async throws {
        let command = try await Command.run(["watch", "a..b"])
        #expect(command.status == 1)
        #expect(command.output == "")
        #expect(command.errors.hasPrefix("invalidName: "))
    }

    @Test func `a wrong environment variable ends it with 1`() async throws {
        let command = try await Command.run(["watch", "a"], environment: ["CLUSTER_DNS_TIMEOUT": "nonsense"])
        #expect(command.status == 1)
        #expect(command.errors.hasPrefix("invalidConfiguration: CLUSTER_DNS_TIMEOUT"))
    }

    @Test(arguments: [([], "name"), (["a", "b"], "b"), (["a", "--protocol", "udp"], "--port")])
    func `a wrong option is a usage error that says what is wrong`(_ arguments: [String], _ part: String) async throws {
        let command = try await Command.run(["watch"] + arguments)
        #expect(command.status == 64)
        #expect(command.errors.contains(part), "\(command.errors)")
    }

    @Test func `a failure is told when it begins, becomes another, and ends`() {
        let missing = ClusterDNSError(code: .noSuchService, message: "m", name: "a")
        let silent = ClusterDNSError(code: .timedOut, message: "m", name: "a")
        var log = FailureLog()
        let events = [nil, missing, missing, silent, nil, nil].map { log.note($0) }
        #expect(events == [nil, .began(missing), nil, .began(silent), .ended(.timedOut), nil])
    }
}
