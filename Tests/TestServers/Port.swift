import Foundation
import Synchronization

/// Ports of the loopback interface.
enum Port {
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that is free for UDP and for TCP. It lies below the range from which the kernel picks the ports of
    /// outgoing packets, which the tests send by the thousand, and is not given twice in a process.
    static func free() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 12_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if isFree(port, datagram) && isFree(port, stream) { return port }
        }
        throw ServerFailure("no loopback port is free for UDP and TCP")
    }

    private static func isFree(_ port: UInt16, _ type: Int32) -> Bool {
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withLoopbackAddress(port) { bind(descriptor, $0, $1) } == 0
    }
}

#if canImport(Glibc) || canImport(Musl)
    let datagram = Int32(SOCK_DGRAM.rawValue)
    let stream = Int32(SOCK_STREAM.rawValue)
#else
    let datagram = SOCK_DGRAM
    let stream = SOCK_STREAM
#endif

func withLoopbackAddress<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
