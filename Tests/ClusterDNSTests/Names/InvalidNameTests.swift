import Testing

@testable import ClusterDNS

@Suite("Invalid names")
struct InvalidNameTests {
    private let expander = NameExpander(namespace: "own", clusterDomain: .clusterLocal)

    private static let label63 = String(repeating: "a", count: 63)

    @Test(
        "A name that breaks a rule is refused with the rule",
        arguments: [
            ("", "empty"), (".", "label is empty"), ("..", "label is empty"), ("a..b", "label is empty"),
            (".a", "label is empty"),
            ("a b", #"" " is no letter, digit or hyphen"#), (" a", "is no letter, digit or hyphen"),
            ("a\n", #""\u{a}""#), ("a\0b", #""\u{0}""#),
            ("a\tb", "is no letter, digit or hyphen"),
            ("a\\.b", "escapes"), ("a\\046b", "escapes"), ("*", "wildcard"), ("*.b", "wildcard"), ("é", "xn--"),
            ("a。b", "xn--"),
            ("a.b.\u{212A}8s", "xn--"), ("a\u{301}.b", "xn--"), ("-a", "hyphen"), ("a-", "hyphen"),
            ("a.-b.c", "hyphen"),
            (label63 + "a", "64 characters"), ([label63, label63, label63, label63].joined(separator: "."), "253"),
            ("my_db", "underscore"), ("_http", "port in front"), ("_http._tcp", "port in front"),
            ("_http._tcp.", "port in front"),
            ("_http.tcp.a", "port in front"), ("_.a.b", "port in front"), ("a._tcp.b", "underscore"),
            ("_dmarc.example.com.", "port in front"),
            ("_http._tcp._a", "underscore"), ("_._tcp.a", "1 to 15"), ("_abcdefghijklmnop._tcp.a", "1 to 15"),
            ("_80._tcp.a", "letter"),
            ("_a--b._tcp.a", "hyphen"), ("_http._.a", "1 to 15"), ("_http._tcp.*", "wildcard"),
            ("10.0.0.256", "IPv4"), ("10.0.0.01", "IPv4"), ("a,b", "is no letter, digit or hyphen"),
            ("a:b:c", "is no letter, digit or hyphen"),
            ("a@b@", "is no letter, digit or hyphen"), ("::g", "is no letter, digit or hyphen"),
            ("a\"b", "is no letter, digit or hyphen"), ("a'b", "is no letter, digit or hyphen"),
            ("a?b", "is no letter, digit or hyphen"),
        ]
    )
    func refused(_ given: String, rule: String) throws {
        let error = try #require(throws: ClusterDNSError.self) { try expander.expand(given) }
        #expect(error.code == .invalidName)
        #expect(error.name == given)
        #expect(error.message.hasPrefix("\(given.quoted) is not a valid name: "))
        #expect(error.message.contains(rule), "\(error.message)")
        #expect(error.message.utf8.count < 1200)
        #expect(error.message.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test("A name of ten megabytes is refused with a short message")
    func endless() throws {
        let given = String(repeating: "a.", count: 5_000_000)
        let error = try #require(throws: ClusterDNSError.self) { try expander.expand(given) }
        #expect(error.code == .invalidName)
        #expect(error.message.contains("253"))
        #expect(error.message.utf8.count < 1200)
    }

    @Test(
        "A URL, a port or brackets get told what to give instead",
        arguments: [
            ("http://service-b", #"give "service-b" alone"#),
            ("dns:///service-b:8080", #"give "service-b" as the name and 8080 as the port"#),
            ("https://user@service-b.payments/path?x=1", #"give "service-b.payments" alone"#),
            ("service-b:8080", #"give "service-b" as the name and 8080 as the port"#),
            ("http://service-b:8080/", #"give "service-b" as the name and 8080 as the port"#),
            ("service-b/path", #"give "service-b" alone"#), ("service-b:", #"give "service-b" alone"#),
            ("service-b:http", #"give "service-b" alone"#),
            ("10.0.0.1:53", #"give "10.0.0.1" as the name and 53 as the port"#),
            ("10.0.0.0/8", #"give "10.0.0.0" alone"#),
            ("[::1]", #"give "::1" alone"#), ("[::1]:53", #"give "::1" as the name and 53 as the port"#),
            ("fe80::1%eth0", #"give "fe80::1" alone"#),
            ("http://[fd00::1]:80/", #"give "fd00::1" as the name and 80 as the port"#),
        ]
    )
    func mistaken(_ given: String, advice: String) throws {
        let error = try #require(throws: ClusterDNSError.self) { try expander.expand(given) }
        #expect(error.message == "\(given.quoted) is not a valid name: \(advice)")
    }

    @Test("No text crashes the reader")
    func noise() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ab0-_.:/@[]%*\\ \0\u{E9}#?")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }
            )
            if let expansion = try? expander.expand(text), case .candidates(let candidates) = expansion.outcome {
                #expect(!candidates.isEmpty && candidates.allSatisfy { $0.octets.count <= 255 })
            }
        }
    }
}
