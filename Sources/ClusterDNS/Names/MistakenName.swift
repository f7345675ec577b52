/// What people write where a name is wanted: a URL, a name with its port, an address in brackets or with a zone index.
enum MistakenName {
    /// What to write instead of a text that is not valid; `nil` if it is none of these.
    static func rule(for text: String) -> BrokenRule? {
        // Enough of the text for every name, so that the time is bounded.
        let text = String(decoding: text.utf8.prefix(1024), as: UTF8.self)[...]
        guard text.contains(where: { ":/@[%".contains($0) }) else { return nil }
        var host = text
        // gRPC's have no authority as a rule: `dns:///service-b`.
        if let scheme = host.firstRange(of: "://") { host = host[scheme.upperBound...].drop { $0 == "/" } }
        host = host.prefix { !"/?#".contains($0) }
        if let user = host.lastIndex(of: "@") { host = host[host.index(after: user)...] }
        let (name, port) = split(host)
        guard IPAddress(name) != nil || isName(name) else { return nil }
        return BrokenRule(
            port.map { "give \(name.quoted) as the name and \($0) as the port" } ?? "give \(name.quoted) alone"
        )
    }

    /// A name or an address, freed of brackets and zone index, and the port behind it.
    private static func split(_ host: Substring) -> (name: Substring, port: UInt16?) {
        let name: Substring
        let rest: Substring
        if host.first == "[" {
            name = host.dropFirst().prefix { $0 != "]" }
            rest = host[name.endIndex...].dropFirst()
        } else if IPAddress(host.prefix { $0 != "%" }) != nil {
            name = host
            rest = ""
        } else {
            let colon = host.lastIndex(of: ":") ?? host.endIndex
            name = host[..<colon]
            rest = host[colon...]
        }
        return (name.prefix { $0 != "%" }, UInt16(rest.dropFirst()))
    }

    private static func isName(_ text: Substring) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in (try? Label.check(label)) != nil }
    }
}
