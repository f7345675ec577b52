import ClusterDNS
import Testing

@testable import ClusterDNSCommand

struct ResolveReportTests {
    private static func report(_ found: ResolveReport.Found) -> ResolveReport {
        ResolveReport(name: "a", outcome: .found(found), text: nil, queries: 2)
    }

    private static func found(
        _ endpoints: [Endpoint] = [],
        timeToLive: Duration? = .seconds(5),
        isStale: Bool = false
    ) -> ResolveReport.Found {
        ResolveReport.Found(absoluteName: "a.b.", endpoints: endpoints, timeToLive: timeToLive, isStale: isStale)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(999), 1), (.seconds(1), 1), (.milliseconds(29001), 30),
    ])
    func `the TTL is rounded up to whole seconds`(_ left: Duration, _ ttl: Int) {
        #expect(Self.found(timeToLive: left).ttl == Int64(ttl))
    }

    @Test(arguments: [
        (ClusterDNSError.Code.invalidName, 2), (.noSuchService, 3), (.noRecords, 4), (.timedOut, 5), (.unreachable, 5),
        (.serverFailure, 6), (.truncated, 6), (.malformedResponse, 6), (.overloaded, 6), (.shutDown, 6),
        (.invalidConfiguration, 6),
    ])
    func `the exit status says what kind of failure it was`(_ code: ClusterDNSError.Code, _ status: Int) {
        let error = ClusterDNSError(code: code, message: "m", name: "a")
        #expect(ResolveReport(name: "a", outcome: .failed(error), text: nil, queries: 0).exitStatus == Int32(status))
    }

    @Test func `a stale answer says so`() {
        let report = Self.report(Self.found(timeToLive: .zero, isStale: true))
        #expect(report.json.description.contains(#""ttl":0,"stale":true,"queries":2,"error":null}"#))
        #expect(report.lines.last == "  0 endpoints, stale: past its TTL, and no newer answer came in time, 2 queries")
    }

    @Test func `what does not expire says so`() {
        let report = Self.report(Self.found(timeToLive: nil))
        #expect(report.json.description.contains(#""ttl":null,"#))
        #expect(report.lines.last == "  0 endpoints, does not expire, 2 queries")
    }

    @Test func `text and errors of TXT records are shown in quotation marks`() {
        let report = ResolveReport(name: "a", outcome: .found(Self.found()), text: ["x\u{1B}\"y"], queries: 0)
        #expect(report.lines == ["a -> a.b.", #"  "x\u001b\"y""#, "  TTL 5 s, no query"])
    }

    @Test func `names of an address are a table without priorities`() {
        let endpoint = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), hostname: "x.y.")
        #expect(
            Self.report(Self.found([endpoint])).lines
                == ["a -> a.b.", "  ENDPOINT  HOSTNAME", "  10.0.0.1  x.y.", "  1 endpoint, TTL 5 s, 2 queries"]
        )
    }
}
