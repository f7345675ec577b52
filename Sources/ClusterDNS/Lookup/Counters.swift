internal import Synchronization

/// What the loop thread tells of itself to whoever asks.
final class Counters: Sendable {
    private struct End {
        var hasCome = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let sent = Atomic(0)
    private let names = Atomic(0)
    private let negatives = Atomic(0)
    private let evictions = Atomic(0)
    private let inFlight = Atomic(0)
    private let queued = Atomic(0)
    private let end = Mutex(End())

    var messagesSent: Int {
        get { sent.load(ordering: .relaxed) }
        set { sent.store(newValue, ordering: .relaxed) }
    }

    func update(cache: borrowing AnswerCache, inFlight: Int, queued: Int) {
        names.store(cache.counts.names, ordering: .relaxed)
        negatives.store(cache.counts.negatives, ordering: .relaxed)
        evictions.store(cache.evictions, ordering: .relaxed)
        self.inFlight.store(inFlight, ordering: .relaxed)
        self.queued.store(queued, ordering: .relaxed)
    }

    var statistics: ClusterResolver.Statistics {
        ClusterResolver.Statistics(
            messagesSent: messagesSent,
            names: names.load(ordering: .relaxed),
            negatives: negatives.load(ordering: .relaxed),
            evictions: evictions.load(ordering: .relaxed),
            attemptsInFlight: inFlight.load(ordering: .relaxed),
            questionsQueued: queued.load(ordering: .relaxed)
        )
    }

    // MARK: The end of the loop

    /// The loop thread has done all that it will do.
    func ended() {
        let waiting = end.withLock { end in
            end.hasCome = true
            defer { end.waiting = [] }
            return end.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasCome = end.withLock { end in
                if !end.hasCome { end.waiting.append(continuation) }
                return end.hasCome
            }
            if hasCome { continuation.resume() }
        }
    }
}
