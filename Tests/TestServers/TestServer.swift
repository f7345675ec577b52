public import Foundation
import TestProcesses

/// A name server of our own, on a free port of the loopback interface, for UDP and TCP.
///
/// It has a directory of its own for all that it writes. It ends with `stop()`, when the last reference to it goes, or
/// with this process, however that ends.
public final class TestServer: Sendable {
    public let kind: ServerKind
    /// The port at 127.0.0.1.
    public let port: UInt16
    /// The Knot behind a forwarder.
    public let upstream: TestServer?
    /// Where all is that it writes.
    public let directory: URL

    private let process: ServerProcess
    private let setup: ServerSetup

    /// Starts a server that answers from `zones`, and for a forwarder a Knot behind it, and waits until it answers: once it
    /// does at all, for each zone as long as `patience` lasts. Without a port it takes a free one.
    public static func start(
        _ kind: ServerKind,
        port: UInt16? = nil,
        zones: [Zone] = Zone.all,
        patience: Duration = .seconds(10)
    ) async throws -> TestServer {
        let upstream = kind.isForwarder ? try await start(.knot, zones: zones) : nil
        return try await blocking {
            func attempt() throws -> TestServer {
                let server = try TestServer(kind, port: port, zones: zones, upstream: upstream)
                try server.waitUntilItAnswers(patience)
                return server
            }
            do {
                return try attempt()
            } catch is PortLost {
                // Somebody else took the port between our finding it free and the server's turn.
                return try attempt()
            }
        }
    }

    /// Runs a server for as long as `body` takes.
    public static func run<Result>(
        _ kind: ServerKind,
        zones: [Zone] = Zone.all,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(kind, zones: zones)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Ends the server and the Knot behind it, and removes what they wrote. Once more does nothing.
    public func stop() async {
        await blocking { self.end() }
        await upstream?.stop()
    }

    /// The server's process.
    public var processID: Int32 { process.id }

    private init(_ kind: ServerKind, port: UInt16?, zones: [Zone], upstream: TestServer?) throws {
        guard let program = Program.path(of: kind.program), kind.isInstalled else {
            throw ServerFailure("\(kind) needs \(kind.missing.joined(separator: ", "))")
        }
        self.kind = kind
        self.upstream = upstream
        self.port = try port ?? Port.free()
        directory = URL(filePath: NSTemporaryDirectory()).appending(path: "cluster-dns-\(UUID().uuidString)")
        setup = ServerSetup(kind: kind, directory: directory, port: self.port, zones: zones, upstream: upstream?.port)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        do {
            process = try ServerProcess(program: program, arguments: setup.prepare(), directory: directory)
        } catch {
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
    }

    deinit { end() }

    private func end() {
        process.stop()
        try? FileManager.default.removeItem(at: directory)
    }

    private struct PortLost: Error, CustomStringConvertible {
        var description: String
    }

    private func waitUntilItAnswers(_ patience: Duration) throws {
        func answers(_ probe: Probe, within time: Duration) -> Bool {
            probe.succeeds(at: port, until: .now + time, while: { process.isRunning })
        }
        guard
            answers(
                Probe(name: setup.token.origin, type: 16, expected: setup.tokenText),
                within: max(patience, .seconds(20))
            )
        else {
            throw PortLost(description: "\(kind) cannot be heard at 127.0.0.1:\(port):\n\(process.lastWords)")
        }
        for zone in setup.zones where !answers(Probe(name: zone.origin, type: 6), within: patience) {
            throw ServerFailure("\(kind) does not serve \(zone.origin):\n\(process.lastWords)")
        }
    }
}

/// Why a server could not be started or asked.
public struct ServerFailure: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
