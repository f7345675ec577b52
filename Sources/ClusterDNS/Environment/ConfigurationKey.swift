/// A setting that can be given as text: in an environment variable or through swift-configuration.
package struct ConfigurationKey: Sendable {
    /// The key as swift-configuration writes it, below `cluster.dns`: `clusterDomain`.
    package let name: String
    /// The property of ``ResolverConfiguration``: `lookupTimeout`, `cache.staleWindow`.
    package let setting: String
    /// Whether it is true or false.
    let isSwitch: Bool
    /// What stands between the parts of a list that is written as one text.
    let separator: String

    /// The key as it stands in a configuration: `cluster.dns.clusterDomain`.
    package var path: String { "\(Self.prefix).\(name)" }

    /// What all keys begin with.
    static let prefix = "cluster.dns"

    /// Whether a resolver that runs takes another value over.
    package var isLive: Bool { name == "staticPeers" || name.hasPrefix("limits.") }

    private let fill: @Sendable (inout ResolverConfiguration, String) throws(BrokenRule) -> Void

    /// The environment variable: `CLUSTER_DNS_CLUSTER_DOMAIN`. Named as swift-configuration names it: an underscore for
    /// a dot and between a small letter and a capital.
    package var variable: String {
        var variable = Self.variablePrefix
        var isBehindSmallLetter = false
        for character in name {
            if character.isUppercase && isBehindSmallLetter { variable += "_" }
            variable += character == "." ? "_" : character.uppercased()
            isBehindSmallLetter = character.isLowercase
        }
        return variable
    }

    private static let variablePrefix = "CLUSTER_DNS_"

    /// The variables that look like ours and are none, as one that is misspelled.
    static func unknown(_ variables: some Sequence<String>) -> [String] {
        let known = Set(all.map(\.variable))
        return variables.filter { variable in
            variable.hasPrefix(variablePrefix) && !known.contains(variable) && !isSetByKubernetes(variable)
        }.sorted()
    }

    /// Whether it is one of those for Services called `cluster-dns` or `cluster-dns-b`: `…_SERVICE_HOST`, `…_SERVICE_PORT_HTTP`,
    /// `…_PORT`, `…_PORT_53_UDP_ADDR`.
    private static func isSetByKubernetes(_ variable: String) -> Bool {
        variable.contains("_SERVICE_") || variable.contains(/_PORT(_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)?$/)
    }

    /// Sets the setting from text, if it still has its default.
    ///
    /// - Parameter origin: what the error calls the setting; the environment variable if `nil`.
    package func apply(
        _ text: String,
        to configuration: inout ResolverConfiguration,
        origin: String? = nil
    ) throws(ClusterDNSError) {
        do { try fill(&configuration, text) } catch { throw .invalidConfiguration(origin ?? variable, text, error) }
    }
}

extension ConfigurationKey {
    /// All of them. A name may begin with none of `port` and `service`: for a Service called `cluster-dns` Kubernetes
    /// sets variables that begin with `CLUSTER_DNS_PORT` and `CLUSTER_DNS_SERVICE`.
    package static let all: [ConfigurationKey] = [
        .init("servers", \.nameServers, Text.nameServers, setting: "nameServers"),
        .init("namespace", \.namespace, Text.namespace),
        .init("clusterDomain", \.clusterDomain, Text.clusterDomain),
        .init("families", \.families, Text.families),
        .init("timeout", \.lookupTimeout, Text.duration, setting: "lookupTimeout"),
        .init("resolvConf", \.resolvConfPath, Text.path, setting: "resolvConfPath"),
        .init("hosts", \.hostsPath, Text.path, setting: "hostsPath"),
        .init("ednsPayload", \.ednsPayload, Text.integer),
        .init("allowsShortNamesOutside", \.allowsShortNamesOutside, Text.boolean),
        .init("staticPeers", \.staticPeers, Text.staticPeers, separator: ";"),
        .init("retry.firstInterval", \.retry.firstInterval, Text.duration),
        .init("retry.maximumInterval", \.retry.maximumInterval, Text.duration),
        .init("cache.minimumTTL", \.cache.minimumTTL, Text.duration),
        .init("cache.maximumTTL", \.cache.maximumTTL, Text.duration),
        .init("cache.maximumNegativeTTL", \.cache.maximumNegativeTTL, Text.duration),
        .init("cache.staleWindow", \.cache.staleWindow, Text.duration),
        .init("cache.staleAnswerDelay", \.cache.staleAnswerDelay, Text.duration),
        .init("cache.hidesDeletionsWithStale", \.cache.hidesDeletionsWithStale, Text.boolean),
        .init("cache.capacity", \.cache.capacity, Text.integer),
        .init("cache.negativeCapacity", \.cache.negativeCapacity, Text.integer),
        .init("limits.queriesInFlight", \.limits.queriesInFlight, Text.integer),
        .init("limits.queueLength", \.limits.queueLength, Text.integer),
        .init("limits.sourcePortLifetime", \.limits.sourcePortLifetime, Text.duration),
        .init("limits.sourcePortQueries", \.limits.sourcePortQueries, Text.integer),
    ]

    /// - Parameter setting: the property where it is not called as the key is.
    private init<Value: Equatable & Sendable>(
        _ name: String,
        _ property: any WritableKeyPath<ResolverConfiguration, Value> & Sendable,
        _ parse: @escaping @Sendable (String) throws(BrokenRule) -> Value,
        setting: String? = nil,
        separator: String = ","
    ) {
        self.name = name
        self.setting = setting ?? name
        self.isSwitch = Value.self == Bool.self
        self.separator = separator
        self.fill = { configuration, text throws(BrokenRule) in
            let value = try parse(text)
            guard configuration[keyPath: property] == ResolverConfiguration()[keyPath: property] else { return }
            configuration[keyPath: property] = value
        }
    }
}

/// The forms in which settings are written.
private enum Text {
    static func nameServers(_ text: String) throws(BrokenRule) -> [NameServer] {
        var nameServers: [NameServer] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            nameServers.append(try NameServer(parsing: String(part.trimmingSpaces)))
        }
        return nameServers
    }

    /// `service-b=127.0.0.1:8081,127.0.0.1:8082;service-c=[::1]:9000`
    static func staticPeers(_ text: String) throws(BrokenRule) -> [String: [Endpoint]] {
        var peers: [String: [Endpoint]] = [:]
        for entry in text.split(separator: ";") where !entry.trimmingSpaces.isEmpty {
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false).map(\.trimmingSpaces)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw BrokenRule("static peers are written service=address:port,address:port;service=…")
            }
            let name = String(parts[0])
            guard peers[name] == nil else { throw BrokenRule("\(name.quoted) stands there twice") }
            peers[name] = []
            for endpoint in parts[1].split(separator: ",") {
                peers[name]?.append(try Endpoint(parsing: String(endpoint.trimmingSpaces)))
            }
        }
        return peers
    }

    static func namespace(_ text: String) throws(BrokenRule) -> String? {
        try Label.folded(text)
    }

    static func clusterDomain(_ text: String) throws(BrokenRule) -> String? {
        _ = try DomainName(clusterDomain: text)
        return text
    }

    static func families(_ text: String) throws(BrokenRule) -> Families {
        guard let families = Families(rawValue: text) else {
            throw BrokenRule("expected one of \(Families.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return families
    }

    static func duration(_ text: String) throws(BrokenRule) -> Duration {
        try Duration(text: text)
    }

    static func path(_ text: String) throws(BrokenRule) -> String {
        text
    }

    static func integer(_ text: String) throws(BrokenRule) -> Int {
        guard let number = text.utf8.decimalValue(maximum: Int(Int32.max)) else {
            throw BrokenRule("not a whole number")
        }
        return number
    }

    static func boolean(_ text: String) throws(BrokenRule) -> Bool {
        guard let value = Bool(text) else { throw BrokenRule("neither true nor false") }
        return value
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
