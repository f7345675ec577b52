import ClusterDNS
import LocalCluster
import Testing

/// One at a time: each of them is a load of its own.
@Suite("Many callers", .serialized, .timeLimit(.minutes(5)))
struct LoadTests {
    private let tenThousand = (0..<10_000).map { "missing-\($0)" }

    @Test("Ten thousand callers for ten thousand missing names are all answered, and no packet is lost on our side")
    func missingNames() async throws {
        try await withCluster { cluster, resolver in
            let outcomes = await resolver.outcomes(tenThousand, timeout: .seconds(120))
            #expect(outcomes == [.failed(.noSuchService): 10_000])
            // With the answer to this the name server has read all that was sent before it. What a busy machine asked for
            // over TCP may have been answered before there was a connection.
            #expect(await resolver.outcome("service-b", timeout: .seconds(120)) == .serviceB)
            #expect(resolver.statistics.messagesSent - cluster.queryCount < 1000)
        }
    }

    @Test("When 9999 of ten thousand give up the one is answered")
    func oneStays() async throws {
        try await withCluster(faults: [.drop().first(1)]) { _, resolver in
            let tasks = tenThousand.map { name in
                Task { await resolver.outcome(name, timeout: .seconds(120)) }
            }
            let one = Task { await resolver.outcome("service-b", timeout: .seconds(120)) }
            for task in tasks { task.cancel() }
            #expect(await one.value == .serviceB)
            for task in tasks { _ = await task.value }
            // Those were let go before they were asked for.
            #expect(resolver.statistics.messagesSent < 5000)
        }
    }

    @Test("The hundred-thousandth caller is told that there are too many, and not made to wait")
    func tooMany() async throws {
        try await withCluster(faults: [.drop()]) { _, resolver in
            let (outcomes, continuation) = AsyncStream<Outcome>.makeStream()
            let callers = (0..<100_000).map { number in
                Task { _ = continuation.yield(await resolver.outcome("name-\(number)", timeout: .seconds(3600))) }
            }
            // Nobody else's wait ends by itself.
            let first = await outcomes.prefix(100_000 - 65_536).reduce(into: [:]) { $0[$1, default: 0] += 1 }
            #expect(first == [.failed(.overloaded): 100_000 - 65_536])
            await resolver.shutdown()
            for caller in callers { await caller.value }
            continuation.finish()
            let others = await outcomes.reduce(into: Set()) { $0.insert($1) }
            #expect(others.isSubset(of: [.failed(.overloaded), .failed(.shutDown)]))
        }
    }

    @Test("Callers who come, give up and come back leave nothing behind")
    func storm() async throws {
        try await withCluster(faults: [.drop(probability: 0.2), .delay(by: .milliseconds(5), probability: 0.5)]) {
            _,
            resolver in
            for round in 0..<15 {
                let tasks = (0..<200).map { number in
                    Task { await resolver.outcome("name-\(round)-\(number % 20)", timeout: .seconds(120)) }
                }
                // All but every seventh.
                for (number, task) in tasks.enumerated() where number % 7 != 0 {
                    if number.isMultiple(of: 3) { await Task.yield() }
                    task.cancel()
                }
                for (number, task) in tasks.enumerated() {
                    let outcome = await task.value
                    #expect(outcome == .failed(.noSuchService) || (outcome == .cancelled && number % 7 != 0))
                }
            }
            #expect(await resolver.outcome("service-b", timeout: .seconds(120)) == .serviceB)
            #expect(resolver.statistics.questionsQueued == 0)
        }
    }

    @Test("A shutdown ends all lookups in progress, over UDP and TCP, and those that come later")
    func shutdown() async throws {
        for faults in [[Fault.drop()], [.truncate(), .drop().over(.tcp)]] {
            try await withCluster(faults: faults) { cluster, resolver in
                let lookups = Task {
                    await resolver.outcomes((0..<1000).map { "name-\($0)" }, timeout: .seconds(120))
                }
                while cluster.queryCount < 64 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                async let first: Void = resolver.shutdown()
                async let second: Void = resolver.shutdown()
                _ = await (first, second)
                #expect(await lookups.value == [.failed(.shutDown): 1000])
                #expect(await resolver.outcome("service-b") == .failed(.shutDown))
            }
        }
    }

    @Test("Resolvers may come and go with lookups in progress")
    func comeAndGo() async throws {
        try await withCluster(faults: [.delay(by: .milliseconds(1), probability: 0.5)]) { cluster, _ in
            var configuration = cluster.configuration
            configuration.families = .ipv4
            for _ in 0..<100 {
                let resolver = try ClusterResolver(configuration)
                async let outcomes = resolver.outcomes((0..<20).map { "name-\($0)" })
                await Task.yield()
                await resolver.shutdown()
                let seen = Set(await outcomes.keys)
                #expect(seen.isSubset(of: [.failed(.shutDown), .failed(.noSuchService)]))
            }
        }
    }
}
