internal import Synchronization

/// What the loop thread tells of itself to whoever asks.
final class Counters: Sendable {
    private struct State {
        var statistics = ClusterResolver.Statistics()
        var isEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// As of the last turn.
    var statistics: ClusterResolver.Statistics {
        get { state.withLock { $0.statistics } }
        set { state.withLock { $0.statistics = newValue } }
    }

    // MARK: The end of the loop

    /// The loop thread has done all that it will do.
    func ended() {
        let waiting = state.withLock { state in
            state.isEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                if !state.isEnded { state.waiting.append(continuation) }
                return state.isEnded
            }
            if isEnded { continuation.resume() }
        }
    }
}
