internal import DNSTransport

/// Tells when files have changed, from one look at them to the next.
struct FileWatch {
    private let paths: [String]
    /// What is known to be in force, and what was there at the last look.
    private var loaded: [FileVersion?]
    private var last: [FileVersion?]

    /// Takes the files for loaded as they are now: to be made before they are read.
    init(_ paths: [String]) {
        self.paths = paths
        loaded = paths.map(SystemFacts.version)
        last = loaded
    }

    /// Whether the files are to be loaded now. An editor may write a file in pieces: one that has changed is loaded once
    /// it stays as it is from one look to the next. One that has become empty is about to be written: a shell makes it so
    /// before it starts what writes to it.
    mutating func look() -> Bool {
        let now = zip(paths.map(SystemFacts.version), loaded).map { now, loaded in
            now?.size == 0 && loaded?.size != 0 ? loaded : now
        }
        defer { last = now }
        guard now != loaded, now == last else { return false }
        loaded = now
        return true
    }

    /// How long to wait for the next look.
    var interval: Duration {
        last == loaded ? .seconds(1) : .milliseconds(100)
    }
}
