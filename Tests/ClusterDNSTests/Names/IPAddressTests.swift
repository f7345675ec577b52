import ClusterDNS
import Testing

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "Text is read, and written in the one form of RFC 5952",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("FD00::A", "fd00::a"), ("fd00:0000::000a", "fd00::a"),
            ("0:0:0:0:0:0:0:0", "::"), ("2001:db8::0:1", "2001:db8::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("0:0:1::", "0:0:1::"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("::FFFF:a00:1", "::ffff:10.0.0.1"),
            ("::10.0.0.1", "::a00:1"), ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ]
    )
    func textIsRead(_ text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(Substring(text)) == address)
    }

    @Test(
        "Other text is no address",
        arguments: [
            "", " ", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..3.4", "256.0.0.1",
            "1.2.3.-4",
            "01.2.3.4", "1.2.3.00", "1.2.3.4 ", " 1.2.3.4", "1.2.3.+4", "0x7f.0.0.1", "1.2.3.٤", "1.2.3.4\0",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2:3:4:5:6:7:8", "1::2::3", ":1::", "1::2:",
            ":1:2:3:4:5:6:7", "12345::", "g::", "::1.2.3", "::1.2.3.256", "1.2.3.4::", "::1.2.3.4:5", "::01.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", "[::1]", "::1/128", "1::２",
            "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", String(repeating: ":", count: 5000),
        ]
    )
    func otherTextIsRefused(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("Octets make the address that they are made of")
    func octetsGoAround() throws {
        for text in ["10.1.2.3", "2001:db8:1:2:3:4:5:6"] {
            let address = try #require(IPAddress(text))
            #expect(IPAddress(octets: address.octets) == address)
        }
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
    }

    @Test(
        "Loopback is 127.0.0.0/8 and ::1",
        arguments: [("127.0.0.1", true), ("127.9.9.9", true), ("128.0.0.1", false), ("::1", true), ("::2", false)]
    )
    func loopback(_ text: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }

    @Test("IPv4 comes before IPv6, then the value counts")
    func order() {
        let inOrder = ["9.0.0.0", "10.0.0.0", "::1", "1::", "f::"]
        #expect(inOrder.reversed().compactMap { IPAddress($0) }.sorted().map(\.description) == inOrder)
    }
}
