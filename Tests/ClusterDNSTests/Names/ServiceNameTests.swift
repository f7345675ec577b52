import Testing

@testable import ClusterDNS

@Suite("Service names")
struct ServiceNameTests {
    @Test("Service and namespace are kept in lower case")
    func folded() throws {
        let name = try ServiceName(service: "Service-B", namespace: "Payments")
        #expect(name.service == "service-b")
        #expect(name.namespace == "payments")
        #expect(name == (try ServiceName(service: "service-b", namespace: "payments")))
        #expect(name.description == "service-b.payments")
        #expect(try ServiceName(service: "service-b").description == "service-b")
        #expect(try ServiceName(service: "service-b").namespace == nil)
    }

    @Test(
        "A service may begin with a digit and have 63 characters",
        arguments: ["9p", "0", String(repeating: "a", count: 63)]
    )
    func allowed(_ service: String) throws {
        #expect(try ServiceName(service: service).service == service)
    }

    @Test(
        "What is not one RFC 1123 label is refused, in either place",
        arguments: [
            "", "a.b", "a.", ".", "-a", "a-", "_a", "a_b", "a b", " a", "a\0", "a\n", "*", "a*", "a\\.b", "a\\046b",
            "é", "a\u{301}", "\u{212A}",
            "a/b", "a:80", String(repeating: "a", count: 64), String(repeating: "a", count: 100_000),
        ]
    )
    func refused(_ text: String) throws {
        for attempt in [{ try ServiceName(service: text) }, { try ServiceName(service: "a", namespace: text) }] {
            let error = try #require(throws: ClusterDNSError.self) { try attempt() }
            #expect(error.code == .invalidName)
            #expect(error.name == text)
            #expect(error.message.hasPrefix("\(text.quoted) is not a valid name of a "))
            #expect(error.message.utf8.count < 1500)
        }
    }
}

@Suite("Port names")
struct PortNameTests {
    @Test("A port name is kept in lower case", arguments: ["http", "HTTP", "a", "1a", "grpc-web", "abcdefghijklmno"])
    func allowed(_ text: String) throws {
        #expect(try PortName(text).description == text.lowercased())
    }

    @Test(
        "What RFC 6335 does not take is refused",
        arguments: ["", "80", "1-2", "-a", "a-", "a--b", "a_b", "_a", "a.b", "a b", "é", "a\0", "abcdefghijklmnop"]
    )
    func refused(_ text: String) throws {
        let error = try #require(throws: ClusterDNSError.self) { try PortName(text) }
        #expect(error.code == .invalidName)
        #expect(error.message.hasPrefix("\(text.quoted) is not a valid port name: "))
    }
}
