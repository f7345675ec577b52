/// What one thread has read of the front table lately: its own copies, so that reading them writes nothing that another
/// thread reads.
///
/// A copy counts as long as the edition of the table is the one that it was made of. Each name has two places where it may
/// be; a third name that would be there pushes one out, which is then copied again when it is read.
struct FrontCopies: Sendable {
    private struct Place: Sendable {
        var hash: UInt64 = 0
        var edition: UInt64 = 0
        var name = ""
        var contents: EndpointSet.Contents?
        var isStale = false
    }

    /// None, or a power of two from two up.
    private var places: [Place] = []
    private var used = 0
    /// What the thread has found here. To count where the memory is at hand costs an addition.
    private(set) var reads = FrontTable.Reads()

    mutating func find(_ name: String, hash: UInt64, edition: UInt64) -> EndpointSet.Contents? {
        guard !places.isEmpty else { return nil }
        let first = position(hash)
        if let contents = contents(at: first, name, hash, edition) { return contents }
        return contents(at: first ^ 1, name, hash, edition)
    }

    private mutating func contents(
        at position: Int,
        _ name: String,
        _ hash: UInt64,
        _ edition: UInt64
    ) -> EndpointSet.Contents? {
        guard places[position].hash == hash, places[position].edition == edition, places[position].name == name else {
            return nil
        }
        if places[position].isStale { reads.stale &+= 1 } else { reads.fresh &+= 1 }
        return places[position].contents
    }

    /// - Parameter most: the names that there may be in the table.
    mutating func insert(
        _ contents: EndpointSet.Contents,
        _ name: String,
        isStale: Bool,
        hash: UInt64,
        edition: UInt64,
        most: Int
    ) {
        if used * 2 >= places.count, places.count < 2 * most { grow(edition) }
        let first = position(hash)
        let position = isFree(first, edition) || !isFree(first ^ 1, edition) ? first : first ^ 1
        if places[position].contents == nil { used += 1 }
        places[position] = Place(hash: hash, edition: edition, name: name, contents: contents, isStale: isStale)
    }

    private func isFree(_ position: Int, _ edition: UInt64) -> Bool {
        places[position].contents == nil || places[position].edition != edition
    }

    private func position(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (places.count - 1)
    }

    /// Makes room, or drops what no longer counts where that is enough.
    private mutating func grow(_ edition: UInt64) {
        let kept = places.filter { $0.contents != nil && $0.edition == edition }
        let size = kept.count * 4 >= places.count ? max(16, places.count * 2) : places.count
        places = Array(repeating: Place(), count: size)
        used = 0
        for place in kept {
            let position = position(place.hash)
            if places[position].contents == nil { used += 1 }
            places[position] = place
        }
    }
}
