/// How long a source port is used.
///
/// A flow of the kernel's connection tracking is named by its ports. One that is pinned to a name server that has died
/// stays so for as long as packets keep it alive (envoy #7965, kubernetes #125467), so no port is used for long, and
/// none on which an answer is overdue.
package struct SourcePortPolicy: Hashable, Sendable {
    /// How old a port may be when it takes a query.
    package var maximumAge: Duration
    /// Queries that one port serves.
    package var maximumQueries: Int
    /// Queries to one name server that may wait for a late answer on ports that take no more, and those that are in use:
    /// beyond these the oldest ports are closed.
    package var maximumOpen: Int

    package init(maximumAge: Duration = .seconds(30), maximumQueries: Int = 100, maximumOpen: Int = 256) {
        self.maximumAge = maximumAge
        self.maximumQueries = maximumQueries
        self.maximumOpen = maximumOpen
    }

    /// Whether a port opened at `opened` that has served `queries` may take one more.
    func allows(opened: MonotonicTime, queries: Int, now: MonotonicTime) -> Bool {
        queries < maximumQueries && now - opened < maximumAge
    }
}
