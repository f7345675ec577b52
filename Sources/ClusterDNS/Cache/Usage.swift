internal import Synchronization

/// At the end of an object: what lies behind it in memory is on another cache line. A thread that counts references there
/// disturbs nobody who reads here, and the other way round.
struct CacheLine: Sendable {
    private let octets: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
}

/// Whether a cached name has been read since somebody last looked.
///
/// Readers on any thread leave marks, one for each of those who look, who take their own away. A reader writes only
/// where a mark is missing, so a name that is read all the time costs its readers no shared write.
///
/// Threads keep copies of what they have read, whose reading leaves no mark. A copy counts for as long as the edition is the
/// one from before it was made: who takes marks away makes a new one, and so does who changes what was read.
final class Usage: Sendable {
    /// Who looks.
    enum Observer: UInt8 {
        /// Decides whether the name is asked for again before its TTL ends.
        case refresh = 1
        /// Decides what is evicted.
        case eviction = 2
    }

    private static let allMarks = Observer.refresh.rawValue | Observer.eviction.rawValue
    private let marks = Atomic<UInt8>(0)
    private let editions = Atomic<UInt64>(0)
    private let padding = CacheLine()

    var edition: UInt64 { editions.load(ordering: .acquiring) }

    /// From now on every thread reads the original, and leaves its marks.
    func renew() {
        editions.wrappingAdd(1, ordering: .releasing)
    }

    func mark() {
        if marks.load(ordering: .relaxed) != Self.allMarks { marks.store(Self.allMarks, ordering: .relaxed) }
    }

    /// Whether the name was read since `observer` last asked.
    func take(for observer: Observer) -> Bool {
        let wasRead = marks.bitwiseAnd(~observer.rawValue, ordering: .relaxed).oldValue & observer.rawValue != 0
        if wasRead { renew() }
        return wasRead
    }
}
