import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import Testing

@testable import ClusterDNSCommand

/// The contract of `cluster-dns doctor`, seen from outside.
@Suite(.timeLimit(.minutes(5))) struct DoctorCommandTests {
    private static let kubernetes = Manifest.yaml(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: kubernetes}
        spec: {clusterIP: 10.96.0.1, ports: [{name: https, port: 443}]}
        """
    )

    /// Runs it as in a pod of the cluster that has these lines in its hosts file.
    private func doctor(
        _ arguments: [String],
        in cluster: LocalCluster,
        hosts: String = "",
        variables: [String: String] = [:]
    ) async throws
        -> Program.Result
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("doctor-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (resolvConf, hostsFile) = (
            folder.appendingPathComponent("resolv.conf"), folder.appendingPathComponent("hosts")
        )
        try """
        nameserver 127.0.0.1:\(cluster.port)
        search default.svc.cluster.local svc.cluster.local cluster.local
        options ndots:5
        """.write(to: resolvConf, atomically: true, encoding: .utf8)
        try hosts.write(to: hostsFile, atomically: true, encoding: .utf8)
        return try await Command.run(
            ["doctor", "--resolv-conf", resolvConf.path] + arguments,
            environment: ["CLUSTER_DNS_HOSTS": hostsFile.path].merging(variables) { _, given in given }
        )
    }

    @Test func `a name server for tests need not have the API server`() async throws {
        try await LocalCluster.with { cluster in
            let command = try await doctor(["--json"], in: cluster)
            #expect(command.status == 0, "\(command.output)")
            #expect(
                command.output.contains(#"{"severity":"ok","check":"kubernetesService","message":"there is no kub"#)
            )
        }
    }

    @Test func `static peers are told`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes]) { cluster in
            let peers = ["CLUSTER_DNS_STATIC_PEERS": "service-b=127.0.0.1:8081"]
            let command = try await doctor(["--json"], in: cluster, variables: peers)
            #expect(command.status == 0, "\(command.output)")
            #expect(command.output.contains(#"DNS is not asked for static peers: \"service-b\""#), "\(command.output)")
        }
    }

    @Test func `a name server that is slow is a warning, with what to do`() async throws {
        let slow = Fault.delay("kubernetes", by: .seconds(1))
        try await LocalCluster.with(manifests: [Self.kubernetes], faults: [slow]) { cluster in
            let command = try await doctor(["--json"], in: cluster)
            #expect(command.status == 1, "\(command.output)")
            #expect(
                command.output.contains(
                    #"{"severity":"warning","check":"kubernetesService","message":"10.96.0.1, after "#
                )
            )
        }
    }

    @Test func `a pod where all is well ends with 0`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes]) { cluster in
            let command = try await doctor(["kubernetes"], in: cluster)
            #expect(command.status == 0, "\(command.output)")
            #expect(command.errors == "")
            #expect(command.outputLines.allSatisfy { $0.count <= 80 })
            #expect(command.outputLines.last == "all is well")

            let json = try await doctor(["--json"], in: cluster)
            #expect(json.status == 0)
            #expect(json.outputLines.count == 1)
            let environment = #"""
                {"environment":{"namespace":"default","clusterDomain":"cluster.local","nameServers":["127.0.0.1:\#(cluster.port)"],\#
                "search":["default.svc.cluster.local","svc.cluster.local","cluster.local"],"ndots":5},"findings":[\#
                {"severity":"ok","check":"files","message":"
                """#
            #expect(json.output.hasPrefix(environment), "\(json.output)")
            #expect(!json.output.contains("warning") && json.output.contains(#""remedy":null}"#))
            let service = #/"check":"kubernetesService","message":"10\.96\.0\.1, TTL [1-5] s","remedy":null}/#
            #expect(json.output.contains(service))
            #expect(json.output.contains("missing is cached for 5 s by name servers, and for 5 s at most"))
        }
    }

    @Test func `blocked TCP is a warning, with what to do`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes], faults: [.refuseTCP]) { cluster in
            let command = try await doctor(["--json"], in: cluster)
            #expect(command.status == 1)
            #expect(command.output.contains(#"{"severity":"ok","check":"nameServerUDP","#))
            let finding = try #require(
                command.output.firstMatch(of: #/\{"severity":"warning","check":"nameServerTCP".*?\}/#)
            )
            #expect(finding.0.contains("allow TCP port"), "\(finding.0)")
        }
    }

    @Test func `an entry of the hosts file that hides a service is a warning`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes]) { cluster in
            let hosts = "127.0.0.1 localhost\n10.0.0.9 kubernetes other\nnonsense"
            let command = try await doctor(["--json"], in: cluster, hosts: hosts)
            #expect(command.status == 1)
            #expect(
                command.output.contains(
                    #""message":"kubernetes is 10.0.0.9 in the hosts file, which hides kubernetes."#
                )
            )
            #expect(command.output.contains("line 3: "))
            #expect(!command.output.contains("other is"))
        }
    }

    @Test func `a variable that is no setting is a warning`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes]) { cluster in
            let command = try await doctor(["--json"], in: cluster, variables: ["CLUSTER_DNS_TIMOUT": "1s"])
            #expect(command.status == 1)
            let finding =
                #"{"severity":"warning","check":"configuration","message":"CLUSTER_DNS_TIMOUT is no setting","#
            #expect(command.output.contains(finding), "\(command.output)")
        }
    }

    @Test func `a name that is not found is an error`() async throws {
        try await LocalCluster.with(manifests: [Self.kubernetes]) { cluster in
            let command = try await doctor(["kubernetes", "nope"], in: cluster)
            #expect(command.status == 2)
            #expect(command.output.contains("error  name: noSuchService: \"nope\""))
            #expect(command.outputLines.last == "1 error")
        }
    }

    @Test func `a name server that is not there is an error`() async throws {
        let closed = try UDPNameServer.closedPort()
        let command = try await Command.run(["doctor", "--server", "127.0.0.1:\(closed)", "--json"])
        #expect(command.status == 2)
        #expect(command.output.contains(#"{"severity":"error","check":"nameServerUDP","#), "\(command.output)")
        #expect(command.output.contains(#"{"severity":"error","check":"nameServerTCP","#))
    }

    @Test func `the shortest timeout is one as any other`() async throws {
        let closed = try UDPNameServer.closedPort()
        let command = try await Command.run(["doctor", "--server", "127.0.0.1:\(closed)", "--timeout", "1ms", "--json"])
        #expect(command.output.contains(#""check":"nameServerUDP""#), "\(command.output)")
    }

    @Test func `a wrong environment variable is an error`() async throws {
        let command = try await Command.run(["doctor", "--json"], environment: ["CLUSTER_DNS_TIMEOUT": "nonsense"])
        #expect(command.status == 2)
        let place = #"{"namespace":null,"clusterDomain":null,"nameServers":[],"search":[],"ndots":null}"#
        #expect(
            command.output.hasPrefix(
                #"{"environment":\#(place),"findings":[{"severity":"error","check":"configuration","#
            ),
            "\(command.output)"
        )
    }
}
