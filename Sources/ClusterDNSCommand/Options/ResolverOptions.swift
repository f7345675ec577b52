internal import ArgumentParser
internal import ClusterDNS
internal import DNSTransport

/// What every verb that resolves can be told. An option stands for a setting of the library, has its rules, and wins over
/// the environment variable of that setting.
struct ResolverOptions: ParsableArguments {
    @Option(help: "The namespace in which a short name is looked for.")
    var namespace: String?

    @Option(help: "The domain that all services of the cluster are in.")
    var clusterDomain: String?

    @Option(
        help: ArgumentHelp(
            "A DNS server to ask instead of those in resolv.conf; may repeat. An IPv6 server with a port is [addr]:port.",
            valueName: "addr[:port]"
        )
    )
    var server: [String] = []

    @Option(help: ArgumentHelp("The file to read instead of /etc/resolv.conf.", valueName: "file"))
    var resolvConf: String?

    @Option(help: "The address families to ask for. (default: those that the pod has)")
    var family: FamilyOption?

    @Option(help: ArgumentHelp("How long one lookup may take: 250ms, 5s, 2m. (default: 5s)", valueName: "duration"))
    var timeout: String?

    func validate() throws {
        _ = try settings()
    }

    /// A resolver for these options and the place that the command runs in.
    func makeResolver() throws -> ClusterResolver {
        do {
            return try ClusterResolver(environment: environment())
        } catch let error as ClusterDNSError {
            Console.printError([error.description])
            throw ExitCode.failure
        }
    }

    /// The place that the command runs in, as the options have it.
    ///
    /// - Throws: ``ClusterDNSError`` if an environment variable is wrong.
    func environment() throws -> ResolvedEnvironment {
        let settings = try settings()
        let overruled = ConfigurationKey.all.filter { settings.origins[$0.setting] != nil }.map(\.variable)
        return try .current(settings.configuration, ignoring: Set(overruled))
    }

    /// The settings that the options decide, and the option for each.
    private func settings() throws -> (configuration: ResolverConfiguration, origins: [String: String]) {
        var settings = OptionSettings()
        do {
            try settings.apply(namespace, to: "namespace", from: "--namespace")
            try settings.apply(clusterDomain, to: "clusterDomain", from: "--cluster-domain")
            try settings.apply(family?.rawValue, to: "families", from: "--family")
            try settings.apply(timeout, to: "timeout", from: "--timeout")
            try settings.apply(resolvConf, to: "resolvConf", from: "--resolv-conf")
            // Each on its own, so that the error has only the one that is wrong.
            for server in server { try settings.add(server, from: "--server") }
            try settings.configuration.validate { [origins = settings.origins] in origins[$0] ?? $0 }
        } catch {
            throw ValidationError(error.message)
        }
        if let resolvConf, SystemFacts.contents(of: resolvConf, limit: 1) == nil {
            let rule = "the file cannot be read, or is no regular file"
            throw ValidationError("--resolv-conf is \(resolvConf.quoted): \(rule)")
        }
        return (settings.configuration, settings.origins)
    }
}

enum FamilyOption: String, CaseIterable, ExpressibleByArgument {
    case any, ipv4, ipv6
}

/// A configuration in the making, by the keys that it also has in environment variables.
struct OptionSettings {
    var configuration = ResolverConfiguration()
    /// The options by the settings that they decide.
    private(set) var origins: [String: String] = [:]

    mutating func apply(_ text: String?, to name: String, from option: String) throws(ClusterDNSError) {
        guard let text, let key = ConfigurationKey.all.first(where: { $0.name == name }) else { return }
        try key.apply(text, to: &configuration, origin: option)
        origins[key.setting] = option
    }

    mutating func add(_ server: String, from option: String) throws(ClusterDNSError) {
        var one = OptionSettings()
        try one.apply(server, to: "servers", from: option)
        configuration.nameServers += one.configuration.nameServers
        origins.merge(one.origins) { first, _ in first }
    }
}
