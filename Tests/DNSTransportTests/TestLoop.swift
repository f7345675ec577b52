import DNSTransport
import Synchronization
import Testing

/// A query for `b.local. A`, without EDNS.
let query: [UInt8] = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 98, 5, 108, 111, 99, 97, 108, 0, 0, 1, 0, 1]

extension [UInt8] {
    /// The query with the bit set that makes it an answer.
    var asAnswer: [UInt8] {
        var answer = self
        answer[2] |= 0x80
        return answer
    }
}

extension Completion {
    var message: [UInt8]? {
        if case .message(let octets) = outcome { octets } else { nil }
    }

    var failure: AttemptFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

/// A loop whose client sends what it is told, and waits for all of it.
final class TestLoop: Sendable {
    private struct State {
        var orders: [Attempt] = []
        var overdue: [UInt64] = []
        var waiting: CheckedContinuation<[Completion], Never>?
        var awaited: Set<UInt64> = []
        var count = 0
        var completions: [Completion] = []
        var turns = 0
        var isEnded = false
        var end: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let waker: Waker

    init(_ settings: TransportLoop.Settings = TransportLoop.Settings()) throws {
        waker = try #require(Waker())
        try #require(TransportLoop.start(settings: settings, waker: waker) { Client(loop: self) })
    }

    func complete(_ attempt: Attempt, overdue: [UInt64] = []) async -> Completion {
        await complete([attempt], overdue: overdue)[0]
    }

    /// - Parameter count: how many are waited for; all, if nothing.
    func complete(_ attempts: [Attempt], overdue: [UInt64] = [], count: Int? = nil) async -> [Completion] {
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.count = count ?? attempts.count
                $0.orders += attempts
                $0.overdue = overdue
                $0.awaited = Set(attempts.map(\.id))
                $0.waiting = continuation
            }
            waker.wake()
        }
    }

    /// Sends without waiting for what comes of it.
    func send(_ attempts: [Attempt]) {
        state.withLock { $0.orders += attempts }
        waker.wake()
    }

    /// How often the loop came round.
    var turns: Int { state.withLock { $0.turns } }

    func end() async {
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.isEnded = true
                $0.end = continuation
            }
            waker.wake()
        }
    }

    private final class Client: TransportClient {
        let loop: TestLoop

        init(loop: TestLoop) {
            self.loop = loop
        }

        func turn(now: MonotonicTime, completions: [Completion], orders: inout Orders) {
            let waiting = loop.state.withLock { state -> (CheckedContinuation<[Completion], Never>, [Completion])? in
                state.turns += 1
                orders.attempts = state.orders
                orders.overdue = state.overdue
                orders.isFinished = state.isEnded
                state.orders = []
                state.overdue = []
                state.completions += completions.filter { state.awaited.remove($0.attempt) != nil }
                guard state.completions.count >= state.count, let waiting = state.waiting else { return nil }
                defer {
                    state.waiting = nil
                    state.completions = []
                }
                return (waiting, state.completions)
            }
            if let (waiting, completions) = waiting { waiting.resume(returning: completions) }
        }

        func mayFallAsleep() -> Bool { true }

        func hasEnded() {
            loop.state.withLock { $0.end }?.resume()
        }
    }
}
