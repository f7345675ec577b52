internal import DNSTransport

extension ResolvedEnvironment {
    /// The environment of this process.
    ///
    /// - Parameter ignored: environment variables that count as not set.
    package static func current(
        _ configuration: ResolverConfiguration,
        ignoring ignored: Set<String> = []
    ) throws(ClusterDNSError) -> ResolvedEnvironment {
        let variables = SystemFacts.environmentVariables().filter { !ignored.contains($0.key) }
        return try current(configuration, variables: variables, origin: \.variable)
    }

    /// The environment of this process with a reader's values in place of the environment variables.
    static func current(
        _ configuration: ResolverConfiguration,
        values: ConfigurationValues
    ) throws(ClusterDNSError) -> ResolvedEnvironment {
        try current(configuration, variables: values.variables, origin: \.path)
    }

    private static func current(
        _ configuration: ResolverConfiguration,
        variables: [String: String],
        origin: (ConfigurationKey) -> String
    ) throws(ClusterDNSError) -> ResolvedEnvironment {
        let families = SystemFacts.addressFamilies()
        return try ResolvedEnvironment(
            configuration: configuration,
            variables: variables,
            origin: origin,
            hasFamily: Set((families.ipv4 ? [.ipv4] : []) + (families.ipv6 ? [.ipv6] : [])),
            read: { SystemFacts.contents(of: $0, limit: largestFile) }
        )
    }

    /// Octets that are read of a file: one more than are used of any, so that it is seen when a file has more.
    fileprivate static let largestFile = HostsFile.maximumSize + 1

    /// Whether the name servers are those of `resolv.conf`, rather than configured.
    var watchesResolvConf: Bool { configuration.nameServers.isEmpty }

    /// The types of address records to ask for, A first.
    var recordTypes: [RecordType] {
        (families.contains(.ipv4) ? [.a] : []) + (families.contains(.ipv6) ? [.aaaa] : [])
    }
}

extension ResolvConfWatch {
    init(_ environment: ResolvedEnvironment) {
        self.init(
            path: environment.configuration.resolvConfPath,
            nameServers: environment.nameServers,
            version: { SystemFacts.version(of: $0) },
            read: { SystemFacts.contents(of: $0, limit: ResolvedEnvironment.largestFile) }
        )
    }
}
