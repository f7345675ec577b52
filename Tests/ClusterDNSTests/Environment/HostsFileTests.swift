import Foundation
import Testing

@testable import ClusterDNS

@Suite("Hosts file")
struct HostsFileTests {
    private func parse(_ text: String) -> HostsFile {
        HostsFile(parsing: Array(text.utf8))
    }

    @Test("A pod's file is read")
    func pod() {
        let file = parse(
            """
            # Kubernetes-managed hosts file.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            10.1.2.3\tweb-0.web.default.svc.cluster.local\tweb-0

            # Entries added by HostAliases.
            10.0.0.7\tService-B\tdb.example.com.
            """
        )
        #expect(file.addresses(for: "localhost")?.map(\.description) == ["127.0.0.1", "::1"])
        #expect(file.addresses(for: "web-0") == [IPAddress(ipv4: 0x0A01_0203)])
        #expect(file.addresses(for: "service-b") == file.addresses(for: "db.example.com"))
        #expect(file.addresses(for: "service-b")?.map(\.description) == ["10.0.0.7"])
        #expect(file.addresses(for: "service-c") == nil)
        #expect(file.notes.isEmpty)
    }

    @Test("Addresses of a name come in the file's order, none twice")
    func order() {
        let file = parse("10.0.0.2 a b\n10.0.0.1 A\r\n10.0.0.2 a a\nfd00::1 a")
        #expect(file.addresses(for: "a")?.map(\.description) == ["10.0.0.2", "10.0.0.1", "fd00::1"])
    }

    @Test("A comment may begin in the midst of a word")
    func comments() {
        let file = parse("10.0.0.1 a#b c\n#10.0.0.2 a\n10.0.0.3#x\n")
        #expect(file.addresses(for: "a")?.count == 1)
        #expect(file.addresses(for: "c") == nil)
        #expect(file.notes == ["line 3: \"10.0.0.3\" has no name"])
    }

    @Test(
        "What is no line of a hosts file is left out and noted",
        arguments: ["a 10.0.0.1", "10.0.0.256 a", "fe80::1%lo0 a", "\0 a"]
    )
    func badLines(_ line: String) {
        let file = parse("\(line)\n10.0.0.1 b")
        #expect(file.addresses(for: "a") == nil)
        #expect(file.addresses(for: "b")?.count == 1)
        #expect(file.notes.count == 1)
    }

    @Test("Only so much of a huge file is read")
    func hugeFile() {
        let one = parse(String(repeating: "10.0.0.1 a\n", count: 200_000))
        #expect(one.addresses(for: "a")?.count == 1)
        #expect(one.notes == ["only the first 1048576 octets are read"])
        let many = parse("10.0.0.1 " + (0..<100_000).map { "n\($0)" }.joined(separator: " "))
        #expect(many.addresses(for: "n65535") != nil)
        #expect(many.addresses(for: "n65536") == nil)
        #expect(many.notes.count == 1)
        #expect(parse(String(repeating: "x\n", count: 100_000)).notes.count <= 40)
    }
}

@Suite("A hosts file that is read from the disk")
struct HostsFileOnDiskTests {
    @Test("Of a file that is too long the line at its limit is not read, and a note says so")
    func cut() throws {
        let line = "10.0.0.9 service-b2\n"
        // The limit is behind `service-b`.
        let filler = String(repeating: "#", count: HostsFile.maximumSize - line.utf8.count + 1) + "\n"
        let path = FileManager.default.temporaryDirectory.appending(path: "hosts-\(UUID())").path()
        try (filler + line + line).write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var configuration = ResolverConfiguration()
        configuration.hostsPath = path
        let environment = try ResolvedEnvironment.current(configuration)
        #expect(environment.hosts.names.isEmpty)
        #expect(environment.notes.contains { $0.contains("only the first \(HostsFile.maximumSize) octets are read") })
    }

    @Test("No octets crash the reader")
    func noise() {
        var random = SplitMix64(seed: 1)
        let words = ["10.0.0.1", "::1", "fe80::1%lo", "localhost", "a", "#", " ", "\t", "\n", "\r\n", "\0"]
        for _ in 0..<5000 {
            let octets = noisyText(of: words, using: &random)
            let file = HostsFile(parsing: octets)
            #expect(file.names.allSatisfy { file.addresses(for: $0)?.isEmpty == false })
            let account = ServiceAccountNamespace(parsing: octets)
            #expect((account.namespace == nil) == (account.notes.count == 1))
        }
    }
}

/// Words and octets of chance.
func noisyText(of words: [String], using random: inout SplitMix64) -> [UInt8] {
    let text = (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in words.randomElement(using: &random) }
    return Array(text.joined().utf8) + random.octets(0...4)
}

@Suite("Service account namespace")
struct ServiceAccountNamespaceTests {
    @Test("The text is one label", arguments: ["payments", "payments\n", " Payments \r\n"])
    func valid(_ text: String) {
        let file = ServiceAccountNamespace(parsing: Array(text.utf8))
        #expect(file.namespace == "payments")
        #expect(file.notes.isEmpty)
    }

    @Test(
        "Anything else is noted",
        arguments: ["", " \n", "a b", "a.b", "a_b", "-", "a\0", String(repeating: "a", count: 100_000)]
    )
    func invalid(_ text: String) {
        let file = ServiceAccountNamespace(parsing: Array(text.utf8))
        #expect(file.namespace == nil)
        #expect(file.notes.count == 1)
    }
}
