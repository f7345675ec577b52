import ClusterDNS
import Synchronization
import Testing

@testable import ClusterDNSCommand

/// What is measured, and what counts.
@Suite(.timeLimit(.minutes(5))) struct BenchTests {
    private static func bench(_ names: [String], _ server: UDPNameServer, concurrency: Int = 1) throws -> Bench {
        var configuration = ResolverConfiguration()
        configuration.nameServers = [NameServer(address: IPAddress(ipv4: 0x7F00_0001), port: server.port)]
        configuration.namespace = "default"
        configuration.clusterDomain = "cluster.local"
        configuration.families = .ipv4
        let environment = try ResolvedEnvironment.current(configuration)
        return try Bench(names, concurrency: concurrency, duration: .seconds(1), environment: environment)
    }

    /// Measures for half a second, and longer where a busy machine has not come to what the test looks at. There each caller
    /// may still wait for his lookup at the end, which is an error then.
    private static func measure(
        _ mode: BenchMode,
        _ bench: Bench,
        until isEnough: (Tally) -> Bool = { $0.lookups > 0 || $0.errors > 0 }
    ) async -> Tally {
        var time = Duration.milliseconds(500)
        while true {
            let tally = await bench.measure(mode, until: .now + time)
            time *= 4
            if isEnough(tally) || time > .seconds(60) { return tally }
        }
    }

    @Test(arguments: [BenchMode.handle, .cached])
    func `what is known is looked up without a query`(_ mode: BenchMode) async throws {
        let queries = Count()
        let server = try UDPNameServer { question in
            queries.add()
            return Cluster.answers(to: question)
        }
        let tally = await Self.measure(
            mode,
            try Self.bench(["service-b", "service-b.payments"], server, concurrency: 3),
            until: { $0.lookups > 10 }
        )
        #expect(tally.lookups > 10)
        #expect(tally.perSecond > 0)
        #expect(tally.errors <= 3)
        // Each once, or again where an answer was lost.
        #expect(queries.value < tally.lookups)
    }

    @Test func `each uncached lookup sends its own query, whoever else asks for the name`() async throws {
        let queries = Count()
        let server = try UDPNameServer { question in
            queries.add()
            return Cluster.answers(to: question)
        }
        let bench = try Self.bench(["service-b"], server, concurrency: 3)
        let tally = await Self.measure(.uncached, bench, until: { $0.lookups > 3 })
        // More than one for some caller: the second cannot come out of the cache.
        #expect(tally.lookups > 3)
        #expect(tally.queries >= tally.lookups)
        #expect(queries.value >= tally.lookups)
        #expect(tally.errors <= 3)
    }

    @Test(arguments: [BenchMode.handle, .cached, .uncached])
    func `lookups that fail are counted, and others go on`(_ mode: BenchMode) async throws {
        let server = try UDPNameServer(Cluster.answers)
        let bench = try Self.bench(["service-b", "missing"], server)
        let tally = await Self.measure(mode, bench) {
            $0.lookups > 0 && $0.lastError?.hasPrefix("noSuchService: ") == true
        }
        #expect(tally.lookups > 0)
        #expect(tally.errors > 0)
        #expect(tally.lastError?.hasPrefix("noSuchService: ") == true)
    }

    @Test(arguments: [BenchMode.handle, .cached, .uncached])
    func `a server that does not answer has an error for each caller`(_ mode: BenchMode) async throws {
        let server = try UDPNameServer(nil)
        defer { withExtendedLifetime(server) {} }
        let tally = await Self.measure(mode, try Self.bench(["service-b"], server, concurrency: 2))
        #expect(tally.lookups == 0)
        #expect((1...2).contains(tally.errors))
        #expect(tally.lastError?.contains("no answer") == true)
    }

    @Test(arguments: [BenchMode.uncached, .getaddrinfo])
    func `what needs no query is looked up all the same`(_ mode: BenchMode) async throws {
        let tally = await Self.measure(mode, try Self.bench(["127.0.0.1"], try UDPNameServer(nil), concurrency: 2))
        #expect(tally.lookups > 0)
        #expect(tally.errors <= 2)
        #expect(tally.queries == 0)
    }

    @Test func `a lookup that is under way at the end is an error only if it took half of the time`() {
        var tally = Tally()
        tally.giveUp(after: .milliseconds(499), of: .seconds(1))
        #expect(tally.errors == 0)
        tally.giveUp(after: .milliseconds(500), of: .seconds(1))
        #expect(tally.errors == 1)
    }

    // MARK: For a person

    private static func row(_ mode: BenchMode, _ milliseconds: [Int], errors: Int = 0) -> BenchReport.Row {
        var tally = Tally()
        for time in milliseconds { tally.record(.milliseconds(time)) }
        for _ in 0..<errors { tally.fail("why") }
        tally.end(after: .seconds(2))
        return BenchReport.Row(mode: mode, concurrency: 1, tally: tally)
    }

    @Test func `the report has a line for each mode, and a bar for each step of time that lookups took`() {
        let times = Array(repeating: 1, count: 90) + Array(repeating: 3, count: 9) + [30]
        let report = BenchReport(
            names: ["a", "b.c"],
            rows: [Self.row(.handle, times), Self.row(.cached, [], errors: 2)]
        )
        let lines = report.lines(Style(hasColours: false))
        #expect(
            Array(lines.prefix(12)) == [
                "a, b.c: one lookup at a time",
                "",
                "MODE    LOOKUPS  A SECOND  P50   P90   P99   P99.9  MAX    ERRORS",
                "handle  100      50        1 ms  1 ms  3 ms  30 ms  30 ms  0",
                "cached  0        0         -     -     -     -      -      2",
                "",
                "BELOW  handle         cached",
                "2 ms   █████████ 90%",
                "5 ms   ▉ 9%",
                "10 ms",
                "20 ms",
                "50 ms  ▏ 1%",
            ]
        )
        #expect(report.rows.map(\.errorLines) == [[], ["cached: 2 lookups failed, one of them: why"]])
        #expect(BenchReport(names: ["a"]).lines(Style(hasColours: false)) == [])
    }

    @Test func `the object of a mode without a lookup has no times`() {
        #expect(
            Self.row(.cached, [], errors: 1).json.description
                == #"{"mode":"cached","concurrency":1,"lookups":0,"perSecond":0.0,"p50":null,"p90":null,"p99":null,"p999":null,"max":null,"errors":1}"#
        )
    }
}

/// Queries, counted on the server's thread.
private final class Count: Sendable {
    private let count = Mutex(0)

    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock(\.self) }
}
