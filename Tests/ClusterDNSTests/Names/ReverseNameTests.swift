import ClusterDNS
import Testing

@Suite("Reverse names")
struct ReverseNameTests {
    @Test(
        "An address and its reverse name lead to each other",
        arguments: [
            ("10.0.0.1", "1.0.0.10.in-addr.arpa."),
            ("192.0.2.255", "255.2.0.192.in-addr.arpa."),
            ("2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."),
        ]
    )
    func bothWays(_ text: String, name: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.reverseName.description == name)
        #expect(IPAddress(reverseName: address.reverseName) == address)
        #expect(DomainName(name.uppercased()).flatMap { IPAddress(reverseName: $0) } == address)
    }

    @Test(
        "The name of a block or of no address at all is no reverse name",
        arguments: [
            ".", "arpa.", "in-addr.arpa.", "0.0.10.in-addr.arpa.", "9.1.0.0.10.in-addr.arpa.",
            "256.0.0.10.in-addr.arpa.",
            "01.0.0.10.in-addr.arpa.", "x.0.0.10.in-addr.arpa.", "1.0.0.10.in-addr.example.", "1.0.0.10.ip6.arpa.",
            "8.b.d.0.1.0.0.2.ip6.arpa.", "1.0.0.10.in-addr.arpa.example.",
            String(repeating: "0.", count: 31) + "g.ip6.arpa.", String(repeating: "0.", count: 31) + "00.ip6.arpa.",
        ]
    )
    func others(_ name: String) throws {
        #expect(IPAddress(reverseName: try #require(DomainName(name))) == nil)
    }
}
