import Testing

@testable import ClusterDNS

/// The table "Which name is asked", row by row.
@Suite("Name expansion")
struct NameExpanderTests {
    private static func expander(
        _ namespace: String = "own",
        zone: String = "cluster.local",
        allowsShortNamesOutside: Bool = false
    ) throws -> NameExpander {
        NameExpander(
            namespace: namespace,
            clusterDomain: try DomainName(clusterDomain: zone),
            allowsShortNamesOutside: allowsShortNamesOutside
        )
    }

    private static func names(_ expansion: NameExpansion, _ expander: NameExpander) -> [String] {
        guard case .candidates(let candidates) = expansion.outcome else { return [] }
        return candidates.map { "\(expander.isInCluster($0) ? "" : "outside ")\($0)" }
    }

    @Test(
        "A name is asked under these names, in this order",
        arguments: [
            // One label.
            ("a", ["a.own.svc.cluster.local."]), ("Service-B", ["service-b.own.svc.cluster.local."]),
            ("9", ["9.own.svc.cluster.local."]), ("svc", ["svc.own.svc.cluster.local."]),
            // Two labels.
            ("a.b", ["a.b.svc.cluster.local.", "a.b.own.svc.cluster.local."]),
            ("a.svc", ["a.svc.svc.cluster.local.", "a.svc.own.svc.cluster.local."]),
            ("example.com", ["example.com.svc.cluster.local.", "example.com.own.svc.cluster.local."]),
            ("cluster.local", ["cluster.local.svc.cluster.local.", "cluster.local.own.svc.cluster.local."]),
            ("clusterset.local", ["clusterset.local.svc.cluster.local.", "clusterset.local.own.svc.cluster.local."]),
            // Three labels.
            ("a.b.svc", ["a.b.svc.cluster.local."]), ("A.B.SVC", ["a.b.svc.cluster.local."]),
            ("kubernetes.default.svc", ["kubernetes.default.svc.cluster.local."]),
            ("10-0-0-1.ns.pod", ["10-0-0-1.ns.pod.cluster.local."]),
            ("a.b.c", ["a.b.c.svc.cluster.local.", "outside a.b.c."]),
            ("api.example.com", ["api.example.com.svc.cluster.local.", "outside api.example.com."]),
            ("1.2.3", ["1.2.3.svc.cluster.local.", "outside 1.2.3."]),
            ("a.svc.pods", ["a.svc.pods.svc.cluster.local.", "outside a.svc.pods."]),
            // More labels.
            ("web-0.web.ns.svc", ["web-0.web.ns.svc.cluster.local."]),
            ("a.b.c.d.e.svc", ["a.b.c.d.e.svc.cluster.local."]),
            ("a.b.c.d", ["outside a.b.c.d."]), ("x.y.ns.pod", ["outside x.y.ns.pod."]),
            ("1.2.3.4.5", ["outside 1.2.3.4.5."]),
            // Absolute names.
            ("a.", ["outside a."]), ("example.com.", ["outside example.com."]), ("a.b.svc.", ["outside a.b.svc."]),
            ("a.b.svc.cluster.local", ["a.b.svc.cluster.local."]),
            ("a.b.svc.cluster.local.", ["a.b.svc.cluster.local."]),
            ("A.B.SVC.Cluster.Local", ["a.b.svc.cluster.local."]), ("cluster.local.", ["cluster.local."]),
            ("dns-version.cluster.local", ["dns-version.cluster.local."]),
            ("a.b.svc.notcluster.local", ["outside a.b.svc.notcluster.local."]),
            ("a.b.svc.clusterset.local", ["a.b.svc.clusterset.local."]),
            ("x.clusterset.local", ["x.clusterset.local."]),
            // A port in front is put aside.
            ("_http._tcp.a", ["_http._tcp.a.own.svc.cluster.local."]),
            ("_HTTP._TCP.a.b", ["_http._tcp.a.b.svc.cluster.local.", "_http._tcp.a.b.own.svc.cluster.local."]),
            ("_http._tcp.a.b.svc", ["_http._tcp.a.b.svc.cluster.local."]),
            ("_dns._udp.a.b.c", ["_dns._udp.a.b.c.svc.cluster.local.", "outside _dns._udp.a.b.c."]),
            ("_http._tcp.a.b.c.d", ["outside _http._tcp.a.b.c.d."]),
            ("_sip._tls.example.com.", ["outside _sip._tls.example.com."]),
            (
                "_http._tcp.cluster.local",
                ["_http._tcp.cluster.local.svc.cluster.local.", "_http._tcp.cluster.local.own.svc.cluster.local."]
            ),
            ("_http._tcp.a.b.svc.cluster.local", ["_http._tcp.a.b.svc.cluster.local."]),
        ]
    )
    func candidates(_ given: String, names: [String]) throws {
        let expander = try Self.expander()
        let expansion = try expander.expand(given)
        #expect(Self.names(expansion, expander) == names)
        #expect(expansion.given == given)
    }

    @Test(
        "The cluster domain may have any number of labels",
        arguments: [
            ("local", "clusterset.local", ["clusterset.local."]),
            ("k8s", "a.b.svc.k8s", ["a.b.svc.k8s."]), ("k8s", "k8s", ["k8s.own.svc.k8s."]),
            ("k8s", "a.k8s", ["a.k8s."]),
            ("prod.eu.example.com.", "a", ["a.own.svc.prod.eu.example.com."]),
            ("Prod.Eu.Example.com", "a.b.svc.prod.eu.example.com", ["a.b.svc.prod.eu.example.com."]),
            (
                "prod.eu.example.com", "www.example.com",
                ["www.example.com.svc.prod.eu.example.com.", "outside www.example.com."]
            ),
            ("prod.eu.example.com", "a.b.svc.cluster.local", ["outside a.b.svc.cluster.local."]),
            ("prod.eu.example.com", "a.b.svc.clusterset.local", ["a.b.svc.clusterset.local."]),
        ]
    )
    func clusterDomains(_ zone: String, given: String, names: [String]) throws {
        let expander = try Self.expander(zone: zone)
        #expect(Self.names(try expander.expand(given), expander) == names)
    }

    @Test("An address is its own answer", arguments: ["10.0.0.1", "::1", "FD00::a", "::ffff:10.0.0.1"])
    func literals(_ given: String) throws {
        let address = try #require(IPAddress(given))
        #expect(try Self.expander().expand(given).outcome == .literal(address))
    }

    @Test(
        "Localhost is known",
        arguments: ["localhost", "LocalHost.", "a.localhost", "a.b.c.localhost.", "_http._tcp.localhost"]
    )
    func localhost(_ given: String) throws {
        #expect(try Self.expander().expand(given).outcome == .localhost)
    }

    @Test(
        "Only names that end in the label localhost are localhost",
        arguments: ["mylocalhost", "localhost.b", "localhost.example.com"]
    )
    func notLocalhost(_ given: String) throws {
        #expect(try Self.expander().expand(given).outcome != .localhost)
    }

    @Test("Short names leave the cluster last, if they may")
    func shortNamesOutside() throws {
        let expander = try Self.expander(allowsShortNamesOutside: true)
        #expect(Self.names(try expander.expand("a"), expander) == ["a.own.svc.cluster.local.", "outside a."])
        #expect(
            Self.names(try expander.expand("a.b"), expander) == [
                "a.b.svc.cluster.local.", "a.b.own.svc.cluster.local.", "outside a.b.",
            ]
        )
        #expect(try expander.expand("a").otherMeaning?.hint(for: "a") == nil)
    }

    @Test("The hint says how to write a name that is meant otherwise")
    func hints() throws {
        let expander = try Self.expander()
        #expect(
            try expander.expand("example.com").otherMeaning?.hint(for: "example.com")
                == #"write "example.com." for a name outside the cluster"#
        )
        let short = try #require(try expander.expand("a").otherMeaning?.hint(for: "a"))
        #expect(short.contains(#""a.<namespace>""#) && short.contains(#""a.""#) && short.contains("own"))
        for given in ["a.b.c", "a.", "a.b.", "localhost", "10.0.0.1", "a.b.svc.cluster.local"] {
            #expect(try expander.expand(given).otherMeaning == nil)
        }
    }

    @Test("The hosts file is asked for the name as given", arguments: [("A.B", "a.b"), ("a.b.", "a.b"), ("a", "a")])
    func hostsKey(_ given: String, key: String) throws {
        #expect(try Self.expander().expand(given).hostsKey == key)
    }

    @Test("A named port goes in front of every candidate")
    func namedPort() throws {
        let http = try PortName("HTTP")
        let expander = try Self.expander()
        let expansion = try expander.expand("a.b.c").forPort(http, protocol: .tcp)
        #expect(
            Self.names(expansion, expander) == ["_http._tcp.a.b.c.svc.cluster.local.", "outside _http._tcp.a.b.c."]
        )
        #expect(expansion.given == "a.b.c")
        let dns = try expander.expand("a").forPort(PortName("dns"), protocol: .udp)
        #expect(Self.names(dns, expander) == ["_dns._udp.a.own.svc.cluster.local."])
    }

    @Test("A named port needs a name without one", arguments: ["10.0.0.1", "::1", "localhost", "_http._tcp.a"])
    func namedPortRefused(_ given: String) throws {
        let expansion = try Self.expander().expand(given)
        let error = try #require(throws: ClusterDNSError.self) {
            try expansion.forPort(PortName("http"), protocol: .tcp)
        }
        #expect(error.code == .invalidName)
    }

    @Test("Candidates that are too long are left out, and none left is an error")
    func tooLong() throws {
        // 240 characters in three labels: too long with the cluster domain, not too long alone.
        let long = ["a", "b", "c"].map { String(repeating: $0, count: 63) }.joined(separator: ".")
        let zone = String(repeating: "z", count: 60)
        let expander = try Self.expander(zone: zone)
        #expect(Self.names(try expander.expand(long), expander) == ["outside \(long)."])
        #expect(throws: ClusterDNSError.self) { try expander.expand(long + ".svc") }
        #expect(throws: ClusterDNSError.self) {
            try Self.expander(zone: [long, "z"].joined(separator: ".")).expand(String(repeating: "a", count: 63))
        }
    }
}
