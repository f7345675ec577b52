internal import ClusterDNS

/// What can be told of a pod's DNS without asking it.
struct EnvironmentChecks {
    let environment: ResolvedEnvironment

    var findings: [Finding] {
        variables + staticPeers + files + [searchList, namespace, clusterDomain, ndots, families]
    }

    private var variables: [Finding] {
        environment.unknownVariables.map { variable in
            .warning(
                .configuration,
                "\(variable) is no setting",
                remedy: "correct its spelling, or unset it"
            )
        }
    }

    private var staticPeers: [Finding] {
        let names = environment.configuration.staticPeers.keys.sorted().map(\.quoted)
        guard !names.isEmpty else { return [] }
        return [.ok(.configuration, "DNS is not asked for static peers: \(names.joined(separator: ", "))")]
    }

    /// What is strange about the files, each thing by itself.
    private var files: [Finding] {
        // That there is no service account matters to the namespace alone.
        let account = environment.configuration.serviceAccountNamespacePath
        var findings = environment.notes.filter { $0 != "\(account): it cannot be read" }.map { note in
            Finding.warning(.files, note, remedy: "this is ignored: correct or remove it")
        }
        if !environment.hasNameServers {
            findings.append(
                .error(
                    .files,
                    "no name server is set, \(environment.nameServers[0]) is used",
                    remedy: "\(resolvConf) has them in a pod; else use --server or CLUSTER_DNS_SERVERS"
                )
            )
        }
        return findings.isEmpty
            ? [.ok(.files, "\(resolvConf) and \(environment.configuration.hostsPath) can be read")] : findings
    }

    private var searchList: Finding {
        if let pod = environment.resolvConf.pod {
            return .ok(.searchList, "that of a pod in the namespace \(pod.namespace)")
        }
        let message = "the search list is not that of a pod, which has ns.svc.zone, svc.zone and zone"
        guard environment.namespaceOrigin == .default || environment.clusterDomainOrigin == .default else {
            return .ok(.searchList, message + "; it is not needed")
        }
        return .warning(
            .searchList,
            message,
            remedy: """
                dnsPolicy: ClusterFirst (ClusterFirstWithHostNet on the host's network) gives a pod its own; else set \
                CLUSTER_DNS_NAMESPACE and CLUSTER_DNS_CLUSTER_DOMAIN
                """
        )
    }

    private var namespace: Finding {
        switch environment.namespaceOrigin {
        case .configured: .ok(.namespace, "\(environment.namespace), as configured")
        case .searchList: .ok(.namespace, "\(environment.namespace), from the search list")
        case .serviceAccount: .ok(.namespace, "\(environment.namespace), from the service account")
        case .default:
            .warning(
                .namespace,
                "the namespace is not known: short names are looked up in \(environment.namespace)",
                remedy: "set CLUSTER_DNS_NAMESPACE or --namespace"
            )
        }
    }

    private var clusterDomain: Finding {
        let domain = environment.clusterDomain.withoutLastDot
        return switch environment.clusterDomainOrigin {
        case .configured: .ok(.clusterDomain, "\(domain), as configured")
        case .searchList, .serviceAccount: .ok(.clusterDomain, "\(domain), from the search list")
        case .default: .ok(.clusterDomain, "not known: \(domain) assumed, the usual one")
        }
    }

    private var ndots: Finding {
        let options = environment.resolvConf.options
        let queries = (environment.resolvConf.search.count + 1) * 2
        return .ok(
            .ndots,
            """
            \(options.ndots.map { "ndots:\($0)" } ?? "not set"): the C library sends up to \(queries) queries for one name \
            with this search list, this library does not walk it
            """
        )
    }

    private var families: Finding {
        switch (environment.families.contains(.ipv4), environment.families.contains(.ipv6)) {
        case (true, false): .ok(.families, "IPv4: one query (A) for a name")
        case (false, true): .ok(.families, "IPv6: one query (AAAA) for a name")
        default: .ok(.families, "IPv4 and IPv6: two queries (A, AAAA) for a name")
        }
    }

    private var resolvConf: String { environment.configuration.resolvConfPath }
}
