import ClusterDNS

/// The names that the tests ask for.
enum Cluster {
    @Sendable static func answers(to question: Question) -> [Record]? {
        records[question.name.description]?.filter {
            $0.data.type == question.type || $0.name != question.name || $0.isAlias
        }
    }

    private static let serviceB = record("service-b.default.svc.cluster.local.", address("10.0.0.11"))
    private static let web = service(port: 8080, "web-0.web.default.svc.cluster.local.")

    private static let records: [String: [Record]] = [
        serviceB.name.description: [serviceB],
        "alias.default.svc.cluster.local.": [
            record("alias.default.svc.cluster.local.", .cname(serviceB.name)), serviceB,
        ],
        "empty.default.svc.cluster.local.": [],
        "to-nowhere.default.svc.cluster.local.": [
            record("to-nowhere.default.svc.cluster.local.", .cname(name("nowhere.default.svc.cluster.local.")))
        ],
    ].merging(
        [
            record("service-b.payments.svc.cluster.local.", address("10.0.0.12")),
            record("_http._tcp.web.default.svc.cluster.local.", web),
            record(
                "_dns._udp.web.default.svc.cluster.local.",
                service(port: 53, "web-0.web.default.svc.cluster.local.")
            ),
            record("web.default.svc.cluster.local.", web),
            record("web-0.web.default.svc.cluster.local.", address("10.0.0.1")),
            record("1.0.0.10.in-addr.arpa.", .ptr(name("web-0.web.default.svc.cluster.local."))),
            record("dns-version.cluster.local.", .txt([Array("1.1".utf8), Array(".0".utf8)])),
        ].map { ($0.name.description, [$0]) }
    ) { $1 }

    private static func name(_ text: String) -> DomainName { DomainName(text) ?? .root }

    private static func record(_ owner: String, _ data: RecordData) -> Record {
        Record(name: name(owner), ttl: 30, data: data)
    }

    private static func address(_ text: String) -> RecordData {
        .address(IPAddress(text) ?? IPAddress(ipv4: 0))
    }

    private static func service(port: UInt16, _ target: String) -> RecordData {
        .srv(ServiceRecord(priority: 0, weight: 100, port: port, target: name(target)))
    }
}

extension Record {
    fileprivate var isAlias: Bool { if case .cname = data { true } else { false } }
}
