internal import DNSTransport
internal import Synchronization

/// How often one thread has found something: written by it alone, read by whoever makes a report.
final class ReadCounter: Sendable {
    let fresh = Atomic(0)
    let stale = Atomic(0)
    /// Keeps the counters of two threads on different cache lines.
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)

    func count(isStale: Bool) {
        // There is one writer, so nothing gets lost between the two.
        if isStale {
            stale.store(stale.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        } else {
            fresh.store(fresh.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        }
    }
}

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
    private let counter: ReadCounter

    init(counting counter: ReadCounter) {
        self.counter = counter
    }

    /// How many places a name may be in.
    private static let reach = 8

    mutating func find(_ name: String, edition: UInt64) -> EndpointSet.Contents? {
        guard !places.isEmpty else { return nil }
        let hash = quickHash(name)
        var position = position(hash)
        for _ in 0..<Self.reach {
            // Nothing is ever taken out, so behind a place that was never used there is nothing.
            guard places[position].contents != nil else { return nil }
            if places[position].hash == hash, places[position].edition == edition, places[position].name == name {
                counter.count(isStale: places[position].isStale)
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
        edition: UInt64,
        most: Int
    ) {
        if used * 2 >= places.count, places.count < 4 * most { grow(edition) }
        let place = Place(hash: quickHash(name), edition: edition, name: name, contents: contents, isStale: isStale)
        put(place, edition)
    }

    private mutating func put(_ place: Place, _ edition: UInt64) {
        let first = position(place.hash)
        var position = first
        for _ in 1..<Self.reach where isTaken(position, edition, by: place) { position = next(position) }
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
