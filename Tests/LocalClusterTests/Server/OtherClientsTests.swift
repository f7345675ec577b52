import ClusterDNS
import Foundation
import TestProcesses
import Testing

@testable import LocalCluster

/// What programs of others make of the answers.
@Suite("Clients of others", .timeLimit(.minutes(5)))
struct OtherClientsTests {
    static let lookups: [(String, String, [String])] = [
        ("service-b.payments.svc.cluster.local", "A", ["10.96.0.10"]),
        ("dual.default.svc.cluster.local", "AAAA", ["fd00:96::20"]),
        ("_http._tcp.service-b.payments.svc.cluster.local", "SRV", ["0 100 80 service-b.payments.svc.cluster.local."]),
        ("10.0.96.10.in-addr.arpa", "PTR", ["service-b.payments.svc.cluster.local."]),
        ("dns-version.cluster.local", "TXT", ["\"1.1.0\""]),
        ("cluster.local", "SOA", ["ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5"]),
        ("inside.default.svc.cluster.local", "A", ["service-b.payments.svc.cluster.local.", "10.96.0.10"]),
        ("sliced.default.svc.cluster.local", "A", ["10.1.0.1", "10.1.0.2"]),
        ("missing.default.svc.cluster.local", "A", []),
    ]

    @Test("dig reads them, over UDP and TCP", .enabled(if: Tool.exists("dig")), arguments: lookups)
    func dig(_ name: String, _ type: String, _ expected: [String]) async throws {
        try await read(by: "dig", name, type, expected)
    }

    @Test("kdig reads them, over UDP and TCP", .enabled(if: Tool.exists("kdig")), arguments: lookups)
    func kdig(_ name: String, _ type: String, _ expected: [String]) async throws {
        try await read(by: "kdig", name, type, expected)
    }

    private func read(by tool: String, _ name: String, _ type: String, _ expected: [String]) async throws {
        try await LocalCluster.with(manifests: [.yaml(Fixtures.shop)]) { cluster async throws in
            for transport in ["+notcp", "+tcp"] {
                let arguments = ["@127.0.0.1", "-p", "\(cluster.port)", "+short", transport, name, type]
                let lines = try await Tool.output(of: tool, arguments).split(separator: "\n").map(String.init)
                #expect(lines.sorted() == expected.sorted())
            }
        }
    }

    @Test("dig finds the answer whole, without a warning", .enabled(if: Tool.exists("dig")))
    func whole() async throws {
        try await LocalCluster.with(manifests: [.yaml(Fixtures.shop)]) { cluster async throws in
            try await cluster.scale("db", to: 300)
            let name = "db.default.svc.cluster.local"
            let output = try await Tool.output(of: "dig", ["@127.0.0.1", "-p", "\(cluster.port)", name, "SRV"])
            #expect(output.contains("ANSWER: 300, AUTHORITY: 0, ADDITIONAL: 301"))
            #expect(output.contains("flags: qr aa rd;"))
            // What dig warns of is what cluster DNS is like: a domain of its own, and no recursion.
            let known = [".local is reserved for Multicast DNS", "recursion requested but not available"]
            let warnings = output.split(separator: "\n").filter { line in
                (line.hasPrefix(";; WARNING") || line.contains("malformed")) && !known.contains { line.contains($0) }
            }
            #expect(warnings == [])
        }
    }

    /// A pod's resolv.conf takes the place of the machine's in a mount namespace, and the name server listens on port 53 of
    /// a loopback address that nobody else uses.
    @Test(
        "getaddrinfo resolves with a pod's resolv.conf",
        .enabled(if: Tool.isRoot && Tool.exists("unshare") && Tool.exists("getent")),
        arguments: [
            ("service-b.payments", ["10.96.0.10"]),
            ("dual", ["10.96.0.20", "fd00:96::20"]),
            ("sliced", ["10.1.0.1", "10.1.0.2", "fd00:1::5"]),
            ("inside.default.svc", ["10.96.0.10"]),
            ("one.sliced.default.svc.cluster.local.", ["10.1.0.1"]),
            ("missing", []),
        ]
    )
    func getaddrinfo(_ name: String, _ expected: [String]) async throws {
        let server = IPAddress(ipv4: 0x7F00_0000 | UInt32.random(in: 0x01_0000...0xFF_FFFE))
        let cluster = try await LocalCluster.start(manifests: [.yaml(Fixtures.shop)], address: server, port: 53)
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).conf").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = """
            nameserver \(server)
            search default.svc.cluster.local svc.cluster.local cluster.local
            options ndots:5

            """
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        let script = "mount --bind \(path) /etc/resolv.conf && getent ahosts \(name)"
        let output = try await Tool.output(of: "unshare", ["-m", "sh", "-c", script])
        let addresses = output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(Set(addresses).sorted() == expected)
        #expect(cluster.queryCount > 0)
        await cluster.stop()
    }
}

/// Programs that may be installed.
enum Tool {
    static var isRoot: Bool { geteuid() == 0 }

    static func exists(_ name: String) -> Bool { Program.path(of: name) != nil }

    static func output(of name: String, _ arguments: [String]) async throws -> String {
        try await Program.run(name, arguments).output
    }
}
