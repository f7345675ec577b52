import ClusterDNS
import TestServers

extension ConformanceCase {
    static let portCases = clusterIPPortCases + headlessPortCases + allPortsCases + outsidePortCases

    /// The service port, and the service as the target.
    private static let clusterIPPortCases: [ConformanceCase] = [
        .init(
            "service-b",
            .named("http"),
            asks: "_http._tcp.service-b.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.10:80 service-b.default.svc.cluster.local. 0/100"])
        ),
        .init(
            "service-b.payments",
            .named("http"),
            asks: "_http._tcp.service-b.payments.svc.cluster.local.",
            gives: .endpoints(["10.96.3.10:8443 service-b.payments.svc.cluster.local. 0/100"])
        ),
        .init(
            "kube-dns.kube-system",
            .named("dns", protocol: "udp"),
            asks: "_dns._udp.kube-dns.kube-system.svc.cluster.local.",
            gives: .endpoints(["10.96.0.10:53 kube-dns.kube-system.svc.cluster.local. 0/100"])
        ),
        .init(
            "kube-dns",
            .named("dns"),
            from: "kube-system",
            asks: "_dns._tcp.kube-dns.kube-system.svc.cluster.local.",
            gives: .error(.noSuchService),
            resolved: .error(.noRecords),
            why: "the port is UDP's"
        ),
        .init(
            "signal",
            .named("diameter", protocol: "sctp"),
            asks: "_diameter._sctp.signal.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.14:3868 signal.default.svc.cluster.local. 0/100"])
        ),
        .init(
            "dual",
            .named("http"),
            asks: "_http._tcp.dual.default.svc.cluster.local.",
            gives: .endpoints([
                "10.96.1.12:80 dual.default.svc.cluster.local. 0/50",
                "[fd00:10:96::12]:80 dual.default.svc.cluster.local. 0/50",
            ])
        ),
        .init(
            "dual",
            .named("http"),
            families: .ipv6,
            asks: "_http._tcp.dual.default.svc.cluster.local.",
            gives: .endpoints(["[fd00:10:96::12]:80 dual.default.svc.cluster.local. 0/50"])
        ),
        .init(
            "service-b",
            .named("http"),
            families: .ipv6,
            asks: "_http._tcp.service-b.default.svc.cluster.local.",
            gives: .error(.noRecords),
            why: "the port is there, but no address of that family"
        ),
        .init(
            TestCluster.longLabel,
            .named("fifteen-octets1"),
            asks: "_fifteen-octets1._tcp.\(TestCluster.longLabel).default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.20:80 \(TestCluster.longLabel).default.svc.cluster.local. 0/100"])
        ),
        .init(
            "service-b",
            .named("missing"),
            asks: "_missing._tcp.service-b.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            resolved: .error(.noRecords)
        ),
        .init(
            "unnamed-port",
            .named("http"),
            asks: "_http._tcp.unnamed-port.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            resolved: .error(.noRecords),
            why: "a port without a name has no SRV"
        ),
        .init(
            "external",
            .named("http"),
            asks: "_http._tcp.external.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            resolved: .error(.noRecords),
            why: "an ExternalName has no ports"
        ),
    ]

    /// The target port, and a target for each pod.
    private static let headlessPortCases: [ConformanceCase] = [
        .init(
            "nginx",
            .named("http"),
            asks: "_http._tcp.nginx.default.svc.cluster.local.",
            gives: .endpoints([
                "10.244.1.11:8080 web-0.nginx.default.svc.cluster.local. 0/33",
                "10.244.1.12:8080 web-1.nginx.default.svc.cluster.local. 0/33",
                "10.244.1.13:8080 web-2.nginx.default.svc.cluster.local. 0/33",
            ])
        ),
        .init(
            "dashed",
            .named("http"),
            asks: "_http._tcp.dashed.default.svc.cluster.local.",
            gives: .endpoints([
                "10.244.2.1:8080 10-244-2-1.dashed.default.svc.cluster.local. 0/50",
                "10.244.2.2:8080 10-244-2-2.dashed.default.svc.cluster.local. 0/50",
            ])
        ),
        .init(
            "ipv6-pods",
            .named("http"),
            asks: "_http._tcp.ipv6-pods.default.svc.cluster.local.",
            gives: .endpoints([
                "[fd00:10:244:2::1]:8080 fd00-10-244-2--1.ipv6-pods.default.svc.cluster.local. 0/50",
                "[fd00:10:244:2::2]:8080 fd00-10-244-2--2.ipv6-pods.default.svc.cluster.local. 0/50",
            ])
        ),
        .init(
            "dual-pods",
            .named("http"),
            asks: "_http._tcp.dual-pods.default.svc.cluster.local.",
            gives: .endpoints([
                "10.244.3.1:8080 pod-0.dual-pods.default.svc.cluster.local. 0/25",
                "10.244.3.2:8080 pod-1.dual-pods.default.svc.cluster.local. 0/25",
                "[fd00:10:244:3::1]:8080 pod-0.dual-pods.default.svc.cluster.local. 0/25",
                "[fd00:10:244:3::2]:8080 pod-1.dual-pods.default.svc.cluster.local. 0/25",
            ])
        ),
        .init(
            "three-hundred",
            .named("grpc"),
            asks: "_grpc._tcp.three-hundred.default.svc.cluster.local.",
            gives: .count(300)
        ),
        .init(
            "idle",
            .named("http"),
            asks: "_http._tcp.idle.default.svc.cluster.local.",
            gives: .error(.noSuchService)
        ),
        .init(
            "web-0.nginx",
            .named("http"),
            asks: "_http._tcp.web-0.nginx.svc.cluster.local.",
            "_http._tcp.web-0.nginx.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            why: "ports are those of a service; a pod of it has none of its own"
        ),
    ]

    /// SRV of the name as it stands.
    private static let allPortsCases: [ConformanceCase] = [
        .init(
            "service-b",
            .allPorts,
            asks: "service-b.default.svc.cluster.local.",
            gives: .endpoints([
                "10.96.1.10:80 service-b.default.svc.cluster.local. 0/50",
                "10.96.1.10:9090 service-b.default.svc.cluster.local. 0/50",
            ])
        ),
        .init(
            "unnamed-port",
            .allPorts,
            asks: "unnamed-port.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.11:8000 unnamed-port.default.svc.cluster.local. 0/100"])
        ),
        .init(
            "kube-dns.kube-system",
            .allPorts,
            asks: "kube-dns.kube-system.svc.cluster.local.",
            gives: .endpoints([
                "10.96.0.10:53 kube-dns.kube-system.svc.cluster.local. 0/33",
                "10.96.0.10:9153 kube-dns.kube-system.svc.cluster.local. 0/33",
            ]),
            why: "53 for UDP and for TCP is one record"
        ),
        .init(
            "nginx",
            .allPorts,
            asks: "nginx.default.svc.cluster.local.",
            gives: .endpoints(
                (0..<3).flatMap { pod in
                    [8080, 9100].map { "10.244.1.1\(1 + pod):\($0) web-\(pod).nginx.default.svc.cluster.local. 0/16" }
                }
            )
        ),
        .init(
            "three-hundred",
            .allPorts,
            asks: "three-hundred.default.svc.cluster.local.",
            gives: .count(600),
            why: "an answer of some 40 kB"
        ),
        .init(
            "thousand",
            .allPorts,
            asks: "thousand.default.svc.cluster.local.",
            gives: .error(.noRecords),
            why: "no ports"
        ),
        .init("missing", .allPorts, asks: "missing.default.svc.cluster.local.", gives: .error(.noSuchService)),
        .init(
            "_http._tcp.service-b",
            .allPorts,
            asks: "_http._tcp.service-b.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.10:80 service-b.default.svc.cluster.local. 0/100"])
        ),
        .init(
            "_HTTP._TCP.service-b.payments",
            .allPorts,
            asks: "_http._tcp.service-b.payments.svc.cluster.local.",
            gives: .endpoints(["10.96.3.10:8443 service-b.payments.svc.cluster.local. 0/100"])
        ),
        .init(
            "_dns._udp.kube-dns.kube-system.svc",
            .allPorts,
            asks: "_dns._udp.kube-dns.kube-system.svc.cluster.local.",
            gives: .endpoints(["10.96.0.10:53 kube-dns.kube-system.svc.cluster.local. 0/100"])
        ),
        .init(
            "_sql._tcp.db.default.svc.cluster.local.",
            .allPorts,
            asks: "_sql._tcp.db.default.svc.cluster.local.",
            gives: .endpoints(["10.244.4.1:5432 db-0.db.default.svc.cluster.local. 0/100"])
        ),
        .init(
            "_http._tcp.shared.team-a.svc.clusterset.local",
            .allPorts,
            asks: "_http._tcp.shared.team-a.svc.clusterset.local.",
            gives: .endpoints(["10.96.7.1:80 shared.team-a.svc.clusterset.local. 0/100"])
        ),
    ]

    private static let outsidePortCases: [ConformanceCase] = [
        .init(
            "www.example.test",
            .named("http"),
            asks: "_http._tcp.www.example.test.svc.cluster.local.",
            "_http._tcp.www.example.test.",
            gives: outsideWeb,
            why: "two priorities, two families"
        ),
        .init(
            "_http._tcp.www.example.test",
            .allPorts,
            asks: "_http._tcp.www.example.test.svc.cluster.local.",
            "_http._tcp.www.example.test.",
            gives: outsideWeb,
            why: "the rest has three labels"
        ),
        .init(
            "_ftp._tcp.www.example.test.",
            .allPorts,
            asks: "_ftp._tcp.www.example.test.",
            gives: .error(.noRecords),
            why: "the target is the root: decidedly not available (RFC 2782)"
        ),
        .init(
            "_web._tcp.www.example.test.",
            .allPorts,
            asks: "_web._tcp.www.example.test.",
            gives: .error(.noRecords),
            why: "the target does not exist"
        ),
    ]

    private static let outsideWeb = Outcome.endpoints([
        "203.0.113.10:8080 www.example.test. 10/60",
        "[2001:db8::10]:8080 www.example.test. 10/60",
        "203.0.113.12:8081 backup.example.test. 20/0",
    ])
}
