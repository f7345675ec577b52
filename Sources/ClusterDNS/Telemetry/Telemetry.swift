internal import DNSTransport
internal import Logging
internal import Metrics
internal import Synchronization
internal import Tracing

/// What is told of lookups to metrics, logs and traces, on the callers' own tasks: their code may take as long as it
/// likes, and task-locals are those of the caller. A hit calls nothing here.
struct Telemetry: Sendable {
    private struct Lookups: Sendable {
        let hit: Counter
        let miss: Counter
        let stale: Counter
        let failures: [ClusterDNSError.Code: Counter]

        init(_ factory: any MetricsFactory) {
            func counter(_ dimensions: [(String, String)]) -> Counter {
                Counter(label: MetricNames.prefix + "lookups", dimensions: dimensions, factory: factory)
            }
            hit = counter(MetricNames.lookups("hit"))
            miss = counter(MetricNames.lookups("miss"))
            stale = counter(MetricNames.lookups("stale"))
            failures = Dictionary(
                uniqueKeysWithValues: ClusterDNSError.Code.all.map { code in
                    let result = code.isNegative ? "negative" : "error"
                    return (code, counter(MetricNames.lookups(result, code: code.description)))
                }
            )
        }
    }

    /// Publishes what the loop thread reports; `nil` where metrics go nowhere.
    let publisher: MetricsPublisher?
    private let lookups: Lookups
    private let givenTracer: (any Tracer)?
    private let givenLogger: Logger?
    private let warnings = Warnings()
    private let processTracer = ProcessTracer()

    init(metrics: any MetricsFactory, tracer: (any Tracer)?, logger: Logger?) {
        publisher = metrics is NOOPMetricsHandler ? nil : MetricsPublisher(metrics)
        lookups = Lookups(metrics)
        givenTracer = tracer
        givenLogger = logger
    }

    /// The one given, or that of the task.
    var logger: Logger { givenLogger ?? .current }

    /// The one given, or that of the process; `nil` where spans go nowhere.
    func tracer(now: MonotonicTime) -> (any Tracer)? {
        guard let givenTracer else { return processTracer.tracer(now: now) }
        return givenTracer is NoOpTracer ? nil : givenTracer
    }

    // MARK: What came of a lookup

    /// A literal, a name of the hosts file, or static peers.
    func known() {
        lookups.hit.increment()
    }

    func found(_ contents: EndpointSet.Contents, by waiter: Waiter) {
        let now = MonotonicTime.now
        let isStale = contents.expires.map { $0 <= now } ?? false
        (isStale ? lookups.stale : lookups.miss).increment()
        let logger = logger
        logger.trace(
            "Looked up",
            metadata: [
                "name": .string(waiter.name), "absoluteName": .stringConvertible(contents.absoluteName),
                "endpoints": "\(contents.endpoints.count)", "elapsed": "\(now - waiter.started)",
            ]
        )
        if isStale, warnings.isDue(.stale, now: now) {
            logger.warning(
                "A stale answer is given: no newer one came in time",
                metadata: ["name": .string(waiter.name), "staleness": "\(now - (contents.expires ?? now))"]
            )
        }
    }

    func failed(_ error: ClusterDNSError) {
        lookups.failures[error.code]?.increment()
        let logger = logger
        logger.debug(
            "Lookup failed",
            metadata: [
                // What is no name may be anything, of any length.
                "name": .string(error.code == .invalidName ? error.name.quoted : error.name),
                "code": "\(error.code)", "reason": .string(error.message),
                "attempts": "\(error.attempts)", "elapsed": "\(error.elapsed)",
            ]
        )
        guard let matter = Warnings.Matter(error.code), warnings.isDue(matter, now: .now) else { return }
        logger.warning("\(error.message)")
    }

    /// The questions of a live handle fail. Once a minute at most, by the loop's own count.
    func failing(_ error: ClusterDNSError) {
        logger.warning(
            "A live handle is not refreshed: it keeps its set, if it has one",
            metadata: ["name": .string(error.name), "code": "\(error.code)", "reason": .string(error.message)]
        )
    }

    // MARK: Spans

    /// Makes the spans of the questions that a caller waited for, afterwards: they end on a thread that has neither the
    /// caller's context nor the time for a tracer.
    func trace(_ waiter: Waiter, with tracer: (any Tracer)?) {
        guard let tracer, let queries = waiter.trace?.queries, !queries.isEmpty else { return }
        let now = MonotonicTime.now
        let wallClock = DefaultTracerClock.now.nanosecondsSinceEpoch
        func instant(_ time: MonotonicTime) -> DefaultTracerClock.Timestamp {
            let age = UInt64(clamping: (now - time).wholeNanoseconds)
            return DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: wallClock - min(age, wallClock))
        }
        for query in queries {
            // One who joined a question that was on its way did not wait for it before.
            let started = instant(max(query.started, waiter.started))
            let span = tracer.startSpan("DNS \(query.question.type)", ofKind: .client, at: started)
            span.updateAttributes { query.describe(in: &$0) }
            if query.failure != nil { span.setStatus(SpanStatus(code: .error)) }
            span.end(at: instant(query.ended))
        }
    }
}

extension WireQuery {
    /// OpenTelemetry's keys, as far as it has some.
    fileprivate func describe(in attributes: inout SpanAttributes) {
        attributes["dns.question.name"] = question.name.description
        attributes["network.protocol.name"] = "dns"
        if let nameServer {
            attributes["server.address"] = nameServer.address.description
            attributes["server.port"] = Int(nameServer.port)
        }
        if let transport { attributes["network.transport"] = transport == .tcp ? "tcp" : "udp" }
        if let failure { attributes["error.type"] = failure }
        attributes["cluster_dns.attempts"] = attempts
    }
}

/// The tracer of the process, which may get one late. To look costs as much as to look a name up in the cache, so it is
/// done once a second.
private final class ProcessTracer: Sendable {
    private struct State {
        var tracer: (any Tracer)?
        var lookAt = MonotonicTime(nanoseconds: 0)
    }

    private let state = Mutex(State())

    func tracer(now: MonotonicTime) -> (any Tracer)? {
        state.withLock { state in
            if now >= state.lookAt {
                let tracer = InstrumentationSystem.tracer
                state = State(tracer: tracer is NoOpTracer ? nil : tracer, lookAt: now + .seconds(1))
            }
            return state.tracer
        }
    }
}

/// What an operator is told, each matter once a minute at most.
private final class Warnings: Sendable {
    enum Matter: Hashable {
        case stale
        /// TCP is blocked.
        case truncated
        case overloaded

        init?(_ code: ClusterDNSError.Code) {
            switch code {
            case .truncated: self = .truncated
            case .overloaded: self = .overloaded
            default: return nil
            }
        }
    }

    private let last = Mutex<[Matter: MonotonicTime]>([:])

    func isDue(_ matter: Matter, now: MonotonicTime) -> Bool {
        last.withLock { last in
            if let time = last[matter], now - time < .seconds(60) { return false }
            last[matter] = now
            return true
        }
    }
}
