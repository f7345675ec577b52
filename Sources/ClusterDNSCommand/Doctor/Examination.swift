internal import ClusterDNS
internal import DNSTransport

/// Asks a pod's DNS, as far as that takes, and puts together what was found.
struct Examination {
    /// A name server that takes longer is as good as none.
    private static let patience = Duration.seconds(2)
    /// A cluster's DNS that takes longer is slow, or one address family is not answered.
    private static let slow = Duration.milliseconds(700)
    /// Entries of the hosts file that are compared with DNS.
    private static let mostHosts = 32

    let environment: ResolvedEnvironment
    let names: [String]

    func findings() async throws -> [Finding] {
        let probes = try await probes()
        let servers = NameServerChecks(probes: probes, clusterDomain: environment.clusterDomain)
        var findings = EnvironmentChecks(environment: environment).findings + servers.findings
        // Nobody to ask: what follows would only say so again.
        if servers.isAnyAnswered {
            let resolver = try ClusterResolver(environment: plain())
            let kubernetes = try await kubernetesService(resolver, isClusterKnown: servers.isClusterKnown)
            if kubernetes.severity == .ok, !servers.isClusterKnown {
                // Some cluster DNS leaves the record out.
                let note = "there is no TXT record of dns-version.\(environment.clusterDomain)"
                findings = findings.map { $0.check == .dnsVersion ? .ok(.dnsVersion, note) : $0 }
            }
            findings.append(kubernetes)
            try await findings.append(negativeAnswers(resolver, isClusterKnown: servers.isClusterKnown))
            try await findings += hosts(resolver)
        }
        return try await findings + given()
    }

    // MARK: Name servers

    private func probes() async throws -> [Probe] {
        try await withThrowingTaskGroup { group in
            let targets = environment.nameServers.flatMap { server in [(server, Probe.Transport.udp), (server, .tcp)] }
            for (index, target) in targets.enumerated() {
                group.addTask { (index, try await probe(target.0, target.1)) }
            }
            var probes: [(Int, Probe)] = []
            for try await probe in group { probes.append(probe) }
            return probes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func probe(_ server: NameServer, _ transport: Probe.Transport) async throws -> Probe {
        let resolver = try ClusterResolver(environment: plain(server, transport))
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: Probe.Outcome
        do {
            outcome = .version(
                try await resolver.text(of: "dns-version.\(environment.clusterDomain)").joined(separator: ", ")
            )
        } catch let error as ClusterDNSError {
            outcome = error.code.isNegative ? .unknown : .failed(error)
        }
        return Probe(server: server, transport: transport, outcome: outcome, time: start.duration(to: clock.now))
    }

    /// The environment without its hosts file.
    ///
    /// - Parameters:
    ///   - server: the only one to ask.
    ///   - transport: the only one to use. A resolver's third attempt goes over TCP: there is time for two.
    private func plain(_ server: NameServer? = nil, _ transport: Probe.Transport? = nil) throws -> ResolvedEnvironment {
        var configuration = environment.configuration
        configuration.namespace = environment.namespace
        configuration.clusterDomain = environment.clusterDomain.description
        configuration.nameServers = server.map { [$0] } ?? environment.nameServers
        // As long as name servers between here and there may keep such an answer.
        configuration.cache.maximumNegativeTTL = .seconds(3600)
        if transport != nil {
            configuration.lookupTimeout = min(Self.patience, configuration.lookupTimeout)
            configuration.retry.firstInterval = max(.milliseconds(1), configuration.lookupTimeout * 0.6)
            configuration.retry.maximumInterval = configuration.retry.firstInterval
        }
        let usesTCP = transport.map { $0 == .tcp } ?? environment.usesTCP
        let resolvConf = usesTCP ? Array("options use-vc\n".utf8) : []
        return try ResolvedEnvironment(
            configuration: configuration,
            variables: [:],
            hasFamily: environment.families,
            read: { $0 == configuration.resolvConfPath ? resolvConf : [] }
        )
    }

    // MARK: Names

    private func kubernetesService(_ resolver: ClusterResolver, isClusterKnown: Bool) async throws -> Finding {
        let name = "kubernetes.default.svc.\(environment.clusterDomain)"
        do {
            let clock = ContinuousClock()
            let start = clock.now
            let set = try await resolver.resolve(name)
            let time = start.duration(to: clock.now)
            let addresses = set.addresses.map(\.description).joined(separator: ", ")
            guard time < Self.slow else {
                return .warning(
                    .kubernetesService,
                    "\(addresses), after \(time.wholeNanoseconds / 1_000_000) ms",
                    remedy: environment.families.count > 1
                        ? "if A or AAAA is not answered, set CLUSTER_DNS_FAMILIES to ipv6 or ipv4; else the name servers are slow"
                        : "the name servers are slow: check their load, and that no datagrams are lost"
                )
            }
            return .ok(.kubernetesService, "\(addresses)\(set.timeToLive.map { ", TTL \($0.wholeSeconds) s" } ?? "")")
        } catch let error as ClusterDNSError {
            if let familyAdvice = familyAdvice(error) {
                return .warning(.kubernetesService, error.message, remedy: familyAdvice)
            }
            if error.code.isNegative, isClusterKnown {
                return .ok(
                    .kubernetesService,
                    "there is no \(name): every cluster has it, so this is a test server"
                )
            }
            return .error(
                .kubernetesService,
                error.code == .noSuchService ? "there is no \(name)" : error.message,
                remedy: "every cluster has it: check that the name servers and the domain are the cluster's"
            )
        }
    }

    private func negativeAnswers(_ resolver: ClusterResolver, isClusterKnown: Bool) async throws -> Finding {
        let name = "cluster-dns-doctor-\(UInt64.random(in: 0...(.max)))"
        do {
            let set = try await resolver.resolve("\(name).\(environment.namespace)")
            return .warning(
                .negativeAnswers,
                "a service that cannot exist is found: \(set)",
                remedy: "a wildcard in DNS answers for every name; it hides that a service is missing"
            )
        } catch let error as ClusterDNSError {
            guard error.code == .noSuchService, let ttl = error.timeToLive else {
                return .error(
                    .negativeAnswers,
                    "a service that does not exist is not answered NXDOMAIN: \(error.message)",
                    remedy: "the name server's log may say why"
                )
            }
            let own = environment.configuration.cache.maximumNegativeTTL.wholeSeconds
            let message = """
                that a service is missing is cached for \(ttl.wholeSeconds) s by name servers, and for \(own) s at most \
                by this library
                """
            // Where the domain is no cluster's, the TTL is that of a zone above it, and nobody's here to change.
            return ttl <= .seconds(30) || !isClusterKnown
                ? .ok(.negativeAnswers, message)
                : .warning(.negativeAnswers, message, remedy: "set a shorter ttl in CoreDNS' kubernetes block")
        }
    }

    /// Services that nobody finds because the hosts file has something else of that name.
    private func hosts(_ resolver: ClusterResolver) async throws -> [Finding] {
        var findings: [Finding] = []
        let names = environment.hosts.names.filter { name in
            guard case .candidates(let candidates)? = try? environment.names.expand(name).outcome else { return false }
            return environment.names.isInCluster(candidates[0])
        }
        for name in names.prefix(Self.mostHosts) {
            guard
                case .candidates(let candidates) = try environment.names.expand(name).outcome,
                case let absoluteName = candidates[0].description,
                let set = try? await resolver.resolve(absoluteName)
            else { continue }
            let own = environment.hosts.addresses(for: name) ?? []
            guard Set(own) != Set(set.addresses) else { continue }
            let isAbsoluteHidden = environment.hosts.addresses(for: NameExpansion.hostsKey(for: absoluteName)) != nil
            findings.append(
                .warning(
                    .hosts,
                    "\(name) is \(own.map(\.description).joined(separator: ", ")) in the hosts file, which hides \(set)",
                    remedy: "take it out of the pod's hostAliases"
                        + (isAbsoluteHidden ? "" : ", or ask for \(absoluteName)")
                )
            )
        }
        let skipped = names.count - Self.mostHosts
        let rest = skipped > 0 ? "; \(skipped) more were not looked at" : ""
        return findings.isEmpty ? [.ok(.hosts, "no entry hides a service\(rest)")] : findings
    }

    /// The names that the command was given, as `resolve` has them.
    private func given() async throws -> [Finding] {
        let resolver = try ClusterResolver(environment: environment)
        var findings: [Finding] = []
        for name in names {
            do {
                let set = try await resolver.resolve(name)
                findings.append(.ok(.name, "\(name) is \(set)"))
            } catch let error as ClusterDNSError {
                let isAboutName = error.code.isNegative || error.code == .invalidName
                let advice = isAboutName ? "check the name and the namespace" : error.code.advice
                findings.append(
                    .error(
                        .name,
                        error.description,
                        remedy: familyAdvice(error) ?? advice ?? "see the findings on name servers"
                    )
                )
            }
        }
        return findings
    }

    /// What to do about a name that is there without an address, where only one family was asked for.
    private func familyAdvice(_ error: ClusterDNSError) -> String? {
        error.code == .noRecords && environment.families.count == 1
            ? "its addresses may be of the family that is not asked for: see the finding families" : nil
    }
}
