import ClusterDNS
import Foundation
import TestProcesses
import Testing

/// What crosses a network: lookups of a process in a network of its own, in which packets are lost, servers die and rules
/// change.
///
/// Their times are those of the probe's process. A machine that is busy makes some lookups late, but not one in ten.
@Suite("Faults of the network", .serialized, .timeLimit(.minutes(5)), .needsNetworks)
struct NetworkFaultTests {
    @Test("Lost packets lose no lookup", arguments: [("loss-1", 500), ("loss-20", 60)])
    func loss(fault: String, count: Int) async throws {
        // Of six attempts in 5 s one at least comes through: all six are lost in 2 of 1000 lookups at the worst.
        let lookups = try await FaultyNetwork.lookUp("n%", count: count, fault: fault)
        #expect(lookups.count == count)
        #expect(lookups.count { $0.outcome == "1" } >= count - 2)
        #expect(lookups.map(\.milliseconds).sorted()[count / 2] < 1000)
        #expect(lookups.contains { $0.milliseconds > 200 })
    }

    @Test("One dead name server of three costs one lookup one retry interval")
    func deadServer() async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 300, pause: 10, fault: "dead-server")
        #expect(lookups.count { $0.outcome == "1" } == 300)
        #expect((1..<30).contains(lookups.count { $0.milliseconds > 200 }))
        #expect(lookups.count { $0.milliseconds > 600 } < 10)
    }

    @Test("A flow that stays with a dead name server when the rule has gone to another is left within 600 ms")
    func pinnedFlow() async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 400, pause: 5, fault: "pinned")
        #expect(lookups.count { $0.outcome == "1" } == 400)
        #expect(lookups.count { $0.milliseconds > 600 } < 10)
    }

    @Test("With TCP/53 blocked a long answer is an error of its own", arguments: ["tcp-reset", "tcp-dropped"])
    func noTCP(fault: String) async throws {
        #expect(try await FaultyNetwork.lookUp("big", count: 1, fault: "none").map(\.outcome) == ["120"])
        #expect(try await FaultyNetwork.lookUp("big", count: 1, fault: fault).map(\.outcome) == ["truncated"])
    }

    @Test(
        "No way to the name server is told apart from silence, and sooner",
        arguments: ["refused", "no-route", "host-unreachable", "prohibited", "firewall", "icmp-unreachable"]
    )
    func unreachable(fault: String) async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 1, fault: fault)
        #expect(lookups.map(\.outcome) == ["unreachable"])
        #expect(lookups.allSatisfy { $0.milliseconds < 4500 })
    }

    @Test("Silence ends with the deadline")
    func dead() async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 1, fault: "dead")
        #expect(lookups.map(\.outcome) == ["timedOut"])
        #expect(lookups.allSatisfy { (4950...10_000).contains($0.milliseconds) })
    }

    @Test("Lost queries for AAAA hold up the IPv4 addresses for a second at most")
    func lostFamily() async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 5, fault: "aaaa-dropped")
        #expect(lookups.map(\.outcome) == ["1", "1", "1", "1", "1"])
        #expect(lookups.allSatisfy { $0.milliseconds < 3000 })
        #expect(lookups.contains { $0.milliseconds > 700 })
    }

    @Test("An outage of three seconds is over soon after it ends")
    func outage() async throws {
        let lookups = try await FaultyNetwork.lookUp("n%", count: 700, pause: 10, fault: "outage")
        let good = lookups.count { $0.outcome == "1" }
        // Refused lookups take three quarters of a second each.
        #expect((690..<700).contains(good))
        #expect(lookups.last?.outcome == "1")
    }
}

/// `Scripts/faulty-network`, which has the faults.
enum FaultyNetwork {
    struct Lookup {
        var milliseconds: Double
        /// The number of addresses, or the code of the error.
        var outcome: String
    }

    /// What is missing for such a network.
    static let missing: [String] = {
        var missing = ["ip", "nft", "dnsmasq", "ss"].filter { Program.path(of: $0) == nil }
        if getuid() != 0 { missing.insert("root", at: 0) }
        if missing.isEmpty, (try? ChildProcess(script, ["none", "true"]))?.wait(for: .seconds(60)) != 0 {
            missing.append("network namespaces with nftables")
        }
        return missing
    }()

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Scripts/faulty-network").standardized.path

    static func run(_ program: String, _ arguments: [String], fault: String) async throws -> Program.Result {
        try await Program.run(script, [fault, program] + arguments, timeLimit: .seconds(240))
    }

    static func lookUp(_ name: String, count: Int, pause: Int = 0, fault: String) async throws -> [Lookup] {
        let child = try await run(
            Program.built("FaultProbe"),
            ["resolver", "\(count)", name, "\(pause)"],
            fault: fault
        )
        try #require(child.status == 0, "\(child.errors)")
        return child.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let milliseconds = Double(words[0]) else { return nil }
            return Lookup(milliseconds: milliseconds, outcome: String(words[1]))
        }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsNetworks: Self {
        .enabled(
            if: FaultyNetwork.missing.isEmpty,
            "missing: \(FaultyNetwork.missing.joined(separator: ", "))"
        )
    }
}
