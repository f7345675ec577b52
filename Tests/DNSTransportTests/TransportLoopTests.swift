import DNSTransport
import Foundation
import Glibc
import Synchronization
import Testing

/// The loop with real sockets, and a client that does as the test says.
@Suite("The transport loop", .timeLimit(.minutes(5)))
struct TransportLoopTests {
    @Test("An answer comes back with the attempt that it belongs to")
    func answered() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop()
        let completion = try await loop.complete(server.attempt(1))
        #expect(completion.message?.dropFirst(12) == query.dropFirst(12), "\(completion)")
        await loop.end()
    }

    @Test("A closed port is refused")
    func refused() async throws {
        let loop = try TestLoop()
        let address = try closedPort()
        for transport in [Attempt.Transport.udp, .tcp] {
            let attempt = Attempt(id: 1, query: 1, server: address, transport: transport, lane: 0, message: query)
            #expect(await loop.complete(attempt).failure == .refused)
        }
        await loop.end()
    }

    @Test("An address that the system does not let us send to is unreachable")
    func unreachable() async throws {
        let loop = try TestLoop()
        // A socket must be told that it may broadcast, and ours is not.
        let address = try #require(ServerAddress(octets: [255, 255, 255, 255], port: 53))
        let attempt = Attempt(id: 1, query: 1, server: address, transport: .udp, lane: 0, message: query)
        #expect(await loop.complete(attempt).failure == .unreachable)
        await loop.end()
    }

    @Test("Many that are refused together are all told, and the loop rests")
    func refusedTogether() async throws {
        let address = try closedPort()
        for count in 1...8 as ClosedRange<UInt64> {
            let loop = try TestLoop(TransportLoop.Settings(attemptLifetime: .milliseconds(100)))
            let completions = await loop.complete(
                (1...count).map {
                    Attempt(id: $0, query: $0, server: address, transport: .udp, lane: 0, message: query)
                }
            )
            #expect(completions.allSatisfy { $0.failure == .refused })
            #expect(loop.turns < 20)
            await loop.end()
        }
    }

    @Test("Where a port serves one query, as many ports are kept open as attempts may be")
    func onePortEach() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let policy = SourcePortPolicy(maximumQueries: 1, maximumOpen: 1024)
        let loop = try TestLoop(TransportLoop.Settings(sourcePorts: policy))
        // No more than a socket's buffer holds by default while the server's thread waits for a processor.
        let completions = await loop.complete(try (1...270).map { try server.attempt($0) })
        #expect(completions.count { $0.failure != nil } == 0)
        #expect(Set(server.sourcePorts).count == 270)
        await loop.end()
    }

    @Test("A loop may end with attempts in flight, over UDP and TCP")
    func endInFlight() async throws {
        let server = try DatagramServer { _ in nil }
        for transport in [Attempt.Transport.udp, .tcp] {
            let loop = try TestLoop()
            let attempts = try (1...3 as ClosedRange<UInt64>).map { number in
                var attempt = try server.attempt(number)
                attempt.transport = transport
                return attempt
            }
            loop.send(attempts)
            await loop.end()
        }
        let answering = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop()
        _ = try await loop.complete(answering.attempt(1))
        loop.send([try server.attempt(2)])
        // The second is answered, so the first is in flight.
        _ = try await loop.complete(answering.attempt(3))
        await loop.end()
    }

    @Test("However many ports questions are asked from again, no more than a few hundred are open")
    func boundedPorts() async throws {
        // At none of them there are too many.
        let servers = try (0..<4).map { _ in try DatagramServer { _ in nil } }
        let answering = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop(TransportLoop.Settings(attemptLifetime: .seconds(600)))
        // The same question each time, so each time from another port.
        let attempts = try (1...1000 as ClosedRange<UInt64>).map { try servers[Int($0 % 4)].attempt($0, query: 1) }
        loop.send(attempts)
        _ = try await loop.complete([answering.attempt(2000)])
        _ = try await loop.complete([answering.attempt(2001)])
        let open = try servers.map { try socketsConnected(to: $0.port) }.reduce(0, +)
        #expect((256..<400).contains(open), "\(open)")
        await loop.end()
    }

    @Test("Of many attempts that nobody answers only so many stay open, those of the youngest ports")
    func boundedAttempts() async throws {
        let server = try DatagramServer { _ in nil }
        let answering = try DatagramServer { $0.asAnswer }
        let policy = SourcePortPolicy(maximumQueries: 10, maximumOpen: 40)
        let loop = try TestLoop(TransportLoop.Settings(sourcePorts: policy, attemptLifetime: .seconds(600)))
        // Ten ports, a hundred attempts. One that is given up comes back.
        let first = try await loop.complete((1...100 as ClosedRange<UInt64>).map { try server.attempt($0) }, count: 60)
        #expect(first.map(\.attempt).sorted() == Array(1...60))
        #expect(first.allSatisfy { $0.failure == .noResponse })
        _ = try await loop.complete([answering.attempt(2000)])
        _ = try await loop.complete([answering.attempt(2001)])
        let open = try socketsConnected(to: server.port)
        #expect(open == 4, "\(open)")
        await loop.end()
    }

    @Test("A connection that was not made in time is not made any more")
    func lateConnection() async throws {
        let listener = try FullListener()
        let loop = try TestLoop(TransportLoop.Settings(attemptLifetime: .milliseconds(50)))
        let address = try #require(ServerAddress(octets: [127, 0, 0, 1], port: listener.port))
        let attempt = Attempt(id: 1, query: 1, server: address, transport: .tcp, lane: 0, message: query)
        #expect(await loop.complete(attempt).failure == .noResponse)
        // The loop lets go of what it closed when it comes round.
        let answering = try DatagramServer { $0.asAnswer }
        for id in 2...3 as ClosedRange<UInt64> { _ = try await loop.complete(answering.attempt(id)) }
        #expect(try socketsConnected(to: listener.port, of: "tcp") == 1)
        await loop.end()
    }

    @Test("More than the system sends in one call go over one connection, and none is lost")
    func manyOverConnection() async throws {
        let server = try StreamServer()
        let loop = try TestLoop()
        // All wait for the connection, and are handed to the system together.
        let completions = await loop.complete(try (1...2500).map { try server.attempt($0) })
        #expect(completions.count { $0.message?.dropFirst(12) == query.dropFirst(12) } == 2500)
        await loop.end()
    }

    @Test("A connection on which a name server goes on talking unasked is closed", .timeLimit(.minutes(1)))
    func talkative() async throws {
        let server = try StreamServer(unasked: query.asAnswer)
        let loop = try TestLoop()
        #expect(await loop.complete(try server.attempt(1)).message != nil)
        await server.waitUntilClosed()
        await loop.end()
    }

    @Test("The loop's thread gets the signals of its own crash, and leaves all others to the program")
    func signals() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop()
        _ = try await loop.complete(server.attempt(1))
        let masks = try blockedSignals(ofThreadsNamed: "cluster-dns")
        #expect(!masks.isEmpty)
        for signal in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP] {
            #expect(masks.allSatisfy { $0 & 1 << (signal - 1) == 0 }, "\(signal)")
        }
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGALRM, SIGPROF] {
            #expect(masks.allSatisfy { $0 & 1 << (signal - 1) != 0 }, "\(signal)")
        }
        await loop.end()
    }

    @Test("Silence ends with the attempt's lifetime")
    func silent() async throws {
        let server = try DatagramServer { _ in nil }
        let loop = try TestLoop(TransportLoop.Settings(attemptLifetime: .milliseconds(50)))
        #expect(try await loop.complete(server.attempt(1)).failure == .noResponse)
        await loop.end()
    }

    @Test("Wrong identifiers, wrong questions, empty datagrams and rubbish are not believed, the real answer is")
    func lies() async throws {
        let server = try DatagramServer(answers: { query in
            var wrongID = query.asAnswer
            wrongID[0] ^= 0xFF
            var wrongQuestion = query.asAnswer
            wrongQuestion[13] ^= 1
            var random = SystemRandomNumberGenerator()
            let rubbish = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
            return [[], wrongID, wrongQuestion, [0], rubbish, [], query.asAnswer]
        })
        let loop = try TestLoop()
        for id in 1...20 as ClosedRange<UInt64> {
            let completion = try await loop.complete(server.attempt(id))
            #expect(completion.message?.dropFirst(12) == query.dropFirst(12), "\(completion)")
        }
        await loop.end()
    }

    @Test("A source port serves as many queries as it may, and then another does")
    func portBudget() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let policy = SourcePortPolicy(maximumAge: .seconds(600), maximumQueries: 10)
        let loop = try TestLoop(TransportLoop.Settings(sourcePorts: policy))
        for id in 1...35 as ClosedRange<UInt64> { _ = try await loop.complete(server.attempt(id)) }
        let ports = server.sourcePorts
        #expect(ports.count == 35)
        #expect(Set(ports).count == 4)
        #expect(Set(ports.prefix(10)).count == 1)
        await loop.end()
    }

    @Test("A source port that is too old takes no other query")
    func portAge() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let policy = SourcePortPolicy(maximumAge: .zero)
        let loop = try TestLoop(TransportLoop.Settings(sourcePorts: policy))
        for id in 1...5 as ClosedRange<UInt64> { _ = try await loop.complete(server.attempt(id)) }
        let ports = server.sourcePorts
        #expect(ports.count == 5 && zip(ports, ports.dropFirst()).allSatisfy { $0 != $1 })
        await loop.end()
    }

    @Test(
        "A message leaves as it is but for its identifier, and the cookie that c-ares 1.34 adds",
        arguments: [[], [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]] as [[UInt8]]
    )
    func unchanged(opt: [UInt8]) async throws {
        let seen = Mutex<[[UInt8]]>([])
        let server = try DatagramServer { datagram in
            seen.withLock { $0.append(datagram.withoutCookie) }
            return datagram.asAnswer
        }
        let loop = try TestLoop()
        var attempt = try server.attempt(1)
        attempt.message += opt
        attempt.message[11] = opt.isEmpty ? 0 : 1
        _ = await loop.complete(attempt)
        #expect(seen.withLock { $0.map { Array($0.dropFirst(2)) } } == [Array(attempt.message.dropFirst(2))])
        await loop.end()
    }

    @Test("A retry, and whatever follows a question that is overdue, leaves from a fresh port")
    func freshPorts() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop()
        _ = try await loop.complete(server.attempt(1, query: 1))
        _ = try await loop.complete(server.attempt(2, query: 1))
        _ = try await loop.complete(server.attempt(3, query: 2))
        _ = try await loop.complete(server.attempt(4, query: 3), overdue: [2])
        let ports = server.sourcePorts
        #expect(ports[0] != ports[1])
        #expect(ports[1] == ports[2])
        #expect(ports[2] != ports[3])
        await loop.end()
    }

    @Test("A port to a name server that is no longer asked is closed when another is opened")
    func forsakenPort() async throws {
        let (former, present) = (try DatagramServer { $0.asAnswer }, try DatagramServer { $0.asAnswer })
        let loop = try TestLoop(TransportLoop.Settings(sourcePorts: SourcePortPolicy(maximumQueries: 1)))
        _ = try await loop.complete(former.attempt(1))
        #expect(try socketsConnected(to: former.port) == 1)
        _ = try await loop.complete(present.attempt(2))
        #expect(try socketsConnected(to: former.port) == 0)
        #expect(try socketsConnected(to: present.port) == 1)
        await loop.end()
    }

    @Test("Lanes do not share a port")
    func lanes() async throws {
        let server = try DatagramServer { $0.asAnswer }
        let loop = try TestLoop()
        _ = try await loop.complete(server.attempt(1, lane: 0))
        _ = try await loop.complete(server.attempt(2, lane: 1))
        #expect(Set(server.sourcePorts).count == 2)
        await loop.end()
    }
}

/// A listener on a loopback port whose queue is full, with one connection: others are not made, and not refused.
private final class FullListener {
    let port: UInt16
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors = [listener, client]
        var isReady = false
        port = withLoopbackAddress { address, length in
            isReady =
                bind(listener, address, length.pointee) == 0 && listen(listener, 0) == 0
                && getsockname(listener, address, length) == 0 && connect(client, address, length.pointee) == 0
        }
        try #require(isReady)
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}

/// How many sockets of this machine send to a port of 127.0.0.1.
private func socketsConnected(to port: UInt16, of transport: String = "udp") throws -> Int {
    let address = "0100007F:" + String(UInt32(port) + 0x10000, radix: 16, uppercase: true).dropFirst()
    var found: Set<Substring> = []
    // The table is read in parts. Sockets that others open and close meanwhile make a reading pass over some.
    for _ in 0..<5 {
        let table = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/\(transport)")).readToEnd() ?? Data()
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            // Slot, local address, remote address.
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == address { found.insert(fields[1]) }
        }
    }
    return found.count
}

/// The signals that this process' threads of that name block, a bit for each.
private func blockedSignals(ofThreadsNamed name: String) throws -> [UInt64] {
    let tasks = URL(filePath: "/proc/self/task")
    return try FileManager.default.contentsOfDirectory(atPath: tasks.path).compactMap { task in
        // A thread of another test may end meanwhile.
        guard let status = try? String(contentsOf: tasks.appending(path: "\(task)/status"), encoding: .utf8) else {
            return nil
        }
        let lines = status.split(separator: "\n")
        guard lines.contains("Name:\t\(name)") else { return nil }
        return lines.first { $0.hasPrefix("SigBlk:") }.flatMap { UInt64($0.dropFirst(8), radix: 16) }
    }
}

/// A port of one of sixteen million loopback addresses, on which nobody listens.
private func closedPort() throws -> ServerAddress {
    let host = (0..<3).map { _ in UInt8.random(in: 1...254) }
    return try #require(ServerAddress(octets: [127] + host, port: 9))
}

extension [UInt8] {
    /// Of a message that ends in an OPT record: without a client's cookie as its only option (RFC 7873 section 4).
    fileprivate var withoutCookie: [UInt8] {
        guard count > 14, suffix(14).starts(with: [0, 12, 0, 10, 0, 8]) else { return self }
        return dropLast(14) + [0, 0]
    }
}
