import ClusterDNS
import Testing

/// What the resolver makes of a case, with its one name server at 127.0.0.1.
func askResolver(_ wanted: ConformanceCase, nameServerPort port: UInt16) async throws -> Answer {
    var configuration = ResolverConfiguration()
    configuration.namespace = wanted.namespace
    configuration.clusterDomain = wanted.clusterDomain
    configuration.nameServers = [try NameServer("127.0.0.1:\(port)")]
    configuration.families = Families(rawValue: wanted.families.rawValue) ?? .any
    let hostsPath = configuration.hostsPath
    let environment = try ResolvedEnvironment(
        configuration: configuration,
        variables: [:],
        hasFamily: [.ipv4, .ipv6],
        read: { $0 == hostsPath ? Array(wanted.hosts.utf8) : nil }
    )
    let resolver = try ClusterResolver(environment: environment)
    let answer: Answer
    do {
        answer = try await ask(wanted, resolver)
    } catch let error as ClusterDNSError {
        answer = Answer(outcome: .error(error.code), absoluteName: error.absoluteName)
    }
    await resolver.shutdown()
    if wanted.asked.isEmpty { #expect(resolver.statistics.messagesSent == 0) }
    return answer
}

private func ask(_ wanted: ConformanceCase, _ resolver: ClusterResolver) async throws -> Answer {
    let set: EndpointSet
    switch wanted.query {
    case .addresses:
        set = try await resolver.resolve(wanted.name)
    case .port(let number):
        set = try await resolver.resolve(wanted.name, port: .number(number))
    case .named(let name, let text):
        let portProtocol = try #require(PortProtocol(rawValue: text))
        set = try await resolver.resolve(wanted.name, port: .named(name, protocol: portProtocol))
    case .allPorts:
        set = try await resolver.resolve(wanted.name, port: .all)
    case .names:
        set = try await resolver.nameSet(of: try #require(IPAddress(wanted.name)))
    case .text:
        set = try await resolver.textSet(of: wanted.name)
        #expect(try await resolver.text(of: wanted.name) == set.text)
        return Answer(outcome: .text(set.text), absoluteName: set.absoluteName, timeToLive: set.timeToLive)
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
