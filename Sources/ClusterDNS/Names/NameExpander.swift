/// Finds the absolute names that a name may stand for, seen from one namespace of one cluster.
///
/// There is no search list: the shape of a name says where it is looked for, so that most names cost one query.
package struct NameExpander: Hashable, Sendable {
    /// The caller's own namespace.
    package let namespace: String
    package let clusterDomain: DomainName
    /// Whether a name of one or two labels that is no service is asked for outside the cluster as well.
    package let allowsShortNamesOutside: Bool

    /// `svc.zone.` and `own.svc.zone.`; `nil` where that is too long to be a name.
    private let services: DomainName?
    private let ownServices: DomainName?

    /// - Parameter namespace: a valid label in lower case.
    package init(namespace: String, clusterDomain: DomainName, allowsShortNamesOutside: Bool = false) {
        self.namespace = namespace
        self.clusterDomain = clusterDomain
        self.allowsShortNamesOutside = allowsShortNamesOutside
        self.services = DomainName(labels: ["svc".utf8])?.appending(clusterDomain)
        self.ownServices = DomainName(labels: [namespace.utf8, "svc".utf8])?.appending(clusterDomain)
    }

    /// The names that `given` may stand for.
    ///
    /// - Throws: `invalidName` if `given` breaks a rule of names.
    package func expand(_ given: String) throws(ClusterDNSError) -> NameExpansion {
        if let address = IPAddress(given) {
            return NameExpansion(given: given, outcome: .literal(address), otherMeaning: nil)
        }
        let name: GivenName
        do { name = try GivenName(given) } catch { throw .invalidName(given, MistakenName.rule(for: given) ?? error) }
        if name.host.isWithin(.localhost) {
            return NameExpansion(given: given, outcome: .localhost, otherMeaning: nil)
        }
        return try NameExpansion(
            given: given,
            candidates: absoluteNames(for: name),
            otherMeaning: otherMeaning(of: name)
        )
    }

    /// Those that are not too long to be names.
    private func absoluteNames(for given: GivenName) -> [DomainName] {
        var names: [DomainName] = []
        func add(_ name: DomainName?) { if let name { names.append(name) } }
        let name = given.name
        if given.isAbsolute || isBelowCluster(given.host) { return [name] }
        switch given.hostLabelCount {
        case 1:
            add(ownServices.flatMap(name.appending))
            if allowsShortNamesOutside { add(name) }
        case 2:
            add(services.flatMap(name.appending))
            // A pod of a headless service in our own namespace, by its hostname.
            add(ownServices.flatMap(name.appending))
            if allowsShortNamesOutside { add(name) }
        case _ where given.lastLabel.elementsEqual("svc".utf8), 3 where given.lastLabel.elementsEqual("pod".utf8):
            add(name.appending(clusterDomain))
        case 3:
            add(services.flatMap(name.appending))
            add(name)
        default:
            add(name)
        }
        return names
    }

    /// Whether the name ends in `.zone` or `.clusterset.local`.
    private func isBelowCluster(_ name: DomainName) -> Bool {
        name.isWithin(clusterDomain) && name != clusterDomain || name.isWithin(.clusterSet) && name != .clusterSet
    }

    /// See ``DomainName/isInCluster(of:)``.
    package func isInCluster(_ name: DomainName) -> Bool {
        name.isInCluster(of: clusterDomain)
    }

    /// The last candidate, if it is outside the cluster and others are not.
    func outside(of candidates: [DomainName]) -> DomainName? {
        candidates.count > 1 ? candidates.last.flatMap { isInCluster($0) ? nil : $0 } : nil
    }

    private func otherMeaning(of given: GivenName) -> NameExpansion.OtherMeaning? {
        guard given.hostLabelCount <= 2, !given.isAbsolute, !allowsShortNamesOutside else { return nil }
        return given.hostLabelCount == 1 ? .otherNamespace(than: namespace) : .outside
    }
}
