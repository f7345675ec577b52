import ClusterDNS
import LocalCluster
import Testing

/// What one caller sees of each fault, over real sockets.
@Suite("Faults of answers", .timeLimit(.minutes(5)))
struct AnswerFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var faults: [Fault]
        var outcome: Outcome
        /// Messages sent; a loaded machine may take longer than a retry interval, and then there are more.
        var queries: Int
        var timeout = Duration.seconds(20)

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "nothing", faults: [], outcome: .serviceB, queries: 1),
        Case(name: "first query lost", faults: [.drop().first(1)], outcome: .serviceB, queries: 2),
        Case(name: "UDP lost", faults: [.drop().over(.udp)], outcome: .serviceB, queries: 3),
        Case(
            name: "all lost",
            faults: [.drop()],
            outcome: .failed(.timedOut),
            queries: 2,
            timeout: .milliseconds(600)
        ),
        Case(name: "late", faults: [.delay(by: .seconds(1))], outcome: .serviceB, queries: 2),
        Case(name: "twice", faults: [.duplicate()], outcome: .serviceB, queries: 1),
        Case(name: "held back", faults: [.reorder()], outcome: .serviceB, queries: 1),
        Case(name: "truncated", faults: [.truncate()], outcome: .serviceB, queries: 2),
        Case(
            name: "truncated, TCP closed once",
            faults: [.truncate(), .closeTCP().first(2)],
            outcome: .serviceB,
            queries: 3
        ),
        Case(
            name: "truncated, TCP closed",
            faults: [.truncate(), .closeTCP()],
            outcome: .failed(.truncated),
            queries: 5
        ),
        Case(
            name: "truncated, TCP refused",
            faults: [.truncate(), .refuseTCP],
            outcome: .failed(.truncated),
            // Nothing leaves over a connection that is refused.
            queries: 1
        ),
        Case(
            name: "truncated, TCP lost",
            faults: [.truncate(), .drop().over(.tcp)],
            outcome: .failed(.truncated),
            // The third half a second after the second.
            queries: 3,
            timeout: .milliseconds(1200)
        ),
        Case(name: "wrong ID once", faults: [.wrongID().first(1)], outcome: .serviceB, queries: 2),
        Case(
            name: "wrong ID",
            faults: [.wrongID()],
            outcome: .failed(.timedOut),
            queries: 2,
            timeout: .milliseconds(600)
        ),
        Case(name: "wrong question once", faults: [.wrongQuestion().first(1)], outcome: .serviceB, queries: 2),
        Case(
            name: "wrong question",
            faults: [.wrongQuestion()],
            outcome: .failed(.timedOut),
            queries: 2,
            timeout: .milliseconds(600)
        ),
        Case(name: "loop of aliases", faults: [.cnameLoop()], outcome: .failed(.malformedResponse), queries: 3),
        Case(name: "SERVFAIL", faults: [.responseCode(.serverFailure)], outcome: .failed(.serverFailure), queries: 3),
        Case(name: "SERVFAIL twice", faults: [.responseCode(.serverFailure).first(2)], outcome: .serviceB, queries: 3),
        Case(name: "REFUSED", faults: [.responseCode(.refused)], outcome: .failed(.serverFailure), queries: 1),
        Case(name: "NOTIMP", faults: [.responseCode(.notImplemented)], outcome: .failed(.serverFailure), queries: 1),
        Case(name: "FORMERR once", faults: [.responseCode(.formatError).first(1)], outcome: .serviceB, queries: 2),
        Case(name: "FORMERR", faults: [.responseCode(.formatError)], outcome: .failed(.serverFailure), queries: 2),
        Case(name: "NXDOMAIN", faults: [.responseCode(.nameError)], outcome: .failed(.noSuchService), queries: 1),
        Case(name: "rubbish once", faults: [.garbage().first(1)], outcome: .serviceB, queries: 2),
        Case(name: "rubbish", faults: [.garbage()], outcome: .failed(.malformedResponse), queries: 3),
        Case(
            name: "64 kB of rubbish",
            faults: [.garbage(octets: 65_507)],
            outcome: .failed(.malformedResponse),
            queries: 3
        ),
    ]

    @Test("A caller gets the answer, or is told what is wrong", arguments: cases)
    func caller(of fault: Case) async throws {
        try await withCluster(faults: fault.faults) { _, resolver in
            #expect(await resolver.outcome("service-b", timeout: fault.timeout) == fault.outcome)
            await resolver.shutdown()
            // A machine that is slow may have sent some more; how many exactly is shown in simulated time.
            #expect((fault.queries...fault.queries + 6).contains(resolver.statistics.messagesSent))
        }
    }

    @Test(
        "A name server with an IPv6 address is asked over UDP and TCP",
        .enabled(if: hasIPv6Loopback, "::1 is missing"),
        arguments: [[], [Fault.truncate()]]
    )
    func overIPv6(faults: [Fault]) async throws {
        let cluster = try await LocalCluster.start(
            manifests: [.yaml(serviceB)],
            address: IPAddress(ipv6: 1),
            faults: faults
        )
        let outcome = try await withClusterResolver(try ClusterResolver(cluster.configuration)) {
            await $0.outcome("service-b", timeout: .seconds(60))
        }
        await cluster.stop()
        #expect(outcome == .serviceB)
    }

    @Test("What fails for one name does not touch another")
    func others() async throws {
        try await withCluster(faults: [
            .drop("gone"), .garbage("broken"), .responseCode(.serverFailure, for: "failing"),
        ]) {
            _,
            resolver in
            let names = ["gone", "broken", "failing", "service-b", "missing"]
            let outcomes = await resolver.outcomes(names, timeout: .seconds(2))
            #expect(outcomes.count == 5, "\(outcomes)")
            #expect(outcomes[.serviceB] == 1 && outcomes[.failed(.noSuchService)] == 1)
        }
    }

    @Test("A handle that has never had an answer says what was asked of whom when its time is over")
    func silentForHandle() async throws {
        func change(_ configuration: inout ResolverConfiguration) {
            configuration.lookupTimeout = .milliseconds(300)
        }
        try await withCluster(faults: [.drop()], configuration: change) { cluster, resolver in
            let error = await #expect(throws: ClusterDNSError.self) { try await resolver.peers("service-b").next() }
            #expect(error?.code == .timedOut)
            #expect(error?.absoluteName == "service-b.default.svc.cluster.local.")
            #expect(error?.nameServer == "127.0.0.1:\(cluster.port)")
        }
    }

    @Test("While DNS is down answers are given stale, and say so; once it is up they are fresh")
    func outage() async throws {
        func change(_ configuration: inout ResolverConfiguration) {
            configuration.cache.maximumTTL = .seconds(1)
            configuration.cache.staleAnswerDelay = .milliseconds(10)
        }
        try await withCluster(configuration: change) { cluster, resolver in
            _ = try await resolver.resolve("service-b")
            try await cluster.setFaults([.drop()])
            // Every lookup is answered, and after a second they are stale.
            while try await !resolver.resolve("service-b").isStale { await Task.yield() }
            try await cluster.setFaults([])
            while try await resolver.resolve("service-b").isStale { await Task.yield() }
        }
    }
}
