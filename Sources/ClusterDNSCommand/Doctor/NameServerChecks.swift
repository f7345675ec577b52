internal import ClusterDNS
internal import DNSTransport

/// What a name server says over one transport when it is asked for the version of the cluster's DNS.
struct Probe: Sendable {
    enum Transport: String, Sendable {
        case udp = "UDP"
        case tcp = "TCP"
    }

    enum Outcome: Sendable {
        case version(String)
        /// It answers, and does not know that name.
        case unknown
        case failed(ClusterDNSError)
    }

    var server: NameServer
    var transport: Transport
    var outcome: Outcome
    var time: Duration

    var isAnswered: Bool {
        if case .failed = outcome { false } else { true }
    }
}

/// What comes of the probes of all name servers.
struct NameServerChecks {
    let probes: [Probe]
    let clusterDomain: DomainName

    /// Whether any answers at all.
    var isAnyAnswered: Bool { probes.contains(where: \.isAnswered) }

    /// Whether one is the DNS of the cluster.
    var isClusterKnown: Bool { version != nil }

    var findings: [Finding] {
        probes.map(reachability) + (isAnyAnswered ? knowledge : [])
    }

    private var version: String? {
        probes.lazy.compactMap { if case .version(let version) = $0.outcome { version } else { nil } }.first
    }

    // MARK: Reachable

    private func reachability(_ probe: Probe) -> Finding {
        let check: Finding.Check = probe.transport == .udp ? .nameServerUDP : .nameServerTCP
        guard case .failed(let error) = probe.outcome else {
            return .ok(check, "\(probe.server) answers in \(probe.time.wholeNanoseconds.nanosecondsReading)")
        }
        // One that can be done without is no error.
        let others = probes.contains { $0.isAnswered && ($0.server != probe.server || $0.transport == .udp) }
        return Finding(
            severity: others ? .warning : .error,
            check: check,
            message: "\(probe.server): \(reason(error, probe.transport))",
            remedy: remedy(error, probe)
        )
    }

    private func reason(_ error: ClusterDNSError, _ transport: Probe.Transport) -> String {
        switch error.code {
        case .timedOut: "no answer over \(transport.rawValue)"
        case .unreachable: error.reason
        case .serverFailure: "it answers \(error.responseCode ?? "with a failure")"
        default: error.reason
        }
    }

    static let moreDescriptors = "raise the process' limit of open files (ulimit -n), or see what else holds them"

    private func remedy(_ error: ClusterDNSError, _ probe: Probe) -> String {
        let isReachedOtherwise = probes.contains {
            $0.server == probe.server && $0.transport != probe.transport && $0.isAnswered
        }
        return switch (error.code, probe.transport) {
        case (.serverFailure, _) where error.responseCode == ResponseCode.refused.description:
            "it refuses \(clusterDomain): check that it is the cluster's, and the cluster domain"
        case (.malformedResponse, _):
            "it is not a DNS server, or something alters its answers"
        case (.serverFailure, _):
            "its log may say why; CoreDNS answers SERVFAIL until it has heard from the API server"
        case (.overloaded, _):
            Self.moreDescriptors
        case (_, .tcp) where isReachedOtherwise:
            "allow TCP port \(probe.server.port): answers too large for UDP (about 70 endpoints) need it"
        case (_, .udp) where isReachedOtherwise:
            "allow UDP port \(probe.server.port); until then a lookup takes three attempts"
        default:
            "check that its pods run, and that no NetworkPolicy or firewall blocks port \(probe.server.port)"
        }
    }

    // MARK: Of this cluster

    private var knowledge: [Finding] {
        guard let version else {
            return [
                .warning(
                    .dnsVersion,
                    "there is no TXT record of dns-version.\(clusterDomain): these name servers may not be the cluster's",
                    remedy: """
                        dnsPolicy: ClusterFirst gives a pod the cluster's; --cluster-domain or CLUSTER_DNS_CLUSTER_DOMAIN \
                        sets another domain
                        """
                )
            ]
        }
        let strangers = Set(
            probes.compactMap { if case .unknown = $0.outcome { $0.server.description } else { nil } }
        )
        return [.ok(.dnsVersion, "Kubernetes DNS specification \(version.jsonEscaped)")]
            + strangers.sorted().map { server in
                .warning(
                    .dnsVersion,
                    "\(server) does not know the cluster: names asked there are not found",
                    remedy: "leave only the cluster's in resolv.conf: the next one is asked where the first is silent"
                )
            }
    }
}
