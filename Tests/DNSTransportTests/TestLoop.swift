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
    var failure: AttemptFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

/// A loop whose client sends what it is told, and waits for one completion at a time.
final class TestLoop: Sendable {
    private struct State {
        var orders: [Attempt] = []
        var overdue: [UInt64] = []
        var waiting: CheckedContinuation<Completion, Never>?
        var isEnded = false
        var end: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let waker: Waker

    init(_ settings: TransportLoop.Settings = TransportLoop.Settings()) throws {
        waker = try #require(Waker())
        try #require(TransportLoop.start(settings: settings, waker: waker) { Client(loop: self) })
    }

    func complete(_ attempts: Attempt..., overdue: [UInt64] = []) async -> Completion {
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.orders = attempts
                $0.overdue = overdue
                $0.waiting = continuation
            }
            waker.wake()
        }
    }

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
            let (waiting, end) = loop.state.withLock { state in
                orders.attempts = state.orders
                orders.overdue = state.overdue
                orders.isFinished = state.isEnded
                state.orders = []
                state.overdue = []
                let waiting = completions.isEmpty ? nil : state.waiting
                if waiting != nil { state.waiting = nil }
                return (waiting, state.end)
            }
            if let waiting, let completion = completions.first { waiting.resume(returning: completion) }
            if orders.isFinished { end?.resume() }
        }

        func mayFallAsleep() -> Bool { true }
    }
}
