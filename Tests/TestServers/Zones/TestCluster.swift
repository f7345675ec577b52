/// The services of the cluster that the tests resolve in, and the world outside it.
public enum TestCluster {
    public static let services = systemServices + clusterIPServices + headlessServices + largeServices + aliases + traps

    static let systemServices = [
        Service("kubernetes", .clusterIP(["10.96.0.1"]), [.init("https", 443)]),
        // Two ports of one number: the bare SRV has it once, but the weight counts it twice.
        Service(
            "kube-dns",
            in: "kube-system",
            .clusterIP(["10.96.0.10"]),
            [.init("dns", 53, "udp"), .init("dns-tcp", 53), .init("metrics", 9153)]
        ),
        Service("metrics-server", in: "kube-system", .clusterIP(["10.96.0.20"]), [.init("https", 443)]),
    ]

    static let clusterIPServices = [
        Service("service-b", .clusterIP(["10.96.1.10"]), [.init("http", 80), .init("grpc", 9090)]),
        Service("unnamed-port", .clusterIP(["10.96.1.11"]), [.init(nil, 8000)]),
        Service("dual", .clusterIP(["10.96.1.12", "fd00:10:96::12"]), [.init("http", 80)]),
        Service("ipv6-only", .clusterIP(["fd00:10:96::13"]), [.init("http", 80)]),
        Service("signal", .clusterIP(["10.96.1.14"]), [.init("diameter", 3868, "sctp")]),
        Service("3scale", .clusterIP(["10.96.1.15"])),
        Service("42", .clusterIP(["10.96.1.16"])),
        Service("xn--bcher-kva", .clusterIP(["10.96.1.17"])),
        Service("short-lived", .clusterIP(["10.96.1.18"]), ttl: 5),
        Service("no-ttl", .clusterIP(["10.96.1.19"]), ttl: 0),
        Service(longLabel, .clusterIP(["10.96.1.20"]), [.init("fifteen-octets1", 80)]),
        Service("service-b", in: "other-ns", .clusterIP(["10.96.2.10"]), [.init("http", 80)]),
        Service("service-b", in: "payments", .clusterIP(["10.96.3.10"]), [.init("http", 8443)]),
        Service(longLabel, in: longNamespace, .clusterIP(["10.96.3.63"])),
    ]

    static let headlessServices = [
        Service(
            "nginx",
            .headless((0..<3).map { .init("10.244.1.\(11 + $0)", hostname: "web-\($0)") }),
            [.init("http", 8080), .init("metrics", 9100)]
        ),
        Service("dashed", .headless([.init("10.244.2.1"), .init("10.244.2.2")]), [.init("http", 8080)]),
        Service("ipv6-pods", .headless([.init("fd00:10:244:2::1"), .init("fd00:10:244:2::2")]), [.init("http", 8080)]),
        Service(
            "dual-pods",
            .headless([
                .init("10.244.3.1", "fd00:10:244:3::1", hostname: "pod-0"),
                .init("10.244.3.2", "fd00:10:244:3::2", hostname: "pod-1"),
            ]),
            [.init("http", 8080)]
        ),
        // Scaled to zero: not a record.
        Service("idle", .headless([]), [.init("http", 8080)]),
        Service(
            "ledger",
            in: "payments",
            .headless([.init("10.244.6.1", hostname: "ledger-0")]),
            [.init("grpc", 9090)]
        ),
    ]

    /// Sets whose answer does not fit a UDP packet. SRV records for the thousand would not fit a TCP message either.
    static let largeServices = [
        Service("three-hundred", .headless(pods(300, "10.245")), [.init("http", 8080), .init("grpc", 9090)]),
        Service("thousand", .headless(pods(1000, "10.246"))),
    ]

    static let aliases =
        [
            Service("external", .externalName("www.example.test.")),
            Service("external-dangling", .externalName("missing.example.test.")),
            Service("alias", .externalName("service-b.payments.svc.cluster.local.")),
            Service("alias-ipv6", .externalName("ipv6-only.default.svc.cluster.local.")),
            Service("alias-headless", .externalName("nginx.default.svc.cluster.local.")),
            Service("dangling", .externalName("missing.payments.svc.cluster.local.")),
            Service("chain-1", .externalName("chain-2.default.svc.cluster.local.")),
            Service("chain-2", .externalName("chain-3.default.svc.cluster.local."), ttl: 5),
            Service("chain-3", .externalName("service-b.default.svc.cluster.local.")),
            Service("loop-a", .externalName("loop-b.default.svc.cluster.local.")),
            Service("loop-b", .externalName("loop-a.default.svc.cluster.local.")),
            Service("mirror", .externalName("mirror.default.svc.cluster.local.")),
            Service("long-20", .externalName("service-b.default.svc.cluster.local.")),
        ] + (1..<20).map { Service("long-\($0)", .externalName("long-\($0 + 1).default.svc.cluster.local.")) }

    /// Names that are found only, or too early, by a walk that does not keep to its order.
    static let traps = [
        // `db-0.db` is the service db-0 in the namespace db before it is a pod of the service db.
        Service("db-0", in: "db", .clusterIP(["10.96.4.1"])),
        Service("db", .headless([.init("10.244.4.1", hostname: "db-0")]), [.init("sql", 5432)]),
        // The same pod under a second service: its address has two names.
        Service("db-all", .headless([.init("10.244.4.1", hostname: "db-0")]), [.init("sql", 5432)]),
        // `ipv6-only.payments` has no A: the end. Not a reason to ask for a pod of the service payments.
        Service("ipv6-only", in: "payments", .clusterIP(["fd00:10:96::33"])),
        Service("payments", .headless([.init("10.244.4.9", hostname: "ipv6-only")])),
        // `api.vendor.test` is a pod in the cluster before it is a host outside.
        Service("vendor", in: "test", .headless([.init("10.244.5.1", hostname: "api")])),
        // `here.svc` is a service in a namespace that is called svc.
        Service("here", in: "svc", .clusterIP(["10.96.5.1"])),
    ]

    public static let multiClusterServices = [
        Service("shared", in: "team-a", .clusterIP(["10.96.7.1"]), [.init("http", 80)])
    ]

    /// The services of a cluster whose domain has several labels, one of them with a name that the other cluster has too.
    public static let otherDomainServices = [
        Service("service-b", .clusterIP(["10.97.1.10"]), [.init("http", 80)]),
        Service("nginx", .headless([.init("10.247.1.1", hostname: "web-0")]), [.init("http", 8080)]),
    ]

    static let otherRecords = [
        ZoneRecord("ns.dns.cluster.local.", 30, "A", "10.96.0.10"),
        ZoneRecord("dns-version.cluster.local.", 28800, "TXT", "\"1.1.0\""),
        ZoneRecord("dns-version.k8s.corp.example.", 28800, "TXT", "\"1.1.0\""),
        ZoneRecord("10-1-2-3.default.pod.cluster.local.", 30, "A", "10.1.2.3"),
        ZoneRecord("10-1-2-4.payments.pod.cluster.local.", 30, "A", "10.1.2.4"),
        ZoneRecord("fd00-10-244--7.default.pod.cluster.local.", 30, "AAAA", "fd00:10:244::7"),
    ]

    public static let outside = [
        ZoneRecord("example.test.", 300, "A", "203.0.113.1"),
        ZoneRecord("www.example.test.", 300, "A", "203.0.113.10"),
        ZoneRecord("www.example.test.", 300, "AAAA", "2001:db8::10"),
        ZoneRecord("a.www.example.test.", 300, "A", "203.0.113.11"),
        ZoneRecord("backup.example.test.", 300, "A", "203.0.113.12"),
        ZoneRecord("text.example.test.", 300, "TXT", "\"first\""),
        ZoneRecord("text.example.test.", 300, "TXT", "\"second\""),
        ZoneRecord("_http._tcp.www.example.test.", 300, "SRV", "10 60 8080 www.example.test."),
        ZoneRecord("_http._tcp.www.example.test.", 300, "SRV", "20 0 8081 backup.example.test."),
        // "The service is decidedly not available at this domain" (RFC 2782).
        ZoneRecord("_ftp._tcp.www.example.test.", 300, "SRV", "0 0 0 ."),
        ZoneRecord("_web._tcp.www.example.test.", 300, "SRV", "0 1 80 missing.example.test."),
        ZoneRecord("api.vendor.test.", 300, "A", "203.0.113.20"),
        ZoneRecord("www.vendor.test.", 300, "A", "203.0.113.21"),
    ]

    /// As long as a label can be (RFC 1035 section 2.3.4).
    public static let longLabel = String(repeating: "long-", count: 12) + "abc"
    public static let longNamespace = String(repeating: "n", count: 63)

    private static func pods(_ count: Int, _ prefix: String) -> [Service.Pod] {
        (0..<count).map { .init("\(prefix).\($0 / 250).\($0 % 250 + 1)") }
    }
}
