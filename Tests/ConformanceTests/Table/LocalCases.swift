import ClusterDNS
import TestServers

extension ConformanceCase {
    /// Nothing is asked, the answer is there already.
    static let localCases: [ConformanceCase] = [
        known("10.1.2.3", gives: .endpoints(["10.1.2.3"])),
        known("10.1.2.3", .port(8080), gives: .endpoints(["10.1.2.3:8080"])),
        known("fd00::1", gives: .endpoints(["fd00::1"])),
        known("fd00::1", .port(8080), gives: .endpoints(["[fd00::1]:8080"])),
        known("::1", gives: .endpoints(["::1"])),
        known("localhost", absoluteName: "localhost.", gives: .endpoints(["127.0.0.1", "::1"])),
        known("localhost.", absoluteName: "localhost.", gives: .endpoints(["127.0.0.1", "::1"])),
        known("LocalHost", absoluteName: "localhost.", gives: .endpoints(["127.0.0.1", "::1"])),
        known("localhost", .port(80), families: .ipv4, absoluteName: "localhost.", gives: .endpoints(["127.0.0.1:80"])),
        known("localhost", families: .ipv6, absoluteName: "localhost.", gives: .endpoints(["::1"])),
        inHostsFile("localhost", gives: .endpoints(["127.0.0.1", "::1"]), why: "no file has a say in it (RFC 6761)"),
        inHostsFile("billing", gives: .endpoints(["192.0.2.7"]), why: "an alias of the pod"),
        inHostsFile("Billing", gives: .endpoints(["192.0.2.7"]), why: "hosts files know no letter case"),
        inHostsFile("service-b", gives: .endpoints(["192.0.2.8"]), why: "an alias comes before the service"),
        inHostsFile("billing.corp.example", gives: .endpoints(["192.0.2.7"]), why: "a second name in a line"),
    ]

    private static func known(
        _ name: String,
        _ query: Query = .addresses,
        families: Families = .any,
        absoluteName: String? = nil,
        gives outcome: Outcome
    ) -> ConformanceCase {
        var result = ConformanceCase(name, query, families: families, gives: outcome)
        result.absoluteName = .exactly(absoluteName ?? name)
        return result
    }

    private static func inHostsFile(_ name: String, gives outcome: Outcome, why: String) -> ConformanceCase {
        var result = ConformanceCase(name, gives: outcome, why: why)
        result.hosts = "127.0.0.9 localhost\n192.0.2.7 billing billing.corp.example # of the pod\n192.0.2.8 service-b\n"
        result.absoluteName = .exactly("\(name.lowercased()).")
        return result
    }
}

extension ConformanceCase {
    /// The name or the port name breaks a rule, and nothing is asked.
    static let refusedCases: [ConformanceCase] =
        [
            ("", "nothing"),
            ("service b", "a space"),
            ("service-b\0", "a NUL"),
            ("service-b\n", "a line feed"),
            ("service\\-b", "an escape"),
            ("service\\046b", "an escape"),
            ("*", "a wildcard"),
            ("*.payments", "a wildcard"),
            ("bücher", "a scalar outside ASCII"),
            ("service-b\u{212A}", "a scalar outside ASCII that folds to a k"),
            ("-service", "a hyphen first"),
            ("service-", "a hyphen last"),
            ("service-b.-payments", "a hyphen first"),
            ("service_b", "an underscore where SRV puts none"),
            (".service-b", "an empty label first"),
            ("service-b..payments", "an empty label"),
            ("service-b..", "an empty label last"),
            ("service-b:80", "a colon"),
            ("http://service-b", "a URL"),
            ("service-b/", "a slash"),
            ("\(TestCluster.longLabel)x", "a label of 64 octets"),
            ("\(TestCluster.longLabel)x.default.svc.cluster.local.", "a label of 64 octets in an absolute name"),
            (tooLongName, "a name of 254 octets"),
        ].map { name, why in refused(name, .addresses, why) }
        + [
            ("", "nothing"),
            ("-http", "a hyphen first"),
            ("http-", "a hyphen last"),
            ("ht--tp", "two hyphens in a row"),
            ("8080", "no letter"),
            ("ht_tp", "an underscore"),
            ("ht tp", "a space"),
            ("_http", "the underscore is ours to put"),
            ("http.tcp", "a dot"),
            ("sixteen-octets-1", "16 octets"),
        ].map { port, why in refused("service-b", .named(port), "\(why) in the port name") }

    private static func refused(_ name: String, _ query: Query, _ why: String) -> ConformanceCase {
        var result = ConformanceCase(name, query, gives: .error(.invalidName), why: why)
        result.absoluteName = .exactly(nil)
        return result
    }

    private static let tooLongName: String = {
        let label = TestCluster.longLabel
        return [label, label, label, String(label.prefix(62))].joined(separator: ".")
    }()
}
