import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import Testing

/// The contract of `cluster-dns resolve`, seen from outside.
struct ResolveCommandTests {
    private let server: UDPNameServer

    init() throws {
        server = try UDPNameServer(Cluster.answers)
    }

    private func resolve(_ arguments: [String], environment: [String: String] = [:]) async throws
        -> Program.Result
    {
        let place = ["--namespace", "default", "--cluster-domain", "cluster.local", "--family", "ipv4"]
        // No question is repeated, and the first second of a TTL is as good as the next: a machine that is busy changes
        // nothing.
        let withoutRetries = ["CLUSTER_DNS_RETRY_FIRST_INTERVAL": "60s", "CLUSTER_DNS_RETRY_MAXIMUM_INTERVAL": "60s"]
        var result = try await Command.run(
            ["resolve"] + server.option + place + arguments,
            environment: environment.merging(withoutRetries) { given, _ in given }
        )
        result.output = result.output.replacing(#/"ttl":2\d\b/#, with: #""ttl":30"#)
            .replacing(#/TTL 2\d s/#, with: "TTL 30 s")
        return result
    }

    // MARK: JSON

    private static let serviceB = #"""
        {"name":"service-b","absoluteName":"service-b.default.svc.cluster.local.",\#
        "endpoints":[{"address":"10.0.0.11","port":null,"hostname":null,"priority":null,"weight":null}],\#
        "canonicalName":null,"ttl":30,"stale":false,"queries":1,"error":null}
        """#

    @Test func `prints one object a name with the keys of the contract in their order`() async throws {
        let command = try await resolve(["--json", "service-b"])
        #expect(command.output == Self.serviceB + "\n")
        #expect(command.errors == "")
        #expect(command.status == 0)
    }

    @Test func `a name given twice is answered from the cache`() async throws {
        let command = try await resolve(["--json", "service-b", "service-b.payments", "service-b"])
        #expect(command.outputLines.count == 3)
        #expect(command.outputLines.first ?? "" == Self.serviceB)
        #expect(command.outputLines.last ?? "" == Self.serviceB.replacing(#""queries":1"#, with: #""queries":0"#))
    }

    @Test func `a failure given twice is answered from the cache`() async throws {
        let command = try await resolve(["--json", "nope", "nope"])
        #expect(
            command.outputLines.map { $0.contains(#""queries":1,"error":{"code":"noSuchService""#) } == [true, false]
        )
        #expect(
            command.outputLines.map { $0.contains(#""queries":0,"error":{"code":"noSuchService""#) } == [false, true]
        )
    }

    @Test func `messages for one name do not count for the next`() async throws {
        let names = ["a", "b", "c", "d", "e"]
        try await LocalCluster.with(manifests: [], faults: [.drop(.type(.aaaa))]) { cluster async throws in
            let command = try await Command.run(
                ["resolve", "--json", "--family", "any", "--namespace", "default", "--cluster-domain", "cluster.local"]
                    + ["--server", "127.0.0.1:\(cluster.port)"] + names
            )
            let queries = command.output.matches(of: #/"queries":(\d+)/#).compactMap { Int($0.1) }
            #expect(queries.count == names.count)
            // What is not answered is asked three times in the second that it is waited for, and again later; on a busy
            // machine so may be what is.
            #expect(queries.allSatisfy { (2...8).contains($0) }, "\(queries)")
        }
    }

    @Test(arguments: [
        (
            ["service-b", "--port", "80"],
            #""address":"10.0.0.11","port":80,"hostname":null,"priority":null,"weight":null"#
        ),
        (
            ["web", "--port", "http"],
            #""absoluteName":"_http._tcp.web.default.svc.cluster.local.","endpoints":[{"address":"10.0.0.1","port":8080,"#
                + #""hostname":"web-0.web.default.svc.cluster.local.","priority":0,"weight":100}]"#
        ),
        (["web", "--port", "dns", "--protocol", "udp"], #""absoluteName":"_dns._udp.web.default.svc.cluster.local.""#),
        (["_http._tcp.web", "--type", "srv"], #""absoluteName":"_http._tcp.web.default.svc.cluster.local.""#),
        (
            ["web", "--type", "srv"],
            #""absoluteName":"web.default.svc.cluster.local.","endpoints":[{"address":"10.0.0.1""#
        ),
        (
            ["10.0.0.1", "--type", "ptr"],
            #""absoluteName":"1.0.0.10.in-addr.arpa.","endpoints":[{"address":"10.0.0.1","port":null,"#
                + #""hostname":"web-0.web.default.svc.cluster.local.","priority":null,"weight":null}]"#
        ),
        (["dns-version.cluster.local", "--type", "txt"], #""endpoints":[],"canonicalName":null,"ttl":30"#),
        (["dns-version.cluster.local", "--type", "txt"], #""error":null,"text":["1.1.0"]}"#),
        (["alias"], #""canonicalName":"service-b.default.svc.cluster.local.""#),
        (["service-b", "--namespace", "payments"], #""absoluteName":"service-b.payments.svc.cluster.local.""#),
        (["fd00::1"], #""absoluteName":"fd00::1","endpoints":[{"address":"fd00::1","#),
        (["10.0.0.5"], #""ttl":null,"stale":false,"queries":0,"error":null"#),
    ])
    func `answers`(_ arguments: [String], _ part: String) async throws {
        let command = try await resolve(["--json"] + arguments)
        #expect(command.output.contains(part), "\(command.output)")
        #expect(command.status == 0)
    }

    // MARK: Failures

    @Test(arguments: [
        (["a..b"], 2, "invalidName"),
        ([""], 2, "invalidName"),
        (["web", "--port", "a--b"], 2, "invalidName"),
        (["10.0.0.1", "--port", "http"], 2, "invalidName"),
        (["service-b", "--type", "ptr"], 2, "invalidName"),
        (["--", "-x"], 2, "invalidName"),
        (["nope"], 3, "noSuchService"),
        (["nope", "--port", "http"], 3, "noSuchService"),
        (["web", "--port", "nope"], 4, "noRecords"),
        (["empty"], 4, "noRecords"),
    ])
    func `a failure is told on standard error and by the exit status`(
        _ arguments: [String],
        _ status: Int,
        _ code: String
    ) async throws {
        let text = try await resolve(arguments)
        #expect(text.status == Int32(status))
        #expect(text.output == "")
        #expect(text.errors.hasPrefix(code + ": "), "\(text.errors)")

        let json = try await resolve(["--json"] + arguments)
        #expect(json.status == Int32(status))
        #expect(json.outputLines.count == 1)
        #expect(json.output.contains(#""endpoints":[],"canonicalName":null,"ttl":null,"stale":false,"#))
        #expect(json.output.contains(#""error":{"code":"\#(code)","message":""#), "\(json.output)")
        #expect(json.errors == "")
    }

    @Test func `an alias that leads nowhere is named in its error`() async throws {
        let command = try await resolve(["--json", "to-nowhere"])
        let part = #"""
            "absoluteName":"to-nowhere.default.svc.cluster.local.","endpoints":[],\#
            "canonicalName":"nowhere.default.svc.cluster.local.","ttl":null,
            """#
        #expect(command.output.contains(part), "\(command.output)")
        #expect(command.status == 4)
    }

    @Test func `with several names the first failure decides`() async throws {
        #expect(try await resolve(["service-b", "empty", "nope", "a..b"]).status == 4)
        #expect(try await resolve(["service-b", "nope", "empty"]).status == 3)
    }

    @Test func `an invalid name has no absolute name, one that is not there the last asked`() async throws {
        let command = try await resolve(["--json", "a..b", "nope.nowhere"])
        #expect(command.outputLines.first?.contains(#""absoluteName":null"#) == true)
        #expect(
            command.outputLines.last?.contains(#""absoluteName":"nope.nowhere.default.svc.cluster.local.""#) == true
        )
    }

    @Test func `a named port that is not there is said to be missing`() async throws {
        let command = try await resolve(["web", "--port", "grpc"])
        #expect(command.status == 4)
        #expect(command.errors.contains("no port of that name and protocol; its ports are 8080"), "\(command.errors)")
    }

    @Test func `a name server that is silent times out`() async throws {
        let silent = try UDPNameServer(nil)
        defer { withExtendedLifetime(silent) {} }
        let command = try await Command.run(["resolve", "service-b", "--json", "--timeout", "200ms"] + silent.option)
        #expect(command.status == 5)
        #expect(command.output.contains(#""error":{"code":"timedOut","#), "\(command.output)")
    }

    @Test func `a port that nobody listens on is unreachable`() async throws {
        let closed = try UDPNameServer.closedPort()
        let command = try await Command.run(["resolve", "service-b", "--json", "--server", "127.0.0.1:\(closed)"])
        #expect(command.status == 5)
        #expect(command.output.contains(#""error":{"code":"unreachable","#), "\(command.output)")
    }

    // MARK: Usage

    @Test(arguments: [
        ([], "name"),
        (["web", "--port", "0"], "1 to 65535"),
        (["web", "--port", "65536"], "1 to 65535"),
        (["web", "--port", ""], "1 to 65535"),
        (["web", "--port", "-1"], "--port"),
        (["web", "--port", "80", "--type", "srv"], "--type"),
        (["web", "--protocol", "udp"], "--port"),
        (["web", "--protocol", "icmp", "--port", "dns"], "--protocol"),
        (["web", "--type", "mx"], "--type"),
        (["web", "--family", "ipv5"], "--family"),
        (["web", "--server", "foo"], #"--server is "foo": a name server is an address"#),
        (["web", "--server", ""], "--server"),
        (["web", "--server", "127.0.0.1:0"], "1 to 65535"),
        (["web", "--timeout", "5"], #"--timeout is "5": a duration is a whole number and its unit"#),
        (
            ["web", "--timeout", "05s"],
            #"--timeout is "05s": a duration is a whole number and its unit, without a zero"#
        ),
        (["web", "--timeout", "0s"], #"--timeout is "0s": it has to be from 1ms to 5m"#),
        (["web", "--timeout", "1h"], "--timeout is"),
        (["web", "--namespace", "a.b"], #"--namespace is "a.b": "#),
        (["web", "--cluster-domain", "a b"], #"--cluster-domain is "a b": "#),
        (["web", "--resolv-conf", "/nowhere/resolv.conf"], #"--resolv-conf is "/nowhere/resolv.conf": "#),
        (["--bogus", "web"], "--bogus"),
    ])
    func `a wrong option is a usage error that says what is wrong`(_ arguments: [String], _ part: String) async throws {
        let command = try await Command.run(["resolve"] + arguments)
        #expect(command.status == 64)
        #expect(command.output == "")
        #expect(command.errors.contains(part), "\(command.errors)")
    }

    // MARK: Environment

    @Test func `an option wins over the environment, the environment over a file`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("resolv-\(UUID()).conf")
        try """
        nameserver 127.0.0.1:\(server.port)
        search payments.svc.cluster.local svc.cluster.local cluster.local
        """.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let arguments = ["resolve", "--json", "--resolv-conf", file.path, "--timeout", "5s", "service-b"]
        func namespace(_ arguments: [String], _ environment: [String: String]) async throws -> String? {
            let command = try await Command.run(arguments, environment: environment)
            return command.output.firstMatch(of: #/"absoluteName":"service-b\.([a-z]+)\./#).map { String($0.1) }
        }

        // Settings of the environment that an option overrules are not even read.
        let wrong = ["CLUSTER_DNS_TIMEOUT": "nonsense", "CLUSTER_DNS_RESOLV_CONF": "/nowhere"]
        #expect(try await namespace(arguments, wrong) == "payments")
        let environment = wrong.merging(["CLUSTER_DNS_NAMESPACE": "default"]) { $1 }
        #expect(try await namespace(arguments, environment) == "default")
        #expect(try await namespace(arguments + ["--namespace", "payments"], environment) == "payments")
    }

    @Test func `a wrong environment variable is named`() async throws {
        let wrong = ["CLUSTER_DNS_CACHE_CAPACITY": "many"]
        let objects = try await resolve(["service-b", "web", "--json"], environment: wrong)
        #expect(objects.status == 6)
        #expect(objects.output.split(separator: "\n").count { $0.contains(#""code":"invalidConfiguration""#) } == 2)
        let command = try await resolve(["service-b"], environment: wrong)
        #expect(command.status == 6)
        #expect(command.output == "")
        #expect(
            command.errors == "invalidConfiguration: CLUSTER_DNS_CACHE_CAPACITY is \"many\": not a whole number\n"
        )
    }

    @Test func `a name that is not found is told with what to write instead`() async throws {
        let command = try await resolve(["example.com"])
        #expect(command.status == 3)
        #expect(command.errors.contains(#"write "example.com." for a name outside the cluster"#))
        #expect(command.errors.contains("nor example.com.svc.cluster.local., asked before it"))
    }

    // MARK: Output

    @Test func `text shows the endpoints one a line`() async throws {
        let command = try await resolve(["service-b", "web", "--port", "http"])
        #expect(command.errors.hasPrefix("noRecords: "))
        #expect(
            command.output == """
                web -> _http._tcp.web.default.svc.cluster.local.
                  ENDPOINT       PRIORITY  WEIGHT  HOSTNAME
                  10.0.0.1:8080  0         100     web-0.web.default.svc.cluster.local.
                  1 endpoint, TTL 30 s, 2 queries

                """
        )
    }

    @Test func `a reader that has gone ends it quietly`() async throws {
        let arguments = ["resolve"] + server.option + ["service-b", "web", "service-b", "web"]
        let command = try await Command.runShell(#"{ { "$0" "$@"; echo $? >&3; } | true; } 3>&1"#, arguments)
        // 3 where all was written before the reader went.
        #expect(["0\n", "3\n"].contains(command.output))
        #expect(command.errors == "" || command.errors.hasPrefix("noSuchService: "))
    }

    @Test func `results that cannot be written are a failure`() async throws {
        let arguments = ["resolve"] + server.option + ["service-b"]
        let command = try await Command.runShell(#""$0" "$@" > /dev/full"#, arguments)
        #expect(command.status == 6)
        #expect(command.errors.hasPrefix("the results cannot be written: "))
    }
}
