import ClusterDNS
import TestServers

/// One name, given to the resolver in one situation, and what must come of it.
struct ConformanceCase: Sendable {
    /// What is asked of the resolver.
    enum Query: Sendable {
        case addresses
        /// Addresses, with the number filled in.
        case port(UInt16)
        /// SRV of a named port.
        case named(String, protocol: String = "tcp")
        /// SRV of the name as it stands: all ports of a service.
        case allPorts
        /// PTR of an address.
        case names
        case text
    }

    enum Families: String, Sendable {
        case any, ipv4, ipv6

        var recordTypes: [String] {
            switch self {
            case .any: ["A", "AAAA"]
            case .ipv4: ["A"]
            case .ipv6: ["AAAA"]
            }
        }
    }

    /// What comes of it.
    enum Outcome: Hashable, Sendable {
        /// These endpoints, in any order, none twice. Each reads `address`, `address:port` or, from SRV,
        /// `address:port hostname priority/weight`; from PTR, `address hostname`.
        case endpoints([String], canonicalName: String? = nil)
        /// So many endpoints.
        case count(Int)
        case text([String])
        case error(ClusterDNSError.Code)
    }

    /// What comes of it with some of those who answer, and why.
    struct Exception: Sendable {
        var respondents: Set<Respondent>
        var outcome: Outcome
        /// What the resolver makes of it, where it goes further.
        var resolved: Outcome?
        var reason: String

        init(_ respondents: Respondent..., gives outcome: Outcome, resolved: Outcome? = nil, because reason: String) {
            self.respondents = Set(respondents)
            self.outcome = outcome
            self.resolved = resolved
            self.reason = reason
        }
    }

    /// The name that the result must say it is of.
    enum AbsoluteName: Hashable, Sendable {
        /// The last one asked.
        case lastAsked
        case exactly(String?)
    }

    var name: String
    var query = Query.addresses
    var namespace = "default"
    var clusterDomain = "cluster.local"
    var families = Families.any
    /// The pod's hosts file.
    var hosts = ""
    /// The names that are asked, in this order: all but the last do not exist. Without any, no query is sent.
    var asked: [String]
    var outcome: Outcome
    var exceptions: [Exception] = []
    /// What the resolver makes of it with any server, where it asks for more than the names in `asked`: the end of a CNAME
    /// chain, or the service of a port that is not there.
    var resolved: Outcome?
    var absoluteName = AbsoluteName.lastAsked
    /// The seconds that a new answer is good for; nothing where it does not matter.
    var timeToLive: Int?
    /// What the case is there for, where the name does not tell.
    var why: String

    init(
        _ name: String,
        _ query: Query = .addresses,
        from namespace: String = "default",
        in clusterDomain: String = "cluster.local",
        families: Families = .any,
        asks asked: String...,
        gives outcome: Outcome,
        except exceptions: Exception...,
        resolved: Outcome? = nil,
        timeToLive: Int? = nil,
        why: String = ""
    ) {
        self.name = name
        self.query = query
        self.namespace = namespace
        self.clusterDomain = clusterDomain
        self.families = families
        self.asked = asked
        self.outcome = outcome
        self.exceptions = exceptions
        self.resolved = resolved
        self.timeToLive = timeToLive
        self.why = why
    }

    /// The case as the resolver is to see it, which may go further than the server did.
    var ofResolver: ConformanceCase {
        var wanted = self
        if let resolved {
            wanted.outcome = resolved
            wanted.exceptions = []
        }
        for (index, exception) in wanted.exceptions.enumerated() {
            wanted.exceptions[index].outcome = exception.resolved ?? exception.outcome
        }
        return wanted
    }

    func outcome(from respondent: Respondent) -> Outcome {
        exceptions.first { $0.respondents.contains(respondent) }?.outcome ?? outcome
    }
}

/// Who answers. `LocalCluster` is to answer as CoreDNS does, which differs from a zone in more than a table of outcomes can
/// show: it sets AA and never RA, always adds the addresses of SRV targets, and says NXDOMAIN for a node that only has
/// something below it, such as `_tcp.service-b.default.svc.cluster.local.`.
enum Respondent: Hashable, Sendable, CaseIterable {
    case knot, bind, unbound, dnsmasq, localCluster

    init(_ kind: ServerKind) {
        switch kind {
        case .knot: self = .knot
        case .bind: self = .bind
        case .unbound: self = .unbound
        case .dnsmasq: self = .dnsmasq
        }
    }
}

extension ConformanceCase: CustomStringConvertible {
    var description: String {
        let given = "\(name.debugDescription) \(query) from \(namespace), \(clusterDomain), \(families)"
        return why.isEmpty ? given : "\(given): \(why)"
    }
}
