import ClusterDNS
import TestServers

extension ConformanceCase {
    /// Addresses of every kind of service, in the families asked for.
    static let addressCases: [ConformanceCase] = [
        .init(
            "service-b",
            families: .ipv4,
            asks: "service-b.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.10"])
        ),
        .init("service-b", families: .ipv6, asks: "service-b.default.svc.cluster.local.", gives: .error(.noRecords)),
        .init("dual", asks: "dual.default.svc.cluster.local.", gives: .endpoints(["10.96.1.12", "fd00:10:96::12"])),
        .init("dual", families: .ipv4, asks: "dual.default.svc.cluster.local.", gives: .endpoints(["10.96.1.12"])),
        .init("dual", families: .ipv6, asks: "dual.default.svc.cluster.local.", gives: .endpoints(["fd00:10:96::12"])),
        .init("ipv6-only", asks: "ipv6-only.default.svc.cluster.local.", gives: .endpoints(["fd00:10:96::13"])),
        .init("ipv6-only", families: .ipv4, asks: "ipv6-only.default.svc.cluster.local.", gives: .error(.noRecords)),
        .init(
            "nginx",
            asks: "nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.11", "10.244.1.12", "10.244.1.13"])
        ),
        .init(
            "nginx",
            .port(443),
            asks: "nginx.default.svc.cluster.local.",
            gives: .endpoints(["10.244.1.11:443", "10.244.1.12:443", "10.244.1.13:443"])
        ),
        .init("dashed", asks: "dashed.default.svc.cluster.local.", gives: .endpoints(["10.244.2.1", "10.244.2.2"])),
        .init(
            "10-244-2-1.dashed.default",
            asks: "10-244-2-1.dashed.default.svc.cluster.local.",
            gives: .endpoints(["10.244.2.1"]),
            why: "a pod without a hostname"
        ),
        .init(
            "ipv6-pods",
            asks: "ipv6-pods.default.svc.cluster.local.",
            gives: .endpoints(["fd00:10:244:2::1", "fd00:10:244:2::2"])
        ),
        .init(
            "fd00-10-244-2--1.ipv6-pods.default",
            asks: "fd00-10-244-2--1.ipv6-pods.default.svc.cluster.local.",
            gives: .endpoints(["fd00:10:244:2::1"])
        ),
        .init(
            "dual-pods",
            asks: "dual-pods.default.svc.cluster.local.",
            gives: .endpoints(["10.244.3.1", "10.244.3.2", "fd00:10:244:3::1", "fd00:10:244:3::2"])
        ),
        .init(
            "pod-1.dual-pods.default",
            asks: "pod-1.dual-pods.default.svc.cluster.local.",
            gives: .endpoints(["10.244.3.2", "fd00:10:244:3::2"])
        ),
        .init(
            "three-hundred",
            asks: "three-hundred.default.svc.cluster.local.",
            gives: .count(300),
            why: "TC, then TCP"
        ),
        .init("thousand", asks: "thousand.default.svc.cluster.local.", gives: .count(1000), why: "TC, then TCP"),
        .init(
            "idle",
            asks: "idle.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            why: "a headless service without a ready endpoint is as one that is not there"
        ),
    ]

    /// How long an answer is good for: its own TTL, but at least 1 s and at most 30 s. In one family, so that nothing hangs
    /// on what the lack of the other is worth.
    static let timeToLiveCases: [ConformanceCase] = [
        timeToLive("service-b.default.svc.cluster.local.", "10.96.1.10", 30),
        timeToLive("short-lived.default.svc.cluster.local.", "10.96.1.18", 5),
        timeToLive("no-ttl.default.svc.cluster.local.", "10.96.1.19", 1, why: "TTL 0 counts as 1"),
        timeToLive("backup.example.test.", "203.0.113.12", 30, why: "TTL 300 counts as 30"),
        timeToLive(
            "chain-1.default.svc.cluster.local.",
            "10.96.1.10",
            canonicalName: "service-b.default.svc.cluster.local.",
            5,
            why: "the least TTL of the chain"
        ),
    ]

    private static func timeToLive(
        _ name: String,
        _ address: String,
        canonicalName: String? = nil,
        _ seconds: Int,
        why: String = "the answer's own TTL"
    ) -> ConformanceCase {
        let outcome = Outcome.endpoints([address], canonicalName: canonicalName)
        return .init(name, families: .ipv4, asks: name, gives: outcome, timeToLive: seconds, why: why)
    }
}
