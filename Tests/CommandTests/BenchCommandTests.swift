import Foundation
import TestProcesses
import Testing

/// The contract of `cluster-dns bench`, seen from outside. The names are addresses, so that `getaddrinfo` asks nobody;
/// `BenchInPodTests` has names of services.
@Suite(.timeLimit(.minutes(5))) struct BenchCommandTests {
    private static let modes = ["handle", "cached", "uncached", "getaddrinfo"]

    @Test func `prints one object a mode with the keys of the contract`() async throws {
        func bench() async throws -> Program.Result {
            try await Command.run(
                ["bench", "127.0.0.1", "127.0.0.2", "--duration", "2s", "--concurrency", "2", "--json"]
            )
        }
        var command = try await bench()
        // Beside hundreds of tests a mode's half second may be over before its threads have run: then once more, and again.
        for _ in 0..<5 where command.output.contains("\"lookups\":0,") { command = try await bench() }
        #expect(command.status == 0)
        let keys = ["lookups", "perSecond", "p50", "p90", "p99", "p999", "max"]
        let expected = Self.modes.map { mode in
            #"{"mode":"\#(mode)","concurrency":2,\#(keys.map { "\"\($0)\":N" }.joined(separator: ",")),"errors":0}"#
        }
        let found = command.outputLines.map { line in
            keys.reduce(String(line)) { line, key in
                line.replacingOccurrences(
                    of: "\"\(key)\":[0-9.]+([eE]-?[0-9]+)?",
                    with: "\"\(key)\":N",
                    options: .regularExpression
                )
            }
        }
        #expect(found == expected, "\(command.output)")
    }

    @Test func `prints for a person a table and bars, and no progress where nobody looks`() async throws {
        let command = try await Command.run(["bench", "127.0.0.1", "--duration", "1s", "--server", "127.0.0.1:1"])
        #expect(command.status == 0)
        #expect(command.outputLines.first == "127.0.0.1: one lookup at a time")
        #expect(command.outputLines.dropFirst(2).prefix(4).map { String($0.prefix { $0 != " " }) } == Self.modes)
        #expect(command.output.contains("█"))
        #expect(command.errors == "getaddrinfo asks the name servers of /etc/resolv.conf, which are others\n")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `an interrupt ends it with 0 and what there is`(_ signal: Int32) async throws {
        // In the second of four modes. Another process watches the time: this one has hundreds of tests to run meanwhile.
        let command = try await Command.runShell(
            #"exec timeout --preserve-status --signal="$1" 7 "$0" bench 127.0.0.1 --duration 20s --json"#,
            ["\(signal)"]
        )
        #expect(command.status == 0)
        #expect(
            command.outputLines.map { $0.prefix { $0 != "," } } == [#"{"mode":"handle""#, #"{"mode":"cached""#],
            "\(command.output)"
        )
    }

    @Test func `an interrupt before the first figure ends it with 0`() async throws {
        let command = try RunningCommand(["bench", "127.0.0.1", "--server", "127.0.0.1:1", "--duration", "20s"])
        try await command.errors.first(with: "getaddrinfo asks")
        #expect(await command.end(with: SIGINT) == 0)
    }

    @Test func `a name that cannot stand for anything ends it with 1`() async throws {
        let command = try await Command.run(["bench", "127.0.0.1", "a..b"])
        #expect(command.status == 1)
        #expect(command.output == "")
        #expect(command.errors.contains("invalidName: "), "\(command.errors)")
    }

    @Test func `a wrong environment variable ends it with 1`() async throws {
        let command = try await Command.run(["bench", "127.0.0.1"], environment: ["CLUSTER_DNS_TIMEOUT": "nonsense"])
        #expect(command.status == 1)
        #expect(command.errors.hasPrefix("invalidConfiguration: CLUSTER_DNS_TIMEOUT"))
    }

    @Test(arguments: [
        ([], "name"), (["a", "--duration", "5"], "250ms"), (["a", "--duration", "99ms"], "100ms"),
        (["a", "--duration", "25h"], "24h"), (["a", "--concurrency", "0"], "from 1 to 128"),
        (["a", "--concurrency", "129"], "from 1 to 128"), (["a", "--concurrency", "x"], "--concurrency"),
        (["a", "--port", "80"], "--port"), (Array(repeating: "a", count: 1025), "1024"),
    ])
    func `a wrong option is a usage error that says what is wrong`(_ arguments: [String], _ part: String) async throws {
        let command = try await Command.run(["bench"] + arguments)
        #expect(command.status == 64)
        #expect(command.errors.contains(part), "\(command.errors)")
    }
}
