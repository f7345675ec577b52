import ClusterDNS
import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A name server on a loopback port that knows what it is told and says NXDOMAIN to everything else, for as long as somebody
/// has it.
final class UDPNameServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    /// - Parameter answers: nothing for a name server that never answers.
    init(_ answers: (@Sendable (Question) -> [Record]?)?) throws {
        let (descriptor, port) = try boundSocket()
        self.descriptor = descriptor
        self.port = port
        Thread.detachNewThread { serve(descriptor, answers) }
    }

    deinit {
        // Ends the thread's wait; the thread closes the socket.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    var option: [String] { ["--server", "127.0.0.1:\(port)"] }

    /// A port that nobody listens on.
    static func closedPort() throws -> UInt16 {
        let (descriptor, port) = try boundSocket()
        close(descriptor)
        return port
    }
}

private func boundSocket() throws -> (descriptor: Int32, port: UInt16) {
    #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_DGRAM, 0)
    #else
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
    }
    guard descriptor >= 0, result else {
        let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        close(descriptor)
        throw error
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

private func serve(_ descriptor: Int32, _ answers: ((Question) -> [Record]?)?) {
    defer { close(descriptor) }
    while true {
        var octets = [UInt8](repeating: 0, count: 4096)
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                let count = recvfrom(descriptor, &octets, octets.count, 0, sender, &length)
                octets.removeLast(octets.count - max(0, count))
            }
        }
        guard !octets.isEmpty else { return }
        guard let answers, let query = try? Message(decoding: octets), let question = query.question else { continue }
        let reply = reply(to: query, answers(question)).encoded(echoing: octets)
        withUnsafeMutablePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                _ = sendto(descriptor, reply, reply.count, 0, sender, length)
            }
        }
    }
}

/// NODATA for an empty list, NXDOMAIN for none.
private func reply(to query: Message, _ records: [Record]?) -> Message {
    var reply = query
    reply.isResponse = true
    reply.responseCode = records == nil ? .nameError : .noError
    reply.answers = records ?? []
    return reply
}
