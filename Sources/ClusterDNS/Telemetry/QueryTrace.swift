internal import Synchronization

/// The questions that one caller waited for, noted by the loop thread for a caller who wants to trace them.
final class QueryTrace: Sendable {
    private let noted = Mutex<[WireQuery]>([])

    var queries: [WireQuery] { noted.withLock { $0 } }

    func note(_ query: WireQuery) {
        noted.withLock { $0.append(query) }
    }
}
