import ClusterDNS
import TestServers

extension ConformanceCase {
    /// Which absolute names are asked for the name given, and in which order.
    static let expansionCases = absoluteCases + oneLabelCases + twoLabelCases + longerCases + otherDomainCases

    private static let absoluteCases: [ConformanceCase] = [
        .init("service-b.payments.svc.cluster.local.", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("service-b.payments.svc.cluster.local", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("SERVICE-B.Payments.Svc.Cluster.Local.", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("shared.team-a.svc.clusterset.local", asks: "shared.team-a.svc.clusterset.local.", gives: shared),
        .init("shared.team-a.svc.clusterset.local.", asks: "shared.team-a.svc.clusterset.local.", gives: shared),
        .init("example.test.", asks: "example.test.", gives: .endpoints(["203.0.113.1"])),
        .init("www.example.test.", asks: "www.example.test.", gives: www, why: "a last dot leaves no walk"),
        .init("missing.default.svc.cluster.local.", asks: "missing.default.svc.cluster.local.", gives: missing),
        .init("default.missing.svc.cluster.local.", asks: "default.missing.svc.cluster.local.", gives: missing),
        .init(
            "missing.svc.cluster.local.",
            asks: "missing.svc.cluster.local.",
            gives: missing,
            why: "no such namespace"
        ),
        .init("default.svc.cluster.local.", asks: "default.svc.cluster.local.", gives: empty, why: "a namespace"),
        .init("default.svc.cluster.local", asks: "default.svc.cluster.local.", gives: empty, why: "a namespace"),
        .init("svc.cluster.local.", asks: "svc.cluster.local.", gives: empty, why: "a bare node of the tree"),
        .init("pod.cluster.local.", asks: "pod.cluster.local.", gives: empty, why: "a bare node of the tree"),
        .init(
            "default.pod.cluster.local.",
            asks: "default.pod.cluster.local.",
            gives: empty,
            why: "a namespace of pods"
        ),
        .init("cluster.local.", asks: "cluster.local.", gives: empty, why: "the cluster domain itself"),
        .init(
            "host.nowhere.example.",
            asks: "host.nowhere.example.",
            gives: .error(.serverFailure),
            why: "no server here has the zone: REFUSED"
        ),
    ]

    private static let oneLabelCases: [ConformanceCase] = [
        .init("service-b", asks: "service-b.default.svc.cluster.local.", gives: b1),
        .init("Service-B", asks: "service-b.default.svc.cluster.local.", gives: b1),
        .init(
            "service-b",
            .port(8080),
            asks: "service-b.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.10:8080"])
        ),
        .init(
            "service-b",
            from: "other-ns",
            asks: "service-b.other-ns.svc.cluster.local.",
            gives: .endpoints(["10.96.2.10"])
        ),
        .init("service-b", from: "payments", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("service-b", from: "kube-system", asks: "service-b.kube-system.svc.cluster.local.", gives: missing),
        .init("kubernetes", asks: "kubernetes.default.svc.cluster.local.", gives: .endpoints(["10.96.0.1"])),
        .init("missing", asks: "missing.default.svc.cluster.local.", gives: missing),
        .init("3scale", asks: "3scale.default.svc.cluster.local.", gives: .endpoints(["10.96.1.15"])),
        .init("42", asks: "42.default.svc.cluster.local.", gives: .endpoints(["10.96.1.16"]), why: "not an address"),
        .init("xn--bcher-kva", asks: "xn--bcher-kva.default.svc.cluster.local.", gives: .endpoints(["10.96.1.17"])),
        .init(
            TestCluster.longLabel,
            asks: "\(TestCluster.longLabel).default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.20"]),
            why: "63 octets"
        ),
        .init(
            TestCluster.longLabel,
            from: TestCluster.longNamespace,
            asks: "\(TestCluster.longLabel).\(TestCluster.longNamespace).svc.cluster.local.",
            gives: .endpoints(["10.96.3.63"]),
            why: "63 octets twice"
        ),
    ]

    private static let twoLabelCases: [ConformanceCase] = [
        .init("service-b.payments", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("SERVICE-B.PAYMENTS", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("service-b.default", from: "payments", asks: "service-b.default.svc.cluster.local.", gives: b1),
        .init(
            "web-0.nginx",
            asks: "web-0.nginx.svc.cluster.local.",
            "web-0.nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.11"]),
            why: "a pod of a service"
        ),
        .init(
            "ledger-0.ledger",
            .port(9090),
            from: "payments",
            asks: "ledger-0.ledger.svc.cluster.local.",
            "ledger-0.ledger.payments.svc.cluster.local.",
            gives: .endpoints(["10.244.6.1:9090"]),
            why: "a pod of a service in the own namespace"
        ),
        .init(
            "db-0.db",
            asks: "db-0.db.svc.cluster.local.",
            gives: .endpoints(["10.96.4.1"]),
            why: "a service in a namespace comes before a pod of a service"
        ),
        .init(
            "ipv6-only.payments",
            families: .ipv4,
            asks: "ipv6-only.payments.svc.cluster.local.",
            gives: empty,
            why: "NODATA ends the walk, though a pod of that name exists"
        ),
        .init(
            "here.svc",
            asks: "here.svc.svc.cluster.local.",
            gives: .endpoints(["10.96.5.1"]),
            why: "a namespace called svc"
        ),
        .init("vendor.test", asks: "vendor.test.svc.cluster.local.", gives: .endpoints(["10.244.5.1"])),
        .init(
            "missing.payments",
            asks: "missing.payments.svc.cluster.local.",
            "missing.payments.default.svc.cluster.local.",
            gives: missing
        ),
        .init(
            "example.test",
            asks: "example.test.svc.cluster.local.",
            "example.test.default.svc.cluster.local.",
            gives: missing,
            why: "two labels never leave the cluster, though the name exists outside"
        ),
    ]

    private static let longerCases: [ConformanceCase] = [
        .init("service-b.payments.svc", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("service-b.payments.SVC", asks: "service-b.payments.svc.cluster.local.", gives: b3),
        .init("missing.payments.svc", asks: "missing.payments.svc.cluster.local.", gives: missing),
        .init(
            "web-2.nginx.default.svc",
            asks: "web-2.nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.13"])
        ),
        .init("10-1-2-3.default.pod", asks: "10-1-2-3.default.pod.cluster.local.", gives: .endpoints(["10.1.2.3"])),
        .init("10-1-2-4.payments.pod", asks: "10-1-2-4.payments.pod.cluster.local.", gives: .endpoints(["10.1.2.4"])),
        .init(
            "fd00-10-244--7.default.pod",
            asks: "fd00-10-244--7.default.pod.cluster.local.",
            gives: .endpoints(["fd00:10:244::7"])
        ),
        .init("10-1-2-3.default.pod", families: .ipv6, asks: "10-1-2-3.default.pod.cluster.local.", gives: empty),
        .init(
            "10-9-9-9.default.pod",
            asks: "10-9-9-9.default.pod.cluster.local.",
            gives: missing,
            except: .init(
                .localCluster,
                gives: .endpoints(["10.9.9.9"]),
                because: "CoreDNS with `pods insecure` makes the answer of the name, whether there is such a pod or not"
            )
        ),
        .init("not-an-address.default.pod", asks: "not-an-address.default.pod.cluster.local.", gives: missing),
        .init(
            "web-0.nginx.default",
            asks: "web-0.nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.11"])
        ),
        .init(
            "web-0.nginx.default",
            from: "payments",
            asks: "web-0.nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.11"])
        ),
        .init("www.example.test", asks: "www.example.test.svc.cluster.local.", "www.example.test.", gives: www),
        .init(
            "missing.example.test",
            asks: "missing.example.test.svc.cluster.local.",
            "missing.example.test.",
            gives: missing
        ),
        .init(
            "api.vendor.test",
            asks: "api.vendor.test.svc.cluster.local.",
            gives: .endpoints(["10.244.5.1"]),
            why: "a pod in the cluster comes before a host outside"
        ),
        .init(
            "www.vendor.test",
            asks: "www.vendor.test.svc.cluster.local.",
            "www.vendor.test.",
            gives: .endpoints(["203.0.113.21"]),
            why: "the service exists, the pod does not"
        ),
        .init(
            "a.www.example.test",
            asks: "a.www.example.test.",
            gives: .endpoints(["203.0.113.11"]),
            why: "four labels"
        ),
        .init("b.www.example.test", asks: "b.www.example.test.", gives: missing, why: "four labels"),
    ]

    private static let otherDomainCases: [ConformanceCase] = [
        .init(
            "service-b",
            in: "k8s.corp.example",
            asks: "service-b.default.svc.k8s.corp.example.",
            gives: .endpoints(["10.97.1.10"])
        ),
        .init(
            "web-0.nginx",
            in: "k8s.corp.example",
            asks: "web-0.nginx.svc.k8s.corp.example.",
            "web-0.nginx.default.svc.k8s.corp.example.",
            gives: .endpoints(["10.247.1.1"])
        ),
        .init(
            "service-b.default.svc",
            in: "k8s.corp.example",
            asks: "service-b.default.svc.k8s.corp.example.",
            gives: .endpoints(["10.97.1.10"])
        ),
        .init(
            "service-b.default.svc.k8s.corp.example",
            in: "k8s.corp.example",
            asks: "service-b.default.svc.k8s.corp.example.",
            gives: .endpoints(["10.97.1.10"])
        ),
        .init(
            "service-b.default.svc.cluster.local",
            in: "k8s.corp.example",
            asks: "service-b.default.svc.cluster.local.",
            gives: b1,
            why: "the domain of another cluster is outside"
        ),
        .init(
            "service-b",
            .named("http"),
            in: "k8s.corp.example",
            asks: "_http._tcp.service-b.default.svc.k8s.corp.example.",
            gives: .endpoints(["10.97.1.10:80 service-b.default.svc.k8s.corp.example. 0/100"])
        ),
    ]

    private static let b1 = Outcome.endpoints(["10.96.1.10"])
    private static let b3 = Outcome.endpoints(["10.96.3.10"])
    private static let shared = Outcome.endpoints(["10.96.7.1"])
    private static let www = Outcome.endpoints(["203.0.113.10", "2001:db8::10"])
    private static let missing = Outcome.error(.noSuchService)
    private static let empty = Outcome.error(.noRecords)
}
