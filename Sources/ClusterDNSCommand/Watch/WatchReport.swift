internal import ClusterDNS

/// What has become of a watched name: another set, or another failure.
struct WatchReport {
    /// As it was given.
    var name: String
    /// `nil` before the first answer.
    var endpoints: EndpointSet?
    var added: [Endpoint] = []
    var removed: [Endpoint] = []
    /// How the last lookup failed; `nil` if it did not.
    var error: ClusterDNSError?

    var json: JSON {
        .object([
            JSON.Member("name", .string(name)),
            JSON.Member("absoluteName", .string(endpoints?.absoluteName ?? error?.absoluteName)),
            JSON.Member("endpoints", .array(endpoints?.map(\.json) ?? [])),
            JSON.Member("added", .array(added.map(\.json))),
            JSON.Member("removed", .array(removed.map(\.json))),
            JSON.Member("error", error?.json ?? .null),
        ])
    }

    /// `12.3 s  2 endpoints  +10.0.0.1:80 -10.0.0.2:80`
    ///
    /// - Parameter time: since the watch began.
    func line(after time: Duration) -> String {
        let signed = added.map { "+\($0)" } + removed.map { "-\($0)" }
        let count = counted(endpoints?.count ?? 0, "endpoint")
        return ([time.inSeconds, count] + (signed.isEmpty ? [] : [signed.joined(separator: " ")])).joined(
            separator: "  "
        )
    }
}
