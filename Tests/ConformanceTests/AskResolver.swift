import ClusterDNS

/// Whether there is a resolver to ask. Until then, the tests that need one are reported as skipped.
#if CLUSTER_RESOLVER
    let resolverExists = true
#else
    let resolverExists = false
#endif

struct ResolverMissing: Error {}

/// What the resolver makes of a case, with its one name server at 127.0.0.1.
func askResolver(_ wanted: ConformanceCase, nameServerPort port: UInt16) async throws -> Answer {
    #if CLUSTER_RESOLVER
        // Not compiled yet: written for the interface as agreed.
        var configuration = ResolverConfiguration()
        configuration.namespace = wanted.namespace
        configuration.clusterDomain = wanted.clusterDomain
        configuration.nameServers = [NameServer(address: IPAddress(ipv4: 0x7F00_0001), port: port)]
        configuration.families = Families(wanted.families)
        configuration.hosts = wanted.hosts
        let resolver = try ClusterResolver(configuration)
        let answer: Answer
        do {
            answer = try await ask(wanted, resolver)
        } catch let error as ClusterDNSError {
            answer = Answer(outcome: .error(error.code), absoluteName: error.absoluteName)
        } catch {
            await resolver.shutdown()
            throw error
        }
        await resolver.shutdown()
        return answer
    #else
        throw ResolverMissing()
    #endif
}

#if CLUSTER_RESOLVER
    private func ask(_ wanted: ConformanceCase, _ resolver: ClusterResolver) async throws -> Answer {
        let set: EndpointSet
        switch wanted.query {
        case .addresses: set = try await resolver.resolve(wanted.name)
        case .port(let number): set = try await resolver.resolve(wanted.name, port: .number(number))
        case .named(let name, "udp"): set = try await resolver.resolve(wanted.name, port: .named(name, protocol: .udp))
        case .named(let name, "sctp"):
            set = try await resolver.resolve(wanted.name, port: .named(name, protocol: .sctp))
        case .named(let name, _): set = try await resolver.resolve(wanted.name, port: .named(name, protocol: .tcp))
        case .allPorts: set = try await resolver.resolve(wanted.name, port: .all)
        case .names: set = try await resolver.names(of: IPAddress(wanted.name))
        case .text:
            // `text(of:)` gives no name: what it asked is what the case says, or the text would not be there.
            return Answer(outcome: .text(try await resolver.text(of: wanted.name)), absoluteName: wanted.asked.last)
        }
        return Answer(
            outcome: .endpoints(set.map(text), canonicalName: set.canonicalName),
            absoluteName: set.absoluteName,
            timeToLive: set.timeToLive
        )
    }

    /// An endpoint as the table writes it.
    private func text(_ endpoint: Endpoint) -> String {
        var parts = [endpoint.description]
        if let hostname = endpoint.hostname { parts.append(hostname) }
        if let priority = endpoint.priority, let weight = endpoint.weight { parts.append("\(priority)/\(weight)") }
        return parts.joined(separator: " ")
    }
#endif
