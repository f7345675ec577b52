internal import Synchronization

/// Whether a cached name has been read since somebody last looked.
///
/// Readers on any thread leave marks, one for each of those who look, who take their own away. A reader writes only
/// where a mark is missing, so a name that is read all the time costs its readers no shared write.
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

    func mark() {
        if marks.load(ordering: .relaxed) != Self.allMarks { marks.store(Self.allMarks, ordering: .relaxed) }
    }

    /// Whether the name was read since `observer` last asked.
    func take(for observer: Observer) -> Bool {
        marks.bitwiseAnd(~observer.rawValue, ordering: .relaxed).oldValue & observer.rawValue != 0
    }
}
