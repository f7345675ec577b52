import DNSTransport
import Testing

@testable import ClusterDNS

/// `web-0.nginx.dev` is a pod in the cluster or, where there is none, a name outside.
@Suite("A name that may be a pod's or one outside, in simulated time")
struct OutsideTests {
    private static let name = "web-0.nginx.dev"
    private static let pod = DomainName("web-0.nginx.dev.svc.cluster.local")

    /// - Parameter ttl: of the answer outside.
    private static func reply(
        _ question: Question,
        ttl: UInt32 = 30,
        inside: @autoclosure () -> Simulation.Reply
    ) -> Simulation.Reply {
        question.name == pod ? inside() : .addresses(question, "203.0.113.66", ttl: ttl)
    }

    @Test("It is the pod's when that is there, though it was outside before")
    func comesBackInside() throws {
        var isReady = false
        let simulation = try Simulation { question, _ in
            Self.reply(
                question,
                inside: isReady ? .addresses(question, "10.244.1.7") : .code(.nameError, question)
            )
        }
        let live = try simulation.watch(Self.name)
        simulation.run(for: .seconds(100))
        #expect(live.addresses == ["203.0.113.66"])
        // Each refresh of what is outside has a look inside.
        #expect((6...10).contains(simulation.sent.count), "\(simulation.sent.count)")
        isReady = true
        simulation.run(for: .seconds(30))
        #expect(live.addresses == ["10.244.1.7"])
        // And stays there, as any name does.
        isReady = false
        simulation.run(for: .seconds(30))
        #expect(live.addresses == [])
    }

    @Test("So it is for those who read it, none of whom waits for it")
    func comesBackForReaders() throws {
        var isReady = false
        let simulation = try Simulation { question, _ in
            Self.reply(
                question,
                inside: isReady ? .addresses(question, "10.244.1.7") : .code(.nameError, question)
            )
        }
        _ = try simulation.resolve(Self.name)
        isReady = true
        var addresses: String?
        for _ in 0..<60 {
            simulation.run(for: .milliseconds(500))
            let before = simulation.now
            addresses = try simulation.resolve(Self.name).endpoints.first?.description
            #expect(simulation.now == before)
        }
        #expect(addresses == "10.244.1.7")
    }

    @Test("While nobody says whether the pod is there, what is outside is given as before", arguments: [5, 30])
    func outage(ttl: UInt32) throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            Self.reply(question, ttl: ttl, inside: isDown ? .silence : .code(.nameError, question))
        }
        let live = try simulation.watch(Self.name)
        _ = try simulation.resolve(Self.name)
        isDown = true
        for _ in 0..<200 {
            simulation.run(for: .milliseconds(700))
            let before = simulation.now
            #expect(try simulation.resolve(Self.name).endpoints.map(\.description) == ["203.0.113.66"])
            #expect(simulation.now <= before + .milliseconds(202))
        }
        #expect(live.addresses == ["203.0.113.66"])
        #expect(live.health.lastError?.code == .timedOut)
        #expect(live.health.lastError?.absoluteName == "web-0.nginx.dev.svc.cluster.local.")
        #expect(simulation.engine.watches.values.allSatisfy { $0.isFailing })
    }

    @Test("While nobody says anything, what was outside is given stale")
    func longOutage() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            isDown ? .silence : Self.reply(question, ttl: 5, inside: .code(.nameError, question))
        }
        _ = try simulation.resolve(Self.name)
        isDown = true
        for _ in 0..<200 {
            simulation.run(for: .seconds(3))
            let before = simulation.now
            #expect(try simulation.resolve(Self.name).endpoints.map(\.description) == ["203.0.113.66"])
            #expect(simulation.now <= before + .milliseconds(202))
        }
    }

    @Test(
        "Callers find the pod, whether what was outside is gone meanwhile or they come less often than its TTL ends",
        arguments: [1, 60]
    )
    func goneOutside(interval: Int) throws {
        var isReady = false
        let simulation = try Simulation { question, _ in
            if question.name == Self.pod {
                return isReady ? .addresses(question, "10.244.1.7") : .code(.nameError, question)
            }
            return isReady && interval == 1
                ? .code(.nameError, question) : .addresses(question, "203.0.113.66", ttl: 30)
        }
        _ = try simulation.resolve(Self.name)
        simulation.run(for: .seconds(40))
        isReady = true
        var addresses: String?
        for _ in 0..<30 {
            simulation.run(for: .seconds(interval))
            addresses = try? simulation.resolve(Self.name).endpoints.first?.description
        }
        #expect(addresses == "10.244.1.7")
    }

    @Test("A new handle does not wait for the cluster where the answer outside is known")
    func newHandle() throws {
        var isDown = false
        let simulation = try Simulation { question, _ in
            isDown ? .silence : Self.reply(question, inside: .code(.nameError, question))
        }
        _ = try simulation.resolve(Self.name)
        simulation.run(for: .seconds(10))
        isDown = true
        let live = try simulation.watch(Self.name)
        simulation.run(for: .milliseconds(202))
        #expect(live.addresses == ["203.0.113.66"])
    }

    @Test("Where the name server refuses to look outside it does not exist")
    func refused() throws {
        let simulation = try Simulation { question, _ in
            .code(question.name == Self.pod ? .nameError : .refused, question)
        }
        let waiter = try simulation.ask(Self.name)
        simulation.run(for: .seconds(5)) { waiter.outcome != nil }
        let error = try #require(waiter.outcome?.error)
        #expect(error.code == .noSuchService)
        #expect(
            error.message.contains(
                "not in the cluster (NXDOMAIN): web-0.nginx.dev.svc.cluster.local.; outside the name"
            )
        )
        #expect(error.responseCode == "REFUSED" && error.nameServer == "10.96.0.10:53")
    }

    @Test("Where it cannot be looked for in the cluster the error says how to write the one outside")
    func failing() throws {
        let simulation = try Simulation { question, _ in .code(.serverFailure, question) }
        let waiter = try simulation.ask("s3.amazonaws.com")
        simulation.run(for: .seconds(5)) { waiter.outcome != nil }
        let error = try #require(waiter.outcome?.error)
        #expect(error.code == .serverFailure)
        #expect(error.message.contains(#"write "s3.amazonaws.com." for a name outside the cluster"#))
    }

    @Test("Where the one outside cannot be looked for the error says that there is none in the cluster")
    func failingOutside() throws {
        let simulation = try Simulation { question, _ in
            .code(question.name == Self.pod ? .nameError : .serverFailure, question)
        }
        let waiter = try simulation.ask(Self.name)
        simulation.run(for: .seconds(5)) { waiter.outcome != nil }
        let error = try #require(waiter.outcome?.error)
        #expect(error.code == .serverFailure)
        #expect(error.message.contains("before it (NXDOMAIN): web-0.nginx.dev.svc.cluster.local."))
    }
}
