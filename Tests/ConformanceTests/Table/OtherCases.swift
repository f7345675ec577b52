import ClusterDNS
import TestServers

extension ConformanceCase {
    /// The names of an address.
    static let reverseCases: [ConformanceCase] = [
        reverse("10.96.1.10", gives: ["service-b.default.svc.cluster.local."]),
        reverse("10.244.1.11", gives: ["web-0.nginx.default.svc.cluster.local."]),
        reverse("10.244.2.1", gives: ["10-244-2-1.dashed.default.svc.cluster.local."]),
        reverse("10.244.4.1", gives: ["db-0.db.default.svc.cluster.local.", "db-0.db-all.default.svc.cluster.local."]),
        reverse("fd00:10:96::12", gives: ["dual.default.svc.cluster.local."]),
        reverse("fd00:10:244:3::1", gives: ["pod-0.dual-pods.default.svc.cluster.local."]),
        .init("10.9.9.9", .names, asks: "9.9.9.10.in-addr.arpa.", gives: .error(.noSuchService)),
        .init("fd00::9", .names, asks: reverseName(of: "fd00::9"), gives: .error(.noSuchService)),
        .init(
            "10.96.1.0",
            .names,
            asks: "0.1.96.10.in-addr.arpa.",
            gives: .error(.noSuchService),
            why: "other addresses of its network have names"
        ),
    ]

    private static func reverse(_ address: String, gives names: [String]) -> ConformanceCase {
        .init(address, .names, asks: reverseName(of: address), gives: .endpoints(names.map { "\(address) \($0)" }))
    }

    static let textCases: [ConformanceCase] = [
        .init("dns-version.cluster.local.", .text, asks: "dns-version.cluster.local.", gives: .text(["1.1.0"])),
        .init("dns-version.cluster.local", .text, asks: "dns-version.cluster.local.", gives: .text(["1.1.0"])),
        .init(
            "dns-version.k8s.corp.example.",
            .text,
            in: "k8s.corp.example",
            asks: "dns-version.k8s.corp.example.",
            gives: .text(["1.1.0"])
        ),
        .init("text.example.test.", .text, asks: "text.example.test.", gives: .text(["first", "second"])),
        .init(
            "service-b.default.svc.cluster.local.",
            .text,
            asks: "service-b.default.svc.cluster.local.",
            gives: .error(.noRecords)
        ),
        .init(
            "missing.default.svc.cluster.local.",
            .text,
            asks: "missing.default.svc.cluster.local.",
            gives: .error(.noSuchService)
        ),
    ]
}
