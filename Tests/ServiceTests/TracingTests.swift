import ClusterDNS
import InMemoryTracing
import LocalCluster
import Testing
import Tracing

@Suite("A resolver's spans", .timeLimit(.minutes(5)))
struct TracingTests {
    @Test("A question on the wire is a client span of the caller who waits for it, and a hit is none")
    func questions() async throws {
        let tracer = InMemoryTracer()
        try await withCluster { cluster async throws in
            let resolver = try ClusterResolver(cluster.configurationWithoutRetries, tracer: tracer)
            try await tracer.withSpan("request") { _ async throws in
                for _ in 0..<3 { #expect(try await resolver.resolve("service-b").count == 3) }
            }
            let port = Int(cluster.port)
            await resolver.shutdown()
            let spans = tracer.finishedSpans
            let request = try #require(spans.first { $0.operationName == "request" })
            let questions = spans.filter { $0.operationName.hasPrefix("DNS ") }
            #expect(questions.count == resolver.statistics.messagesSent)
            for span in questions {
                #expect(span.kind == .client)
                #expect(span.parentSpanID == request.spanID)
                #expect(
                    span.attributes["dns.question.name"]?.toSpanAttribute() == "service-b.default.svc.cluster.local."
                )
                #expect(span.attributes["server.address"]?.toSpanAttribute() == "127.0.0.1")
                #expect(span.attributes["server.port"]?.toSpanAttribute() == .int64(Int64(port)))
                #expect(span.attributes["network.transport"]?.toSpanAttribute() == "udp")
                #expect(span.attributes["error.type"] == nil)
                let duration = span.endInstant.nanosecondsSinceEpoch - span.startInstant.nanosecondsSinceEpoch
                #expect(duration > 0)
                // The wall clock may be set meanwhile, but hardly by an hour.
                #expect(
                    span.startInstant.nanosecondsSinceEpoch + 3_600_000_000_000
                        > request.startInstant.nanosecondsSinceEpoch
                )
            }
        }
    }

    @Test(
        "A question without an answer says why",
        arguments: [
            (Fault.drop(), Duration.milliseconds(400), "timedOut"),
            (.responseCode(.refused), .seconds(60), "REFUSED"),
        ]
    )
    func failure(_ fault: Fault, timeout: Duration, type: String) async throws {
        let tracer = InMemoryTracer()
        try await withCluster([fault]) { cluster async throws in
            let resolver = try ClusterResolver(cluster.configuration, tracer: tracer)
            await #expect(throws: ClusterDNSError.self) {
                try await resolver.resolve("service-b", timeout: timeout)
            }
            await resolver.shutdown()
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.attributes["error.type"]?.toSpanAttribute() == .string(type))
        #expect(span.status?.code == .error)
    }
}
