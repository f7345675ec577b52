import Logging
import Synchronization

/// Keeps what is logged, and lets a test wait for it.
final class LogRecorder: Sendable {
    struct Event: Sendable {
        let level: Logger.Level
        /// The message and the metadata.
        let text: String
    }

    private let recorded = Mutex<[Event]>([])
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// All so far.
    var events: [Event] { recorded.withLock { $0 } }

    /// The next that nobody has waited for yet.
    func next() async -> Event {
        for await event in stream { return event }
        return Event(level: .critical, text: "the test was cancelled")
    }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(recorder: self) }
    }

    private func record(_ event: Event) {
        recorded.withLock { $0.append(event) }
        continuation.yield(event)
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.record(
                LogRecorder.Event(level: event.level, text: "\(event.message) \(event.metadata ?? [:])")
            )
        }
    }
}
