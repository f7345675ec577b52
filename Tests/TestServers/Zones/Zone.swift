/// A zone as a server loads it.
public struct Zone: Sendable {
    /// The zone's name, ending in a dot.
    public let origin: String
    /// The zone as a master file (RFC 1035 section 5).
    public let text: String

    /// A zone of the records that lie in it. The SOA is that of CoreDNS with its default TTL: negative answers may be
    /// kept for 5 seconds.
    public init(_ origin: String, _ records: some Sequence<ZoneRecord>) {
        let header = [
            ZoneRecord(origin, 5, "SOA", "\(Self.nameServer) hostmaster.\(origin) 1 7200 1800 86400 5"),
            ZoneRecord(origin, 5, "NS", Self.nameServer),
        ]
        let lines = (header + records.filter { $0.owner == origin || $0.owner.hasSuffix(".\(origin)") }).map(\.line)
        self.origin = origin
        self.text = lines.joined(separator: "\n") + "\n"
    }

    /// Every zone of the tests.
    public static let all: [Zone] = {
        let records =
            TestCluster.services.flatMap { $0.records(in: "cluster.local.") } + TestCluster.otherRecords
            + TestCluster.multiClusterServices.flatMap { $0.records(in: "clusterset.local.") }
            + TestCluster.otherDomainServices.flatMap { $0.records(in: "k8s.corp.example.") }
            + TestCluster.outside
        let origins = [
            "cluster.local.", "clusterset.local.", "k8s.corp.example.", "example.test.", "vendor.test.",
            "10.in-addr.arpa.", "d.f.ip6.arpa.",
        ]
        return origins.map { Zone($0, records) }
    }()

    private static let nameServer = "ns.dns.cluster.local."
}

/// A line of a zone file.
public struct ZoneRecord: Sendable {
    public var owner: String
    public var ttl: Int
    public var type: String
    public var data: String

    public init(_ owner: String, _ ttl: Int, _ type: String, _ data: String) {
        self.owner = owner
        self.ttl = ttl
        self.type = type
        self.data = data
    }

    var line: String { "\(owner) \(ttl) IN \(type) \(data)" }
}
