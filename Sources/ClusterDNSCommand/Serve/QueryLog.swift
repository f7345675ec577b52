internal import LocalCluster
internal import Synchronization

/// The queries that a cluster gets, handed from the thread that answers them to one that prints them.
final class QueryLog: Sendable {
    /// Lines that wait to be printed.
    private static let capacity = 4096

    let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let dropped = Atomic(0)

    init() {
        (lines, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    /// Never waits: what comes faster than it can be printed is counted.
    func add(_ query: LocalCluster.Query) {
        if case .dropped = continuation.yield(query.line) { dropped.wrappingAdd(1, ordering: .relaxed) }
    }

    /// How many were left out since this was asked last.
    func takeDropped() -> Int {
        dropped.exchange(0, ordering: .relaxed)
    }
}

extension LocalCluster.Query {
    /// `A service-b.default.svc.cluster.local. UDP NOERROR 3 records`
    var line: String {
        "\(type) \(name) \(transport.rawValue) \(responseCode.map { "\($0) \(counted(answerCount, "record"))" } ?? "no answer")"
    }
}
