internal import DNSTransport
internal import Synchronization

/// How often one thread has found something: written by it alone, read by whoever makes a report.
final class ReadCounter: Sendable {
    let fresh = Atomic(0)
    let stale = Atomic(0)
    private let padding = CacheLine()

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
/// A copy counts as long as the edition of what it was made of is the one from then. A name may be in one of a few places
/// that follow each other; where all of them hold others one is pushed out, and copied again when it is read.
struct FrontCopies: Sendable {
    private struct Place: Sendable {
        var hash: UInt64 = 0
        var edition: UInt64 = 0
        var name = ""
        var contents: EndpointSet.Contents?
        /// Of the original; `nil` in a place that was never used.
        var usage: Usage?
        var isStale = false

        var isCurrent: Bool { usage?.edition == edition }
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

    mutating func find(_ name: String) -> EndpointSet.Contents? {
        guard !places.isEmpty else { return nil }
        let hash = quickHash(name)
        var position = position(hash)
        for _ in 0..<Self.reach {
            // Nothing is ever taken out, so behind a place that was never used there is nothing.
            guard places[position].contents != nil else { return nil }
            if places[position].hash == hash, places[position].isCurrent, places[position].name == name {
                counter.count(isStale: places[position].isStale)
                return places[position].contents
            }
            position = next(position)
        }
        return nil
    }

    /// - Parameters:
    ///   - edition: that of `usage` from before the contents were read.
    ///   - most: the names that there may be in the table.
    mutating func insert(
        _ contents: EndpointSet.Contents,
        _ name: String,
        isStale: Bool,
        of usage: Usage,
        edition: UInt64,
        most: Int
    ) {
        if used * 2 >= places.count, places.count < 4 * most { grow() }
        put(
            Place(
                hash: quickHash(name),
                edition: edition,
                name: name,
                contents: contents,
                usage: usage,
                isStale: isStale
            )
        )
    }

    private mutating func put(_ place: Place) {
        let first = position(place.hash)
        var position = first
        for _ in 1..<Self.reach where isTaken(position, by: place) { position = next(position) }
        if isTaken(position, by: place) { position = first }
        if places[position].contents == nil { used += 1 }
        places[position] = place
    }

    private func isTaken(_ position: Int, by other: Place) -> Bool {
        places[position].isCurrent && places[position].name != other.name
    }

    private func position(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (places.count - 1)
    }

    private func next(_ position: Int) -> Int {
        (position + 1) & (places.count - 1)
    }

    /// Makes room, or drops what no longer counts where that is enough.
    private mutating func grow() {
        let kept = places.filter(\.isCurrent)
        let size = kept.count * 4 >= places.count ? max(16, places.count * 2) : places.count
        places = Array(repeating: Place(), count: size)
        used = 0
        for place in kept { put(place) }
    }
}
