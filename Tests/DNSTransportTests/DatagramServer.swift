import DNSTransport
import Glibc
import Synchronization
import Testing

/// Gives `body` an address of 127.0.0.1 without a port.
///
/// - Returns: the port that it has afterwards.
func withLoopbackAddress(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Void
) -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    return UInt16(bigEndian: address.sin_port)
}

/// A name server on a loopback port that answers each datagram as the test says.
final class DatagramServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let seen = Mutex<[UInt16]>([])

    convenience init(answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws {
        try self.init(answers: { answer($0).map { [$0] } ?? [] })
    }

    /// - Parameter answers: the datagrams to send back for one that came.
    init(answers: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        port = withLoopbackAddress { address, length in
            _ = bind(descriptor, address, length.pointee)
            _ = getsockname(descriptor, address, length)
        }
        var room: Int32 = 1 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        self.descriptor = descriptor
        try #require(descriptor >= 0 && port != 0)
        let thread = ServingThread { [weak self] in self?.serve(answers) ?? false }
        thread.start()
    }

    deinit {
        // Ends the thread's wait.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// The ports that datagrams came from, in their order.
    var sourcePorts: [UInt16] { seen.withLock { $0 } }

    func attempt(_ id: UInt64, query number: UInt64? = nil, lane: UInt8 = 0) throws -> Attempt {
        Attempt(
            id: id,
            query: number ?? id,
            server: try #require(ServerAddress(octets: [127, 0, 0, 1], port: port)),
            transport: .udp,
            lane: lane,
            message: query
        )
    }

    /// - Returns: whether there may be more.
    private func serve(_ answers: ([UInt8]) -> [[UInt8]]) -> Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, 100) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var from = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &from) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return false }
        seen.withLock { $0.append(UInt16(bigEndian: from.sin_port)) }
        for answer in answers(Array(buffer[..<count])) {
            withUnsafePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, answer, answer.count, 0, $0, length)
                }
            }
        }
        return true
    }
}

/// Runs a body over and over until it says that there is no more.
final class ServingThread: Sendable {
    private let body: @Sendable () -> Bool

    init(_ body: @escaping @Sendable () -> Bool) {
        self.body = body
    }

    func start() {
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                let thread = Unmanaged<ServingThread>.fromOpaque(context).takeRetainedValue()
                while thread.body() {}
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        pthread_detach(thread)
    }
}
