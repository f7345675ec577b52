import ClusterDNS
import Testing

@Suite("Domain names")
struct DomainNameTests {
    @Test("Letter case makes no difference, other octets do")
    func caseIsFolded() throws {
        let name = try #require(DomainName("Service-B.Default"))
        #expect(name == DomainName("service-b.default."))
        #expect(name.hashValue == DomainName("SERVICE-B.DEFAULT")?.hashValue)
        #expect(DomainName("a[b") != DomainName("a{b"))
        #expect(DomainName("é") != DomainName("É"))
    }

    @Test("A name is kept as it goes over the wire")
    func octets() {
        #expect(DomainName("ab.c")?.octets == [2, 0x61, 0x62, 1, 0x63, 0])
        #expect(DomainName(".") == .root)
        #expect(DomainName.root.octets == [0])
    }

    @Test("Empty labels make no name", arguments: ["", "..", "a..b", ".a", "a.."])
    func emptyLabels(_ text: String) {
        #expect(DomainName(text) == nil)
    }

    @Test("A label has at most 63 octets")
    func labelLength() {
        #expect(DomainName(String(repeating: "a", count: 63)) != nil)
        #expect(DomainName(String(repeating: "a", count: 64)) == nil)
    }

    @Test("A name has at most 255 octets, which are 253 characters")
    func nameLength() throws {
        let longest = String(repeating: "a.", count: 126) + "a"
        #expect(longest.utf8.count == DomainName.maximumTextLength)
        #expect(DomainName(longest)?.octets.count == DomainName.maximumLength)
        #expect(DomainName(longest + ".") == DomainName(longest))
        #expect(DomainName("b." + longest) == nil)
        #expect(DomainName(String(repeating: "a.", count: 126) + "ab") == nil)
    }

    @Test("Labels and parents come apart from the left")
    func parts() throws {
        let name = try #require(DomainName("a.bc.d"))
        #expect(name.labels.map { String(decoding: $0, as: UTF8.self) } == ["a", "bc", "d"])
        #expect(DomainName(labels: name.labels) == name)
        #expect(name.parent == DomainName("bc.d"))
        #expect(DomainName("d")?.parent == .root)
        #expect(DomainName.root.parent == nil)
        #expect(DomainName.root.labels.isEmpty)
    }

    @Test(
        "A name is within itself, its parents and the root",
        arguments: [
            ("a.b.c", "a.b.c", true), ("a.b.c", "b.c", true), ("a.b.c", "C", true), ("a.b.c", ".", true),
            (".", ".", true),
            ("a.b.c", "a.b", false), ("xb.c", "b.c", false), ("c", "b.c", false), (".", "a", false),
            ("b.c", "a.b.c", false),
            // The octets of `1.a` end in those of `a`, but not at a label.
            ("\u{1}a", "a", false),
        ]
    )
    func within(_ name: String, ancestor: String, isWithin: Bool) throws {
        #expect(try #require(DomainName(name)).isWithin(try #require(DomainName(ancestor))) == isWithin)
    }

    @Test("Names are joined unless they are too long together")
    func appending() throws {
        let name = try #require(DomainName("a.b"))
        #expect(name.appending(.clusterLocal) == DomainName("a.b.cluster.local"))
        #expect(name.appending(.root) == name)
        #expect(DomainName.root.appending(name) == name)
        let long = try #require(DomainName(String(repeating: "a.", count: 124) + "abc"))
        #expect(try #require(DomainName("a")).appending(long) != nil)
        #expect(name.appending(long) == nil)
    }

    @Test("Text has a last dot, and escapes what could be mistaken")
    func description() {
        #expect(DomainName("Service-B.default")?.description == "service-b.default.")
        #expect(DomainName.root.description == ".")
        #expect(
            DomainName(labels: [Array("a.b\\\"".utf8), [0, 0x20, 0x7F, 0xFF]])?.description == #"a\.b\\\"."#
                + #"\000\032\127\255."#
        )
    }

    @Test("Names that the source spells out are as they are read")
    func constants() {
        #expect(DomainName.localhost == DomainName("localhost"))
        #expect(DomainName.clusterLocal == DomainName("cluster.local"))
        #expect(DomainName.clusterSet == DomainName("clusterset.local"))
    }
}
