/// The names that the C library asks for in a pod, in this order, until one exists (resolv.conf(5)): for each of them two
/// queries, A and AAAA.
struct SearchWalk {
    /// What the kubelet writes into a pod's `resolv.conf`.
    private static let ndots = 5

    let names: [String]

    init(_ name: String, namespace: String, clusterDomain: String) {
        if name.last == "." {
            names = [name]
            return
        }
        let search = ["\(namespace).svc.\(clusterDomain)", "svc.\(clusterDomain)", clusterDomain]
        let searched = search.map { "\(name).\($0)." }
        let dots = name.count { $0 == "." }
        names = dots >= Self.ndots ? ["\(name)."] + searched : searched + ["\(name)."]
    }

    /// The queries that it takes.
    ///
    /// - Parameter exists: whether there is an absolute name.
    func queries(exists: (String) async throws -> Bool) async rethrows -> Int {
        var queries = 0
        for name in names {
            queries += 2
            if try await exists(name) { break }
        }
        return queries
    }
}
