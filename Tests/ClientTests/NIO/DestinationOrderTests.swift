import ClusterDNS
import NIOCore
import Testing

@testable import ClusterDNSNIO

@Suite("The order of destinations")
struct DestinationOrderTests {
    @Test(arguments: [
        // By precedence (RFC 6724 section 2.1).
        ["::1", "2001:db8::1", "10.0.0.1", "2002::1", "2001::1", "fd00::1", "3ffe::1"],
        ["2001:db8::1", "::ffff:10.0.0.1", "fc00::1", "fec0::1"],
        // By scope: the smaller first, as in RFC 6724 section 10.2.
        ["fe80::1", "2001:db8::1"], ["169.254.13.78", "198.51.100.121"], ["127.0.0.1", "10.0.0.1"],
    ])
    func `the RFC's rules for destinations are kept`(_ texts: [String]) throws {
        let addresses = try texts.map { try #require(IPAddress($0)) }
        for _ in 0..<20 { #expect(addresses.shuffled().inDestinationOrder() == addresses) }
    }

    @Test func `the address of a socket is found again, without its port and zone`() throws {
        for text in ["10.0.0.1", "fd00::1"] {
            let address = try #require(IPAddress(text))
            #expect(IPAddress(try SocketAddress(address, port: 80)) == address)
        }
        #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/socket")) == nil)
    }

    @Test func `those that are alike take turns by chance`() {
        let addresses = (1...3 as ClosedRange<UInt32>).map { IPAddress(ipv4: 0x0A00_0000 + $0) }
        // By chance one of three is never first in 100 once in 10¹⁷ runs.
        let first = Set((0..<100).map { _ in addresses.inDestinationOrder().first })
        #expect(first == Set(addresses))
    }
}
