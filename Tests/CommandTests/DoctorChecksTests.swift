import ClusterDNS
import Testing

@testable import ClusterDNSCommand

struct DoctorChecksTests {
    private static let first = NameServer(address: IPAddress(ipv4: 0x0A60_000A))
    private static let second = NameServer(address: IPAddress(ipv4: 0x0A60_000B))
    private static let version = Probe.Outcome.version("1.1.0")

    private static func failure(_ code: ClusterDNSError.Code) -> Probe.Outcome {
        .failed(ClusterDNSError(code: code, message: "m", name: "a", responseCode: "SERVFAIL"))
    }

    private static func findings(_ outcomes: [(NameServer, Probe.Transport, Probe.Outcome)]) -> [String] {
        let probes = outcomes.map { Probe(server: $0, transport: $1, outcome: $2, time: .milliseconds(1)) }
        return NameServerChecks(probes: probes, clusterDomain: .clusterLocal).findings
            .map { "\($0.severity) \($0.check)" }
    }

    @Test func `a name server that answers both ways is well`() {
        #expect(
            Self.findings([(Self.first, .udp, Self.version), (Self.first, .tcp, Self.version)])
                == ["ok nameServerUDP", "ok nameServerTCP", "ok dnsVersion"]
        )
    }

    @Test func `what a name server says of itself steers no terminal`() {
        let probe = Probe(server: Self.first, transport: .udp, outcome: .version("\u{1B}[2J1.1.0"), time: .zero)
        let findings = NameServerChecks(probes: [probe], clusterDomain: .clusterLocal).findings
        #expect(findings.allSatisfy { !$0.message.contains("\u{1B}") })
    }

    @Test(arguments: [ClusterDNSError.Code.timedOut, .unreachable, .serverFailure])
    func `one that fails is an error, unless another answers`(_ code: ClusterDNSError.Code) {
        let alone = Self.findings([(Self.first, .udp, Self.failure(code)), (Self.first, .tcp, Self.failure(code))])
        #expect(alone == ["error nameServerUDP", "error nameServerTCP"])
        let both = Self.findings([
            (Self.first, .udp, Self.failure(code)), (Self.first, .tcp, Self.failure(code)),
            (Self.second, .udp, Self.version), (Self.second, .tcp, Self.version),
        ])
        #expect(
            both == [
                "warning nameServerUDP", "warning nameServerTCP", "ok nameServerUDP", "ok nameServerTCP",
                "ok dnsVersion",
            ]
        )
    }

    @Test func `blocked TCP is a warning, blocked UDP an error`() {
        #expect(
            Self.findings([(Self.first, .udp, Self.version), (Self.first, .tcp, Self.failure(.timedOut))])
                == ["ok nameServerUDP", "warning nameServerTCP", "ok dnsVersion"]
        )
        #expect(
            Self.findings([(Self.first, .udp, Self.failure(.timedOut)), (Self.first, .tcp, Self.version)])
                == ["error nameServerUDP", "ok nameServerTCP", "ok dnsVersion"]
        )
    }

    @Test func `one that does not know the cluster is a warning, once`() {
        #expect(
            Self.findings([
                (Self.first, .udp, Self.version), (Self.first, .tcp, Self.version), (Self.second, .udp, .unknown),
                (Self.second, .tcp, .unknown),
            ]).suffix(2) == ["ok dnsVersion", "warning dnsVersion"]
        )
        #expect(
            Self.findings([(Self.first, .udp, .unknown), (Self.first, .tcp, .unknown)]).last == "warning dnsVersion"
        )
    }

    // MARK: Without asking

    private static func checks(
        _ resolvConf: String?,
        variables: [String: String] = [:],
        account: String? = nil
    ) throws -> [String] {
        let environment = try ResolvedEnvironment(
            configuration: ResolverConfiguration(),
            variables: variables,
            hasFamily: [.ipv4],
            read: { path in
                switch path {
                case "/etc/resolv.conf": resolvConf.map { Array($0.utf8) }
                case "/etc/hosts": []
                default: account.map { Array($0.utf8) }
                }
            }
        )
        return EnvironmentChecks(environment: environment).findings
            .filter { $0.severity != .ok }.map { "\($0.severity) \($0.check)" }
    }

    private static let pod = "nameserver 10.96.0.10\nsearch a.svc.cluster.local svc.cluster.local cluster.local\n"

    @Test func `a pod's files are well`() throws {
        #expect(try Self.checks(Self.pod) == [])
    }

    @Test func `no resolv_conf, no name server, no namespace`() throws {
        #expect(
            try Self.checks(nil) == ["warning files", "error files", "warning searchList", "warning namespace"]
        )
    }

    @Test func `each line that cannot be read is a warning`() throws {
        #expect(try Self.checks(Self.pod + "nameserver x\noptions ndots:y\n") == ["warning files", "warning files"])
    }

    @Test func `what is configured makes up for a search list`() throws {
        let set = ["CLUSTER_DNS_NAMESPACE": "a", "CLUSTER_DNS_CLUSTER_DOMAIN": "cluster.local"]
        #expect(try Self.checks("nameserver 10.96.0.10", variables: set) == [])
        #expect(try Self.checks("nameserver 10.96.0.10", account: "a") == ["warning searchList"])
    }
}
