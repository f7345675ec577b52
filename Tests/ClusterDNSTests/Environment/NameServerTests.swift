import Testing

@testable import ClusterDNS

@Suite("Name servers")
struct NameServerTests {
    @Test(
        "Text is read, and written with its port",
        arguments: [
            ("10.96.0.10", "10.96.0.10:53"), ("10.96.0.10:5353", "10.96.0.10:5353"), ("fd00::A", "[fd00::a]:53"),
            ("[fd00::a]", "[fd00::a]:53"), ("[fd00::a]:1", "[fd00::a]:1"), ("::1", "[::1]:53"),
            ("fe80::1%eth0", "[fe80::1%eth0]:53"), ("[fe80::1%eth0.5]:65535", "[fe80::1%eth0.5]:65535"),
            ("::ffff:10.0.0.1", "[::ffff:10.0.0.1]:53"), ("fe80::1%2", "[fe80::1%2]:53"),
        ]
    )
    func textIsRead(_ text: String, description: String) throws {
        let nameServer = try NameServer(text)
        #expect(nameServer.description == description)
        #expect(try NameServer(description) == nameServer)
    }

    @Test("The parts are there")
    func parts() throws {
        let nameServer = try NameServer("[fe80::1%eth0]:5353")
        #expect(nameServer.address == IPAddress("fe80::1"))
        #expect(nameServer.port == 5353)
        #expect(nameServer.zone == "eth0")
        #expect(try NameServer("10.0.0.1") == NameServer(address: IPAddress(ipv4: 0x0A00_0001)))
    }

    @Test(
        "A zone that is none is refused with the other settings",
        arguments: [
            ("fe80::1", nil, false), ("fe80::1", "eth0", true), ("fe80::1", "a b", false), ("10.0.0.1", "eth0", false),
        ]
    )
    func zone(_ address: String, zone: String?, isValid: Bool) throws {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [NameServer(address: try #require(IPAddress(address)), zone: zone)]
        let outcome = Result { try configuration.validate() }
        #expect(((try? outcome.get()) != nil) == isValid)
    }

    @Test(
        "Other text is refused with the rule",
        arguments: [
            ("", "address"), (" ", "address"), ("kube-dns", "address"), ("10.0.0.1:", "port"), ("10.0.0.1:0", "port"),
            ("10.0.0.1:65536", "port"), ("10.0.0.1:+53", "port"), ("10.0.0.1:053", "port"),
            ("10.0.0.1:99999999999999999999", "port"),
            ("10.0.0.1 ", "address"), ("10.0.0.1,10.0.0.2", "address"), ("10.0.0.1%eth0", "address"),
            (":53", "address"),
            ("[10.0.0.1]:53", "address"), ("[fd00::a", "address"), ("[fd00::a]53", "address"), ("[fd00::a]:", "port"),
            ("fd00::a]:53", "address"), ("[[fd00::a]]", "address"), ("[]", "address"), ("[]:53", "address"),
            ("fe80::1%", "interface"), ("fe80::1%a,b", "interface"), ("fe80::1%a%b", "interface"),
            ("fe80::1%abcdefghijklmnop", "interface"),
            ("fe80::1%é", "interface"), (String(repeating: "1", count: 100_000), "address"),
        ]
    )
    func refused(_ text: String, rule: String) throws {
        let error = try #require(throws: ClusterDNSError.self) { try NameServer(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains(rule), "\(error.message)")
        #expect(error.message.hasPrefix("name server is \(text.quoted): "))
        #expect(error.message.utf8.count < 1000)
    }
}
