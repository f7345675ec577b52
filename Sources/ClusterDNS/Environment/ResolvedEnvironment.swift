/// Where the process is: its namespace, its cluster and the servers that it may ask, put together from everything that
/// says something about them.
package struct ResolvedEnvironment: Sendable {
    /// The configuration as it is with the environment variables.
    package let configuration: ResolverConfiguration
    /// What the person who set them calls the settings: the name of a variable or a key.
    let origins: [String: String]
    package let namespace: String
    package let namespaceOrigin: Origin
    package let clusterDomain: DomainName
    package let clusterDomainOrigin: Origin
    /// One at least, none twice.
    package let nameServers: [NameServer]
    /// Whether `resolv.conf` wants TCP for every query.
    package let usesTCP: Bool
    /// The address families to ask for, one at least.
    package let families: Set<IPAddress.Family>
    package let hosts: HostsFile
    package let resolvConf: ResolvConf
    /// What is strange about the files, one line each that begins with the file's path.
    package let notes: [String]
    /// Environment variables that look like settings and are none.
    package let unknownVariables: [String]

    /// What has told a setting.
    package enum Origin: Hashable, Sendable {
        /// The configuration or an environment variable.
        case configured
        /// The search list of `resolv.conf`.
        case searchList
        case serviceAccount
        /// Nothing.
        case `default`
    }

    /// Puts the environment together. What is configured wins over the environment variables, these over the pod's own
    /// files, these over the defaults.
    ///
    /// - Parameters:
    ///   - variables: the environment variables, or anything that has their names.
    ///   - origin: what errors call what comes from these.
    ///   - hasFamily: the families that the host has addresses of, those on loopback interfaces left out.
    ///   - read: the octets of the file at a path, `nil` if it cannot be read.
    /// - Throws: `invalidConfiguration` for what somebody has set and got wrong; never for what is in a file.
    package init(
        configuration: ResolverConfiguration,
        variables: [String: String],
        origin: (ConfigurationKey) -> String = { $0.variable },
        hasFamily: Set<IPAddress.Family>,
        read: @escaping (String) -> [UInt8]?
    ) throws(ClusterDNSError) {
        let (configuration, origins) = try configuration.filled(from: variables, origin: origin)
        var files = Files(configuration: configuration, origins: origins, read: read)
        let resolvConf = try files.resolvConf()
        let pod = resolvConf.pod

        if let namespace = configuration.namespace?.lowercased() {
            (self.namespace, namespaceOrigin) = (namespace, .configured)
        } else if let namespace = pod?.namespace {
            (self.namespace, namespaceOrigin) = (namespace, .searchList)
        } else if let namespace = try files.serviceAccountNamespace() {
            (self.namespace, namespaceOrigin) = (namespace, .serviceAccount)
        } else {
            (namespace, namespaceOrigin) = ("default", .default)
        }
        // What is configured has been checked.
        if let domain = configuration.clusterDomain.flatMap({ try? DomainName(clusterDomain: $0) }) {
            (clusterDomain, clusterDomainOrigin) = (domain, .configured)
        } else if let domain = pod?.clusterDomain {
            (clusterDomain, clusterDomainOrigin) = (domain, .searchList)
        } else {
            (clusterDomain, clusterDomainOrigin) = (.clusterLocal, .default)
        }
        self.hosts = try files.hosts()
        self.nameServers =
            [configuration.nameServers, resolvConf.nameServers]
            .first { !$0.isEmpty }?
            .withoutDuplicates() ?? [Self.localNameServer]
        self.usesTCP = resolvConf.options.usesTCP
        self.families = configuration.families.resolved(hasFamily: hasFamily, nameServers: nameServers)
        self.configuration = configuration
        self.origins = origins
        self.resolvConf = resolvConf
        self.notes = files.notes
        self.unknownVariables = ConfigurationKey.unknown(variables.lazy.filter { !$0.value.isEmpty }.map(\.key))
    }

    /// What the C library asks where `resolv.conf` names no server.
    private static let localNameServer = NameServer(address: IPAddress(ipv4: 0x7F00_0001))

    /// Finds the absolute names that a name may stand for here.
    package var names: NameExpander {
        NameExpander(
            namespace: namespace,
            clusterDomain: clusterDomain,
            allowsShortNamesOutside: configuration.allowsShortNamesOutside
        )
    }
}

extension ResolverConfiguration {
    /// The configuration with the environment variables in place of what has its default, all of it checked, and the
    /// variables by the settings that they have set.
    func filled(
        from variables: [String: String],
        origin: (ConfigurationKey) -> String
    ) throws(ClusterDNSError) -> (ResolverConfiguration, origins: [String: String]) {
        var configuration = self
        var origins: [String: String] = [:]
        for key in ConfigurationKey.all {
            // An empty variable is how one is taken back.
            guard let text = variables[key.variable], !text.isEmpty else { continue }
            let before = configuration
            try key.apply(text, to: &configuration, origin: origin(key))
            if configuration != before { origins[key.setting] = origin(key) }
        }
        try configuration.validate { origins[$0] ?? $0 }
        return (configuration, origins)
    }
}

/// Reads the files that the configuration names. One that is not where it is by default is no error.
private struct Files {
    let configuration: ResolverConfiguration
    let origins: [String: String]
    let read: (String) -> [UInt8]?
    var notes: [String] = []

    mutating func resolvConf() throws(ClusterDNSError) -> ResolvConf {
        guard let octets = try octets(of: "resolvConfPath", \.resolvConfPath) else { return ResolvConf() }
        let file = ResolvConf(parsing: octets)
        add(file.notes, of: configuration.resolvConfPath)
        return file
    }

    mutating func hosts() throws(ClusterDNSError) -> HostsFile {
        guard let octets = try octets(of: "hostsPath", \.hostsPath) else { return HostsFile() }
        let file = HostsFile(parsing: octets)
        add(file.notes, of: configuration.hostsPath)
        return file
    }

    mutating func serviceAccountNamespace() throws(ClusterDNSError) -> String? {
        let setting = "serviceAccountNamespacePath"
        guard let octets = try octets(of: setting, \.serviceAccountNamespacePath) else { return nil }
        let file = ServiceAccountNamespace(parsing: octets)
        add(file.notes, of: configuration.serviceAccountNamespacePath)
        return file.namespace
    }

    private mutating func octets(
        of setting: String,
        _ path: KeyPath<ResolverConfiguration, String>
    ) throws(ClusterDNSError) -> [UInt8]? {
        if let octets = read(configuration[keyPath: path]) { return octets }
        guard configuration[keyPath: path] == ResolverConfiguration()[keyPath: path] else {
            let rule = BrokenRule("the file cannot be read, or is no regular file")
            throw .invalidConfiguration(origins[setting] ?? setting, configuration[keyPath: path], rule)
        }
        add(["it cannot be read"], of: configuration[keyPath: path])
        return nil
    }

    private mutating func add(_ notes: [String], of path: String) {
        self.notes += notes.map { "\(path): \($0)" }
    }
}
