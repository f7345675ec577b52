import DNSTransport
import Glibc
import Testing

/// A name server on a loopback port that answers every message on a connection, one connection after the other.
final class StreamServer: Sendable {
    let port: UInt16
    private let listener: Int32
    /// What it sends over and over when it has answered.
    private let unasked: [UInt8]
    private let closed = Pending<Void>()

    init(unasked: [UInt8] = []) throws {
        self.unasked = unasked.isEmpty ? [] : unasked.framed
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var isReady = false
        port = withLoopbackAddress { address, length in
            isReady =
                bind(listener, address, length.pointee) == 0 && listen(listener, 16) == 0
                && getsockname(listener, address, length) == 0
        }
        self.listener = listener
        try #require(isReady)
        let thread = ServingThread { [weak self] in self?.serve() ?? false }
        thread.start()
    }

    /// Waits until nobody takes any more of what it sends unasked.
    func waitUntilClosed() async {
        await closed.wait()
    }

    deinit {
        close(listener)
    }

    func attempt(_ id: UInt64) throws -> Attempt {
        Attempt(
            id: id,
            query: id,
            server: try #require(ServerAddress(octets: [127, 0, 0, 1], port: port)),
            transport: .tcp,
            lane: 0,
            message: query
        )
    }

    /// - Returns: whether there may be more.
    private func serve() -> Bool {
        var event = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, 100) > 0 else { return true }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return false }
        defer { close(connection) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return true }
            octets += buffer[..<count]
            let answers = takeMessages(from: &octets).flatMap { $0.asAnswer.framed }
            guard answers.isEmpty || send(connection, answers, answers.count, Int32(MSG_NOSIGNAL)) >= 0 else {
                return true
            }
            guard !answers.isEmpty, !unasked.isEmpty else { continue }
            while send(connection, unasked, unasked.count, Int32(MSG_NOSIGNAL)) >= 0 {}
            closed.end(with: ())
            return true
        }
    }

    /// Those that are there as a whole, with the octets of their length in front (RFC 1035 section 4.2.2).
    private func takeMessages(from octets: inout [UInt8]) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        var start = 0
        while octets.count >= start + 2 {
            let end = start + 2 + Int(octets[start]) << 8 + Int(octets[start + 1])
            guard end <= octets.count else { break }
            messages.append(Array(octets[start + 2..<end]))
            start = end
        }
        octets.removeFirst(start)
        return messages
    }
}

extension [UInt8] {
    /// With its length in front.
    fileprivate var framed: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }
}
