internal import ClusterDNS

extension ResolveReport {
    var json: JSON {
        var members = [
            JSON.Member("name", .string(name)),
            JSON.Member("absoluteName", .string(found?.absoluteName ?? error?.absoluteName)),
            JSON.Member("endpoints", .array(found?.endpoints.map(\.json) ?? [])),
            JSON.Member("canonicalName", .string(found?.canonicalName ?? error?.canonicalName)),
            JSON.Member("ttl", .number(found?.ttl)),
            JSON.Member("stale", .bool(found?.isStale ?? false)),
            JSON.Member("queries", .number(queries)),
            JSON.Member("error", error?.json ?? .null),
        ]
        if let text { members.append(JSON.Member("text", .array(text.map(JSON.string)))) }
        return .object(members)
    }
}

extension Endpoint {
    var json: JSON {
        .object([
            JSON.Member("address", .string(address.description)),
            JSON.Member("port", .number(port)),
            JSON.Member("hostname", .string(hostname)),
            JSON.Member("priority", .number(priority)),
            JSON.Member("weight", .number(weight)),
        ])
    }
}

extension ClusterDNSError {
    var json: JSON {
        .object([JSON.Member("code", .string(code.description)), JSON.Member("message", .string(message))])
    }
}
