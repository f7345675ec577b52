internal import DNSTransport
internal import Synchronization

/// A line on standard error that says how far a run is, for whoever waits at a terminal; nothing anywhere else.
final class BenchProgress: Sendable {
    private struct State {
        var mode: BenchMode?
        /// Whether the line is there.
        var isShown = false
    }

    private let duration: Duration
    private let start = ContinuousClock.now
    private let isWanted = StandardStream.error.isTerminal
    private let state = Mutex(State())

    init(_ duration: Duration) {
        self.duration = duration
    }

    func begin(_ mode: BenchMode) {
        state.withLock { $0.mode = mode }
        show()
    }

    /// Writes the line anew four times a second, until the task is cancelled.
    func run() async {
        while isWanted, (try? await Task.sleep(for: .milliseconds(250))) != nil { show() }
    }

    /// Takes the line away, so that something else can be written, until another mode begins.
    func end() {
        state.withLock { state in
            state.mode = nil
            if state.isShown { write("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    private func show() {
        guard isWanted else { return }
        state.withLock { state in
            guard let mode = state.mode else { return }
            let done = min(start.duration(to: .now), duration)
            write("\r\u{1B}[Kmeasuring \(mode.rawValue), \(done.inSeconds) of \(duration.inSeconds)")
            state.isShown = true
        }
    }

    private func write(_ text: String) {
        _ = StandardStream.error.writeAll(text)
    }
}
