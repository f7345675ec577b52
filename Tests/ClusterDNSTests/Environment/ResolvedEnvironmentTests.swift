import ClusterDNS
import Testing

@Suite("Environment")
struct ResolvedEnvironmentTests {
    private static let podFiles = [
        "/etc/resolv.conf":
            "search pod.svc.pod.zone svc.pod.zone pod.zone\nnameserver 10.96.0.10\nnameserver 10.96.0.10\noptions use-vc",
        "/etc/hosts": "10.0.0.7 service-b",
        "/var/run/secrets/kubernetes.io/serviceaccount/namespace": "account",
    ]

    private func resolve(
        _ files: [String: String],
        variables: [String: String] = [:],
        hasFamily: Set<IPAddress.Family> = [.ipv4],
        configure: (inout ResolverConfiguration) -> Void = { _ in }
    ) throws -> ResolvedEnvironment {
        var configuration = ResolverConfiguration()
        configure(&configuration)
        return try ResolvedEnvironment(
            configuration: configuration,
            variables: variables,
            hasFamily: hasFamily,
            read: { files[$0].map { Array($0.utf8) } }
        )
    }

    @Test("Outside of a pod the defaults hold")
    func defaults() throws {
        let environment = try resolve([:])
        #expect(environment.namespace == "default")
        #expect(environment.clusterDomain == .clusterLocal)
        #expect(environment.nameServers.map(\.description) == ["127.0.0.1:53"])
        #expect(environment.families == [.ipv4, .ipv6])
        #expect(!environment.usesTCP)
        #expect(environment.notes.contains("/etc/resolv.conf: it cannot be read"))
    }

    @Test("In a pod its files tell, each name server once")
    func pod() throws {
        let environment = try resolve(Self.podFiles)
        #expect(environment.namespace == "pod")
        #expect(environment.clusterDomain == DomainName("pod.zone"))
        #expect(environment.nameServers.map(\.description) == ["10.96.0.10:53"])
        #expect(environment.usesTCP)
        #expect(environment.families == [.ipv4])
        #expect(environment.hosts.addresses(for: "service-b")?.count == 1)
        #expect(environment.notes.isEmpty)
    }

    @Test("The service account tells the namespace where resolv.conf does not")
    func serviceAccount() throws {
        var files = Self.podFiles
        files["/etc/resolv.conf"] = "nameserver 10.96.0.10"
        #expect(try resolve(files).namespace == "account")
        files["/var/run/secrets/kubernetes.io/serviceaccount/namespace"] = "not a namespace"
        let environment = try resolve(files)
        #expect(environment.namespace == "default")
        #expect(environment.notes.count == 1)
    }

    @Test("A variable that is misspelled is known as such, what Kubernetes sets for a Service is not")
    func unknownVariables() throws {
        let variables = [
            "CLUSTER_DNS_TIMOUT": "1s", "CLUSTER_DNS_TIMEOUT": "1s", "CLUSTER_DNS": "a",
            "CLUSTER_DNS_LIMIT_SOURCE_PORT_LIFETIME": "5s", "CLUSTER_DNS_SOURCE_PORT_QUERIES": "1",
            "CLUSTER_DNS_SERVICE_HOST": "10.96.0.10", "CLUSTER_DNS_PORT": "udp://10.96.0.10:53",
            "CLUSTER_DNS_PORT_53_UDP_ADDR": "10.96.0.10", "CLUSTER_DNS_B_SERVICE_PORT_HTTP": "80",
            "CLUSTER_DNS_B_PORT": "udp://10.96.0.11:53",
            "CLUSTER_DNS_NAMSPACE": "", "CLUSTER_DNS_B_PORT_53_TCP": "tcp://10.96.0.10:53",
        ]
        let misspelled = [
            "CLUSTER_DNS_LIMIT_SOURCE_PORT_LIFETIME", "CLUSTER_DNS_SOURCE_PORT_QUERIES", "CLUSTER_DNS_TIMOUT",
        ]
        #expect(try resolve([:], variables: variables).unknownVariables == misspelled)
    }

    @Test("Configuration wins over variables, these over the pod")
    func order() throws {
        let variables = [
            "CLUSTER_DNS_NAMESPACE": "variable", "CLUSTER_DNS_CLUSTER_DOMAIN": "variable.zone",
            "CLUSTER_DNS_SERVERS": "10.0.0.1", "CLUSTER_DNS_FAMILIES": "ipv6", "CLUSTER_DNS_TIMEOUT": "7s",
        ]
        let fromVariables = try resolve(Self.podFiles, variables: variables)
        #expect(fromVariables.namespace == "variable")
        #expect(fromVariables.clusterDomain == DomainName("variable.zone"))
        #expect(fromVariables.nameServers.map(\.description) == ["10.0.0.1:53"])
        #expect(fromVariables.families == [.ipv6])
        #expect(fromVariables.configuration.lookupTimeout == .seconds(7))
        let configured = try resolve(Self.podFiles, variables: variables) {
            $0.namespace = "Configured"
            $0.clusterDomain = "Configured.Zone."
            $0.nameServers = [NameServer(address: IPAddress(ipv4: 0x0A00_0002), port: 5353)]
            $0.families = .any
            $0.lookupTimeout = .seconds(9)
        }
        #expect(configured.namespace == "configured")
        #expect(configured.clusterDomain == DomainName("configured.zone"))
        #expect(configured.nameServers.map(\.description) == ["10.0.0.2:5353"])
        #expect(configured.families == [.ipv4, .ipv6])
        #expect(configured.configuration.lookupTimeout == .seconds(9))
    }

    @Test("An empty variable is none")
    func emptyVariable() throws {
        #expect(try resolve(Self.podFiles, variables: ["CLUSTER_DNS_NAMESPACE": ""]).namespace == "pod")
    }

    @Test("Two variables are checked together")
    func variablesTogether() throws {
        let variables = ["CLUSTER_DNS_CACHE_MINIMUM_TTL": "1m", "CLUSTER_DNS_CACHE_MAXIMUM_TTL": "2m"]
        #expect(try resolve([:], variables: variables).configuration.cache.minimumTTL == .seconds(60))
    }

    @Test(
        "Families are those of the host, all on loopback, and never none",
        arguments: [
            ("10.0.0.1", [IPAddress.Family.ipv4], [IPAddress.Family.ipv4]),
            ("10.0.0.1", [.ipv4, .ipv6], [.ipv4, .ipv6]),
            ("fd00::1", [.ipv6], [.ipv6]), ("127.0.0.1", [.ipv4], [.ipv4, .ipv6]), ("::1", [.ipv6], [.ipv4, .ipv6]),
            ("127.0.0.1,10.0.0.1", [.ipv4], [.ipv4]), ("10.0.0.1", [], [.ipv4, .ipv6]),
        ] as [(String, Set<IPAddress.Family>, Set<IPAddress.Family>)]
    )
    func families(_ servers: String, hasFamily: Set<IPAddress.Family>, families: Set<IPAddress.Family>) throws {
        let environment = try resolve([:], variables: ["CLUSTER_DNS_SERVERS": servers], hasFamily: hasFamily)
        #expect(environment.families == families)
    }

    @Test("A file somewhere else than by default has to be there, whatever is in it")
    func otherPaths() throws {
        #expect(throws: ClusterDNSError.self) { try resolve([:]) { $0.resolvConfPath = "/r" } }
        #expect(throws: ClusterDNSError.self) { try resolve([:]) { $0.hostsPath = "/h" } }
        #expect(throws: ClusterDNSError.self) { try resolve([:]) { $0.serviceAccountNamespacePath = "/n" } }
        let environment = try resolve(["/r": "nameserver rubbish\u{0}", "/h": "rubbish"]) {
            $0.resolvConfPath = "/r"
            $0.hostsPath = "/h"
        }
        #expect(environment.nameServers.map(\.description) == ["127.0.0.1:53"])
        #expect(environment.notes.filter { $0.hasPrefix("/r: line 1: ") || $0.hasPrefix("/h: line 1: ") }.count == 2)
    }

    @Test("Names are expanded as seen from there")
    func names() throws {
        let environment = try resolve(Self.podFiles) { $0.allowsShortNamesOutside = true }
        #expect(environment.names.namespace == "pod")
        #expect(environment.names.clusterDomain == DomainName("pod.zone"))
        #expect(environment.names.allowsShortNamesOutside)
    }
}
