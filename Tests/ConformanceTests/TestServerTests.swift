import Foundation
import TestProcesses
import TestServers
import Testing

@Suite("Test servers", .timeLimit(.minutes(5)), .needs(.knot, .bind, .unbound, .dnsmasq))
struct TestServerTests {
    @Test(
        "A server answers at its port over UDP and TCP, and leaves no process when it stops",
        arguments: ServerKind.allCases
    )
    func startsAndStops(kind: ServerKind) async throws {
        let server = try await TestServer.start(kind)
        let name = "service-b.default.svc.cluster.local."
        #expect(try await Kdig.ask(server, name, "A").answers.map(\.data) == ["10.96.1.10"])
        #expect(try await Kdig.ask(server, name, "A", "+tcp").answers.map(\.data) == ["10.96.1.10"])
        await server.stop()
        for process in [server.processID] + [server.upstream?.processID].compactMap(\.self) {
            #expect(!isAlive(process))
        }
    }

    @Test("A server that does not react to being asked to end is killed")
    func stopsWhatHangs() async throws {
        let server = try await TestServer.start(.knot)
        kill(server.processID, SIGSTOP)
        await server.stop()
        #expect(!isAlive(server.processID))
    }

    @Test("An answer that does not fit is truncated over UDP and whole over TCP", arguments: ServerKind.allCases)
    func truncates(kind: ServerKind) async throws {
        try await TestServer.run(kind) { server in
            let name = "three-hundred.default.svc.cluster.local."
            let datagram = try await Kdig.ask(server, name, "A", "+ignore")
            #expect(datagram.flags.contains("tc"))
            #expect(datagram.answers.count < 300)
            let stream = try await Kdig.ask(server, name, "A", "+tcp")
            #expect(!stream.flags.contains("tc"))
            #expect(stream.answers.count == 300)
        }
    }

    @Test("A negative answer carries the SOA, whose minimum is 5 s", arguments: ServerKind.allCases)
    func negativeAnswers(kind: ServerKind) async throws {
        try await TestServer.run(kind) { server in
            for (name, status) in [("missing", "NXDOMAIN"), ("service-b", "NOERROR")] {
                let answer = try await Kdig.ask(server, "\(name).default.svc.cluster.local.", "AAAA")
                #expect(answer.status == status)
                #expect(answer.answers.isEmpty)
                #expect(answer.authorities.map(\.type) == ["SOA"])
                #expect(answer.authorities.first?.data.hasSuffix(" 5") == true)
            }
        }
    }

    @Test(
        "Only Unbound leaves out the addresses of SRV targets, and only forwarders offer recursion",
        arguments: [(ServerKind.knot, 3, false), (.bind, 3, false), (.unbound, 0, true), (.dnsmasq, 3, true)]
    )
    func differences(kind: ServerKind, addresses: Int, recursion: Bool) async throws {
        try await TestServer.run(kind) { server in
            let answer = try await Kdig.ask(server, "_http._tcp.nginx.default.svc.cluster.local.", "SRV")
            #expect(answer.answers.count == 3)
            #expect(answer.additionals.filter { $0.type == "A" }.count == addresses)
            #expect(answer.flags.contains("ra") == recursion)
        }
    }

    @Test("A zone can change while Knot serves it, all changes at once")
    func changes() async throws {
        try await TestServer.run(.knot) { server in
            let name = "idle.default.svc.cluster.local."
            #expect(try await Kdig.ask(server, name, "A").status == "NXDOMAIN")
            try await server.change(
                "cluster.local.",
                [
                    .add(name, ttl: 5, type: "A", data: "10.244.9.1"),
                    .add(name, ttl: 5, type: "A", data: "10.244.9.2"),
                ]
            )
            let scaledUp = try await Kdig.ask(server, name, "A").answers
            #expect(Set(scaledUp.map(\.data)) == ["10.244.9.1", "10.244.9.2"])
            #expect(scaledUp.map(\.ttl) == [5, 5])
            try await server.change("cluster.local.", [.remove(name, type: "A", data: "10.244.9.1")])
            #expect(try await Kdig.ask(server, name, "A").answers.map(\.data) == ["10.244.9.2"])
            try await server.change("cluster.local.", [.remove(name)])
            #expect(try await Kdig.ask(server, name, "A").status == "NXDOMAIN")
        }
    }

    @Test("A change that Knot refuses is told, and changes nothing")
    func refusedChange() async throws {
        try await TestServer.run(.knot) { server in
            await #expect(throws: ServerFailure.self) {
                try await server.change(
                    "cluster.local.",
                    [
                        .add("idle.default.svc.cluster.local.", type: "A", data: "10.244.9.1"),
                        .add("idle.default.svc.cluster.local.", type: "A", data: "not an address"),
                    ]
                )
            }
            let answer = try await Kdig.ask(server, "idle.default.svc.cluster.local.", "A")
            #expect(answer.status == "NXDOMAIN")
        }
    }

    @Test("A server that does not come up is told with its own last words", arguments: [ServerKind.knot, .bind])
    func brokenZone(kind: ServerKind) async throws {
        let zone = Zone("broken.test.", [ZoneRecord("broken.test.", 5, "A", "not-an-address")])
        let failure = await #expect(throws: ServerFailure.self) {
            try await TestServer.start(kind, zones: [zone], patience: .seconds(1))
        }
        #expect(failure?.description.contains("broken.test") == true)
    }

    @Test("Servers end with the process that runs them, however it ends, and their directories go")
    func endWithTheTests() async throws {
        let probe = try await Program.run(Program.built("ProcessProbe"), ["servers"])
        #expect(probe.status == 128 + SIGKILL)
        let lines = probe.output.split(separator: "\n")
        #expect(lines.count == 2, "\(probe.output)\(probe.errors)")
        let deadline = ContinuousClock.now + .seconds(10)
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let process = try #require(Int32(words[0]))
            while isAlive(process), ContinuousClock.now < deadline { poll(nil, 0, 10) }
            #expect(!isAlive(process))
            #expect(!FileManager.default.fileExists(atPath: words[1]))
        }
    }
}

/// Whether a process is there and not merely waiting for its parent to take notice of its end.
private func isAlive(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return !status.contains(") Z ")
}
