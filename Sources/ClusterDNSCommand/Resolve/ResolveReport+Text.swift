internal import ClusterDNS

extension ResolveReport {
    /// For a person: the names, the endpoints one a line, and what the answer is worth; empty for a failure.
    var lines: [String] {
        guard let found else { return [] }
        return ["\(name) -> \(found.absoluteName)"]
            + (found.canonicalName.map { ["  alias for \($0)"] } ?? [])
            + found.endpointLines.map { "  \($0)" }
            + (text ?? []).map { "  \"\($0.jsonEscaped)\"" }
            + ["  \(summary(of: found))"]
    }

    private func summary(of found: Found) -> String {
        var facts: [String] = []
        if text == nil { facts.append(counted(found.endpoints.count, "endpoint")) }
        if found.isStale {
            facts.append("stale: past its TTL, and no newer answer came in time")
        } else {
            facts.append(found.ttl.map { "TTL \($0) s" } ?? "does not expire")
        }
        facts.append(querySummary)
        return facts.joined(separator: ", ")
    }

    private var querySummary: String {
        queries == 0 ? "no query" : counted(queries, "query", "queries")
    }

    /// For a person: what went wrong and what to do; empty for a success.
    var errorLines: [String] {
        guard let error else { return [] }
        guard let advice = error.code.advice else { return [error.description] }
        return [error.description, "  \(queries == 0 ? "no query was sent" : querySummary); \(advice)"]
    }
}

extension ResolveReport.Found {
    /// A table where SRV records have told more than address and port.
    fileprivate var endpointLines: [String] {
        guard endpoints.contains(where: { $0.hostname != nil || $0.priority != nil }) else {
            return endpoints.map(\.description)
        }
        let hasPriorities = endpoints.contains { $0.priority != nil }
        let header = ["ENDPOINT"] + (hasPriorities ? ["PRIORITY", "WEIGHT"] : []) + ["HOSTNAME"]
        let rows = endpoints.map { endpoint in
            [endpoint.description]
                + (hasPriorities ? [endpoint.priority, endpoint.weight].map { $0.map(String.init) ?? "-" } : [])
                + [endpoint.hostname ?? "-"]
        }
        return table([header] + rows)
    }
}

extension ClusterDNSError.Code {
    /// What to do about it, where the message does not say so itself.
    var advice: String? {
        switch self {
        case .timedOut: "a NetworkPolicy may block DNS; --timeout gives it more time, --server asks another name server"
        case .unreachable: "--server asks another name server"
        case .serverFailure: "the name server's log may say why; --server asks another one"
        default: nil
        }
    }
}
