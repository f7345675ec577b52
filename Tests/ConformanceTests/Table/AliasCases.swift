import ClusterDNS
import TestServers

extension ConformanceCase {
    /// ExternalName services: CNAMEs.
    static let aliasCases: [ConformanceCase] = [
        .init(
            "alias",
            asks: "alias.default.svc.cluster.local.",
            gives: .endpoints(["10.96.3.10"], canonicalName: "service-b.payments.svc.cluster.local.")
        ),
        .init(
            "alias",
            .port(80),
            asks: "alias.default.svc.cluster.local.",
            gives: .endpoints(["10.96.3.10:80"], canonicalName: "service-b.payments.svc.cluster.local.")
        ),
        .init(
            "alias",
            .allPorts,
            asks: "alias.default.svc.cluster.local.",
            gives: .endpoints(
                ["10.96.3.10:8443 service-b.payments.svc.cluster.local. 0/100"],
                canonicalName: "service-b.payments.svc.cluster.local."
            ),
            except: .init(
                .localCluster,
                gives: .error(.noRecords),
                because: "CoreDNS has no SRV for an ExternalName, and no CNAME in place of it"
            )
        ),
        .init(
            "alias-headless",
            asks: "alias-headless.default.svc.cluster.local.",
            gives: .endpoints(
                ["10.244.1.11", "10.244.1.12", "10.244.1.13"],
                canonicalName: "nginx.default.svc.cluster.local."
            )
        ),
        .init(
            "alias-ipv6",
            asks: "alias-ipv6.default.svc.cluster.local.",
            gives: .endpoints(["fd00:10:96::13"], canonicalName: "ipv6-only.default.svc.cluster.local.")
        ),
        .init(
            "alias-ipv6",
            families: .ipv4,
            asks: "alias-ipv6.default.svc.cluster.local.",
            gives: .error(.noRecords),
            why: "the target is there, but not in that family"
        ),
        .init(
            "chain-1",
            asks: "chain-1.default.svc.cluster.local.",
            gives: .endpoints(["10.96.1.10"], canonicalName: "service-b.default.svc.cluster.local.")
        ),
        .init(
            "external",
            asks: "external.default.svc.cluster.local.",
            gives: .endpoints(["203.0.113.10", "2001:db8::10"], canonicalName: "www.example.test."),
            except: .init(.knot, .bind, .dnsmasq, gives: .error(.noRecords), because: staysInZone),
            resolved: .endpoints(["203.0.113.10", "2001:db8::10"], canonicalName: "www.example.test.")
        ),
        .init(
            "external-dangling",
            asks: "external-dangling.default.svc.cluster.local.",
            gives: .error(.noRecords),
            except: .init(
                .unbound,
                gives: .error(.noSuchService),
                because: "Unbound follows the CNAME and hands on the target's NXDOMAIN (RFC 6604)"
            ),
            why: "the CNAME comes alone, without an SOA"
        ),
        .init(
            "dangling",
            asks: "dangling.default.svc.cluster.local.",
            gives: .error(.noSuchService),
            except: .init(
                .localCluster,
                gives: .error(.noRecords),
                because: "CoreDNS leaves out a CNAME into its own zone that leads nowhere: NODATA, with an SOA"
            ),
            why: "the answer has the CNAME and the NXDOMAIN of its target (RFC 6604)"
        ),
        .init(
            "loop-a",
            asks: "loop-a.default.svc.cluster.local.",
            gives: .error(.serverFailure),
            except: .init(.knot, .dnsmasq, gives: .error(.malformedResponse), because: handsOnLoop),
            .init(.localCluster, gives: .error(.noRecords), because: leavesOutLoop),
            why: "a CNAME loop of two"
        ),
        .init(
            "mirror",
            asks: "mirror.default.svc.cluster.local.",
            gives: .error(.serverFailure),
            except: .init(.knot, .dnsmasq, gives: .error(.malformedResponse), because: handsOnLoop),
            .init(.localCluster, gives: .error(.noRecords), because: leavesOutLoop),
            why: "a CNAME to itself"
        ),
        .init(
            "long-1",
            asks: "long-1.default.svc.cluster.local.",
            gives: .error(.serverFailure),
            except: .init(
                .knot,
                .dnsmasq,
                gives: .error(.noRecords),
                resolved: .error(.malformedResponse),
                because: "Knot gives the first 5 CNAMEs of a chain and stops; three such answers are followed"
            ),
            .init(.localCluster, gives: .error(.noRecords), because: "CoreDNS gives up after 10 and says NODATA"),
            why: "a chain of 20"
        ),
    ]

    private static let staysInZone =
        "without recursion, Knot and BIND follow a CNAME in its own zone only: it comes alone"
    private static let handsOnLoop =
        "Knot sends the CNAMEs of the loop as its answer, where BIND and Unbound say SERVFAIL"
    private static let leavesOutLoop = "CoreDNS leaves out a CNAME into its own zone that leads nowhere: NODATA"
}
