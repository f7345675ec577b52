public import Metrics
internal import Synchronization

/// Keeps metrics in memory, for `GET /metrics` in Prometheus' text format. A service of yours uses swift-prometheus or
/// swift-otel.
public final class TextMetrics: MetricsFactory {
    private let series = Mutex<[String: Series]>([:])

    /// The metrics of the process from now on.
    public static func bootstrapped() -> TextMetrics {
        let metrics = TextMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }

    public var text: String {
        series.withLock { $0 }.sorted { $0.key < $1.key }.map { "\($0) \($1.value)\n" }.joined()
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        TimerSeries(
            count: series("\(label)_seconds_count", dimensions),
            sum: series("\(label)_seconds_sum", dimensions)
        )
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func series(_ label: String, _ dimensions: [(String, String)]) -> Series {
        func name(_ text: String) -> String { String(text.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }
        let labels = dimensions.map { "\(name($0))=\"\($1)\"" }.joined(separator: ",")
        let key = name(label) + (labels.isEmpty ? "" : "{\(labels)}")
        return series.withLock { series in
            let made = series[key] ?? Series()
            series[key] = made
            return made
        }
    }
}

private final class Series: CounterHandler, MeterHandler, RecorderHandler {
    private let state = Mutex(0.0)

    var value: Double { state.withLock { $0 } }

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }

    func add(_ amount: Double) { state.withLock { $0 += amount } }
}

private final class TimerSeries: TimerHandler {
    private let count: Series
    private let sum: Series

    init(count: Series, sum: Series) {
        self.count = count
        self.sum = sum
    }

    func recordNanoseconds(_ duration: Int64) {
        count.add(1)
        sum.add(Double(duration) / 1e9)
    }
}
