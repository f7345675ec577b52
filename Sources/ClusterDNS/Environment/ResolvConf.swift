/// What `resolv.conf` says (resolv.conf(5)). Nothing in it is an error: what cannot be read is left out and noted, as
/// the C library does it.
package struct ResolvConf: Hashable, Sendable {
    /// The first three at most.
    package private(set) var nameServers: [NameServer] = []
    /// The domains of the last `search` or `domain` line, as they are written. Only the namespace and the cluster
    /// domain are read off them; the library does not walk the list.
    package private(set) var search: [String] = []
    package private(set) var options = Options()
    /// There are more than are used.
    private var hasMoreNameServers = false
    /// What was left out, one line each.
    package private(set) var notes: [String] = []

    package struct Options: Hashable, Sendable {
        /// The dots that make a name absolute in the eyes of the C library.
        package var ndots: Int?
        /// `use-vc`: TCP for every query.
        package var usesTCP = false
    }

    /// A file without a line.
    package init() {}

    package init(parsing octets: [UInt8]) {
        var notes = Notes()
        let lines = TextLines(octets, limit: Self.maximumSize, comment: "#;", commentsCutWords: false)
        if lines.isCut { notes.add("only the first \(Self.maximumSize) octets are read") }
        for line in lines {
            guard let keyword = line.words.first else { continue }
            let values = line.words.dropFirst()
            switch keyword {
            case "nameserver": addNameServer(values.first ?? "", line: line.number, &notes)
            case "domain" where !values.isEmpty: setSearch(values.prefix(1), line: line.number, &notes)
            case "search" where !values.isEmpty: setSearch(values, line: line.number, &notes)
            case "options": for option in values { setOption(option, line: line.number, &notes) }
            // `sortlist` and what other systems add.
            default: break
            }
        }
        self.notes = notes.lines
    }

    private static let maximumSize = 65_536
    /// As in glibc.
    private static let maximumNameServers = 3
    /// As in glibc, for which more count as that.
    private static let maximumNdots = 15
    /// As in Kubernetes.
    private static let maximumSearchDomains = 32
    private static let maximumSearchLength = 2048

    private mutating func addNameServer(_ text: String, line: Int, _ notes: inout Notes) {
        do {
            let nameServer = try NameServer(parsing: text)
            if nameServers.count < Self.maximumNameServers {
                nameServers.append(nameServer)
            } else if !hasMoreNameServers {
                hasMoreNameServers = true
                notes.add("line \(line): \(text.quoted) is not used, nor is any other behind the third name server")
            }
        } catch {
            notes.add("line \(line): name server \(text.quoted): \(error)")
        }
    }

    private mutating func setSearch(_ domains: ArraySlice<String>, line: Int, _ notes: inout Notes) {
        search = []
        var length = 0
        for domain in domains {
            length += domain.utf8.count + 1
            guard search.count < Self.maximumSearchDomains, length <= Self.maximumSearchLength + 1 else {
                notes.add("line \(line): the search list is cut before \(domain.quoted)")
                return
            }
            search.append(domain)
        }
    }

    private mutating func setOption(_ option: String, line: Int, _ notes: inout Notes) {
        let parts = option.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts.first, parts.dropFirst().first) {
        case ("use-vc", nil): options.usesTCP = true
        case ("ndots", let value?):
            if let number = value.utf8.decimalValue(maximum: 1_000_000) {
                options.ndots = min(number, Self.maximumNdots)
            } else {
                notes.add("line \(line): \(option.quoted) has no number from 0 to 1000000")
            }
        // Intervals, attempts and the order of name servers are the resolver's own.
        default: break
        }
    }
}

// MARK: What a pod's search list tells

extension ResolvConf {
    /// The pod's namespace and cluster domain, read off a search list as the kubelet writes it: `ns.svc.zone`,
    /// `svc.zone` and `zone`, in any order and among any others. `nil` where one is missing, as with the DNS policies
    /// `Default` and `None`.
    package var pod: (namespace: String, clusterDomain: DomainName)? {
        let domains = search.compactMap(DomainName.init)
        let known = Set(domains)
        for domain in domains {
            guard
                let services = domain.parent,
                services.labels.first?.elementsEqual("svc".utf8) == true,
                let zone = services.parent, zone != .root,
                known.contains(services), known.contains(zone),
                let namespace = domain.labels.first,
                (try? Label.check(namespace)) != nil,
                zone.labels.allSatisfy({ (try? Label.check($0)) != nil })
            else { continue }
            return (String(decoding: namespace, as: UTF8.self), zone)
        }
        return nil
    }
}
