/// What one thread has read of the front table lately: its own copies, so that reading them writes nothing that another
/// thread reads.
///
/// A copy counts as long as the edition of the table is the one that it was made of. A name may be in one of a few places
/// that follow each other; where all of them hold others one is pushed out, and copied again when it is read.
struct FrontCopies: Sendable {
    private struct Place: Sendable {
        var hash: UInt64 = 0
        var edition: UInt64 = 0
        var name = ""
        var contents: EndpointSet.Contents?
        var isStale = false
    }

    /// None, or a power of two from 16 up.
    private var places: [Place] = []
    private var used = 0
    /// What the thread has found here. To count where the memory is at hand costs an addition.
    private(set) var reads = FrontTable.Reads()

    /// How many places a name may be in.
    private static let reach = 8

    mutating func find(_ name: String, hash: UInt64, edition: UInt64) -> EndpointSet.Contents? {
        guard !places.isEmpty else { return nil }
        var position = position(hash)
        for _ in 0..<Self.reach {
            // Nothing is ever taken out, so behind a place that was never used there is nothing.
            guard places[position].contents != nil else { return nil }
            if places[position].hash == hash, places[position].edition == edition, places[position].name == name {
                if places[position].isStale { reads.stale &+= 1 } else { reads.fresh &+= 1 }
                return places[position].contents
            }
            position = next(position)
        }
        return nil
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
        if used * 2 >= places.count, places.count < 4 * most { grow(edition) }
        let place = Place(hash: hash, edition: edition, name: name, contents: contents, isStale: isStale)
        put(place, edition)
    }

    private mutating func put(_ place: Place, _ edition: UInt64) {
        let first = position(place.hash)
        var position = first
        for _ in 0..<Self.reach where isTaken(position, edition, by: place) { position = next(position) }
        if isTaken(position, edition, by: place) { position = first }
        if places[position].contents == nil { used += 1 }
        places[position] = place
    }

    private func isTaken(_ position: Int, _ edition: UInt64, by other: Place) -> Bool {
        places[position].contents != nil && places[position].edition == edition && places[position].name != other.name
    }

    private func position(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (places.count - 1)
    }

    private func next(_ position: Int) -> Int {
        (position + 1) & (places.count - 1)
    }

    /// Makes room, or drops what no longer counts where that is enough.
    private mutating func grow(_ edition: UInt64) {
        let kept = places.filter { $0.contents != nil && $0.edition == edition }
        let size = kept.count * 4 >= places.count ? max(16, places.count * 2) : places.count
        places = Array(repeating: Place(), count: size)
        used = 0
        for place in kept { put(place, edition) }
    }
}
