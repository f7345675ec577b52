import ClusterDNS
import TestServers

/// What the server itself has to say to a case: the names that the case says are asked, asked with `kdig`, and put together
/// as simply as can be. It holds the table against the zones, without a line of the library.
func askServer(_ wanted: ConformanceCase, _ port: UInt16) async throws -> Answer {
    var answer = Answer(outcome: .error(.noSuchService))
    for name in wanted.asked where answer.outcome == .error(.noSuchService) {
        answer = try await ask(name, wanted, port)
        answer.absoluteName = name
    }
    return answer
}

private func ask(_ name: String, _ wanted: ConformanceCase, _ port: UInt16) async throws -> Answer {
    switch wanted.query {
    case .addresses:
        try await addresses(name, wanted.families, port) { $0 }
    case .port(let number):
        try await addresses(name, wanted.families, port) { withPort($0, "\(number)") }
    case .named, .allPorts:
        try await ports(name, wanted, port)
    case .names:
        try await data(name, "PTR", port) { .endpoints($0.map { "\(wanted.name) \($0)" }) }
    case .text:
        try await data(name, "TXT", port) { .text($0.map { String($0.dropFirst().dropLast()) }) }
    }
}

private func addresses(
    _ name: String,
    _ families: ConformanceCase.Families,
    _ port: UInt16,
    _ text: (String) -> String
) async throws -> Answer {
    var found: [String] = []
    var end = name
    var failure = ClusterDNSError.Code.noRecords
    var timeToLive = 30
    for type in families.recordTypes {
        let answer = try await Kdig.ask(port: port, name, type)
        guard let canonical = canonicalName(of: name, answer) else {
            return Answer(outcome: .error(.malformedResponse))
        }
        // CoreDNS leaves out a CNAME to a name that has no address of the family.
        if canonical != name { end = canonical }
        found += answer.answers.filter { $0.type == type && $0.name == canonical }.map { text($0.data) }
        failure = code(answer)
        timeToLive = answer.answers.map(\.ttl).reduce(timeToLive, min)
    }
    guard !found.isEmpty else { return Answer(outcome: .error(failure)) }
    let outcome = ConformanceCase.Outcome.endpoints(found, canonicalName: end == name ? nil : end)
    return Answer(outcome: outcome, timeToLive: .seconds(max(1, timeToLive)))
}

private func ports(_ name: String, _ wanted: ConformanceCase, _ port: UInt16) async throws -> Answer {
    let answer = try await Kdig.ask(port: port, name, "SRV")
    let records = answer.answers.filter { $0.type == "SRV" }.map { $0.data.split(separator: " ").map(String.init) }
    guard !records.isEmpty, let end = canonicalName(of: name, answer) else {
        return Answer(outcome: .error(code(answer)))
    }
    // One question for each of hundreds of targets would say no more than the records do.
    if case .count = wanted.outcome { return Answer(outcome: .endpoints(records.map { $0.joined(separator: " ") })) }
    var found: [String] = []
    for record in records where record.count == 4 && record[3] != "." {
        let target = try await addresses(record[3], wanted.families, port) {
            "\(withPort($0, record[2])) \(record[3]) \(record[0])/\(record[1])"
        }
        if case .endpoints(let endpoints, _) = target.outcome { found += endpoints }
    }
    let outcome = ConformanceCase.Outcome.endpoints(found, canonicalName: end == name ? nil : end)
    return Answer(outcome: found.isEmpty ? .error(.noRecords) : outcome)
}

private func data(
    _ name: String,
    _ type: String,
    _ port: UInt16,
    _ outcome: ([String]) -> ConformanceCase.Outcome
) async throws -> Answer {
    let answer = try await Kdig.ask(port: port, name, type)
    let found = answer.answers.filter { $0.type == type }.map(\.data)
    return Answer(outcome: found.isEmpty ? .error(code(answer)) : outcome(found))
}

/// The end of the answer's CNAME chain; nothing if it goes round.
private func canonicalName(of name: String, _ answer: Kdig) -> String? {
    guard answer.status == "NOERROR" else { return name }
    var end = name
    for _ in 0...answer.answers.count {
        guard let next = answer.answers.first(where: { $0.type == "CNAME" && $0.name == end }) else { return end }
        end = next.data
    }
    return nil
}

private func code(_ answer: Kdig) -> ClusterDNSError.Code {
    switch answer.status {
    case "NOERROR": .noRecords
    case "NXDOMAIN": .noSuchService
    default: .serverFailure
    }
}

private func withPort(_ address: String, _ port: String) -> String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
}
