import Foundation
import LocalCluster
import TestProcesses
import Testing

@testable import ClusterDNSCommand

@Suite(.timeLimit(.minutes(5))) struct DemoCommandTests {
    @Test func `shows each step in lines that fit a terminal, without colours in a log, and ends with 0`() async throws
    {
        // What is set for other resolvers is not this one's.
        let command = try await Command.run(
            ["demo"],
            environment: ["CLUSTER_DNS_SERVERS": "192.0.2.1", "TERM": "xterm"]
        )
        #expect(command.status == 0)
        #expect(command.errors == "")
        #expect(!command.output.contains("\u{1B}"))
        #expect(command.outputLines.filter { $0.count > 80 || $0.last == " " } == [])
        // Where a name is asked for it takes two queries, and more if the machine is too busy to answer in time.
        for part in [
            #/service-a +127\.96\.\d+\.\d+:80 +[2-9] +2\n/#,
            #/service-b.payments +127\.96\.\d+\.\d+:80 +[2-9] +4\n/#,
            #/service-b.payments.svc.cluster.local +127\.96\.\d+\.\d+:80 +0 +8\n/#,
            #/partner +203.0.113.10:80 +[2-9] +2\n/#,
            #/:50051 +worker-1.worker.default.svc.cluster.local.\n/#,
            #/the first +[\d.]+ µs +[2-9] +2\n/#,
            #/the second +[\d.]+ µs +0 +2\n/#,
            #/noSuchService: "service-b" /#,
            #/noRecords: "service-b.payments"\n/#,
            #/4 endpoints, seen after [\d.]+ s\n +\+ .*worker-2.*\n +\+ .*worker-3.*\n\n/#,
            #/1 endpoint, seen after [\d.]+ s\n +- .*worker-1.*\n +- .*worker-2.*\n +- .*worker-3.*\n\n/#,
        ] {
            #expect(command.output.contains(part), "\(command.output)")
        }
        let turns = try #require(command.output.firstMatch(of: #/(worker-\d )+worker-\d\n/#)).0.split(separator: " ")
        #expect(Set(turns.prefix(4)) == ["worker-0", "worker-1", "worker-2", "worker-3"])
        #expect(turns.dropFirst(4).map { $0.prefix { $0 != "\n" } } == turns.prefix(2).map { $0[...] })
    }

    @Test func `its manifests are printed as they are in the repository, and can be served`() async throws {
        let command = try await Command.run(["demo", "--print-manifests"])
        #expect(command.status == 0)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/ClusterDNSCommand/Demo/Manifests")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.map(\.lastPathComponent).sorted() == DemoManifests.files.map(\.name).sorted())
        for file in files { #expect(command.output.contains(try String(contentsOf: file, encoding: .utf8))) }

        let services = try await LocalCluster.with(manifests: [.yaml(command.output)]) { await $0.services }
        #expect(
            services.map { "\($0.name).\($0.namespace) \($0.type) \($0.endpoints.count)" } == [
                "partner.default ExternalName 0", "service-a.default ClusterIP 3", "worker.default Headless 2",
                "service-b.payments ClusterIP 3",
            ]
        )
    }

    /// Measured with glibc.
    @Test(arguments: [
        ("service-b", "service-b.default.svc.cluster.local.", 2),
        ("service-b.other", "service-b.other.svc.cluster.local.", 4),
        ("service-b.other.svc", "service-b.other.svc.cluster.local.", 6),
        ("service-b.other.svc.cluster.local", "service-b.other.svc.cluster.local.", 8),
        ("api.example.com", "api.example.com.", 8),
        ("api.example.com.", "api.example.com.", 2),
        ("a.b.c.d.e.f", "a.b.c.d.e.f.", 2),
        ("nowhere", "", 8),
    ])
    func `the C library walks its search list`(_ name: String, _ existing: String, _ queries: Int) async {
        let walk = SearchWalk(name, namespace: "default", clusterDomain: "cluster.local")
        #expect(await walk.queries { $0 == existing } == queries)
    }

    @Test func `colours are for terminals`() {
        #expect(Style(hasColours: false).code("a") == "a")
        #expect(Style(hasColours: true).code("a") == "\u{1B}[36ma\u{1B}[0m")
    }
}
