import Testing

@testable import ClusterDNS

@Suite("resolv.conf")
struct ResolvConfTests {
    private func parse(_ text: String) -> ResolvConf {
        ResolvConf(parsing: Array(text.utf8))
    }

    @Test("A pod's file is read")
    func pod() throws {
        let file = parse(
            """
            search payments.svc.cluster.local svc.cluster.local cluster.local eu-west-1.compute.internal
            nameserver 10.96.0.10
            options ndots:5

            """
        )
        #expect(file.nameServers.map(\.description) == ["10.96.0.10:53"])
        #expect(
            file.search == [
                "payments.svc.cluster.local", "svc.cluster.local", "cluster.local", "eu-west-1.compute.internal",
            ]
        )
        #expect(file.options.ndots == 5)
        #expect(file.pod?.namespace == "payments")
        #expect(file.pod?.clusterDomain == .clusterLocal)
        #expect(file.notes.isEmpty)
    }

    @Test(
        "White space, line ends and comments are taken as they come",
        arguments: [
            "nameserver 10.0.0.1", "nameserver\t10.0.0.1\r\n", "  nameserver   10.0.0.1  \n",
            "\n\r\n\nnameserver 10.0.0.1\n",
            "# a comment\n; another\nnameserver 10.0.0.1 # why\n",
            "#nameserver 10.0.0.2\nnameserver 10.0.0.1 ;10.0.0.2",
            "sortlist 10.0.0.0\nbogus\nnameserver 10.0.0.1 10.0.0.2\n", "nameserver 10.0.0.1\nNAMESERVER 10.0.0.2",
            "nameserver 10.0.0.1\nnameserver10.0.0.2", "nameserver 10.0.0.1\ndomain\nsearch\noptions",
        ]
    )
    func layout(_ text: String) {
        let file = parse(text)
        #expect(file.nameServers.map(\.description) == ["10.0.0.1:53"])
        #expect(file.search.isEmpty)
        #expect(file.notes.isEmpty)
    }

    @Test(
        "A name server that is no address is left out and noted",
        arguments: ["", "kube-dns", "10.0.0.256", "10.0.0.1;x", "10.0.0.1#53", "\0", "\u{FF}"]
    )
    func badNameServer(_ text: String) {
        let file = parse("nameserver \(text)\nnameserver fe80::1%eth0\n")
        #expect(file.nameServers.map(\.description) == ["[fe80::1%eth0]:53"])
        #expect(file.notes.count == 1)
        #expect(file.notes.first?.hasPrefix("line 1: ") == true)
    }

    @Test("Three name servers are used, as by the C library")
    func manyNameServers() {
        let file = parse((1...5).map { "nameserver 10.0.0.\($0)\n" }.joined())
        #expect(file.nameServers.map(\.description) == ["10.0.0.1:53", "10.0.0.2:53", "10.0.0.3:53"])
        #expect(file.notes.count == 1)
    }

    @Test(
        "The last line of search and domain wins",
        arguments: [
            ("search a b\nsearch c", ["c"]), ("search a b\ndomain c d", ["c"]), ("domain c\nsearch a b", ["a", "b"]),
            ("search . _x.y z.\n", [".", "_x.y", "z."]), ("search a # b", ["a"]), ("search a\nsearch\n", ["a"]),
        ]
    )
    func search(_ text: String, search: [String]) {
        #expect(parse(text).search == search)
    }

    @Test("A search list has at most 32 domains and 2048 characters")
    func longSearch() {
        let many = parse("search " + (1...40).map { "d\($0)" }.joined(separator: " "))
        #expect(many.search.count == 32)
        #expect(many.notes.count == 1)
        let domain = String(repeating: "d", count: 99)
        let exact = parse(
            "search " + Array(repeating: domain, count: 20).joined(separator: " ") + " "
                + String(repeating: "d", count: 48)
        )
        #expect(exact.search.count == 21)
        let long = parse(
            "search " + Array(repeating: domain, count: 20).joined(separator: " ") + " "
                + String(repeating: "d", count: 49)
        )
        #expect(long.search.count == 20)
    }

    @Test("Options add up, numbers are bounded, the unknown is nothing")
    func options() {
        let file = parse("options ndots:2 rotate edns0 bogus:1\noptions use-vc timeout:99 attempts:3 ndots:99")
        #expect(file.options.ndots == 15)
        #expect(file.options.usesTCP)
        #expect(file.notes.isEmpty)
    }

    @Test(
        "A number that is none is noted",
        arguments: ["ndots:", "ndots:x", "ndots:-1", "ndots:99999999999999999999", "ndots:1:2"]
    )
    func badOption(_ option: String) {
        let file = parse("options \(option)")
        #expect(file.options == ResolvConf.Options())
        #expect(file.notes.count == 1)
    }

    @Test(
        "Namespace and cluster domain are read off a pod's search list, in any order and among others",
        arguments: [
            ("ns.svc.cluster.local svc.cluster.local cluster.local", "ns", "cluster.local."),
            ("cluster.local node.example.com NS.svc.Cluster.Local. _x.y . svc.cluster.local", "ns", "cluster.local."),
            ("default.svc.k8s svc.k8s k8s", "default", "k8s."),
            (
                "ns.svc.prod.eu.example.com svc.prod.eu.example.com prod.eu.example.com eu.example.com", "ns",
                "prod.eu.example.com."
            ),
            ("x.svc.corp.com ns.svc.cluster.local svc.cluster.local cluster.local", "ns", "cluster.local."),
            ("svc.svc.cluster.local svc.cluster.local cluster.local", "svc", "cluster.local."),
            ("default.svc.svc.local svc.svc.local svc.local", "default", "svc.local."),
            ("svc.local svc.svc.local default.svc.svc.local", "default", "svc.local."),
        ]
    )
    func derivation(_ search: String, namespace: String, clusterDomain: String) throws {
        let pod = try #require(parse("search \(search)").pod)
        #expect(pod.namespace == namespace)
        #expect(pod.clusterDomain.description == clusterDomain)
    }

    @Test(
        "Other search lists tell nothing",
        arguments: [
            "", ".", "example.com", "svc.cluster.local cluster.local", "ns.svc.cluster.local",
            "ns.svc.cluster.local cluster.local",
            "ns.svc.cluster.local svc.cluster.local", "ns.svc svc .",
            "n_s.svc.cluster.local svc.cluster.local cluster.local",
            "ns.svc.clu_ster svc.clu_ster clu_ster", "a..svc.k8s svc.k8s k8s", "ns.foo.k8s foo.k8s k8s",
        ]
    )
    func noDerivation(_ search: String) {
        #expect(parse("search \(search)").pod == nil)
    }

    @Test("Only so much of a huge file is read")
    func hugeFile() {
        let file = parse(String(repeating: "nameserver x\n", count: 100_000))
        #expect(file.nameServers.isEmpty)
        #expect(file.notes.count <= 40)
        #expect(file.notes.first == "only the first 65536 octets are read")
        #expect(file.notes.allSatisfy { $0.utf8.count < 1000 })
        #expect(parse("search " + String(repeating: "a", count: 1_000_000)).search.isEmpty)
    }

    @Test("No octets crash the reader")
    func noise() {
        let words = [
            "nameserver", "search", "options", "ndots:", "5", " ", "\t", "\n", "\r\n", "#", ";", "10.0.0.1", "::1", "%",
            "svc", ".",
        ]
        var random = SplitMix64(seed: 1)
        for _ in 0..<5000 {
            let octets = noisyText(of: words, using: &random)
            #expect(ResolvConf(parsing: octets.shuffled(using: &random)).nameServers.count <= 3)
            let file = ResolvConf(parsing: octets)
            #expect(file.pod == nil || file.search.contains { $0.contains("svc") })
        }
    }
}
