internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// c-ares 1.18.1 keeps the pointer to its table of socket functions, so the table lives as long as the process.
struct SocketFunctions: @unchecked Sendable {
    let pointer: UnsafePointer<ares_socket_functions>

    /// Those of every lane.
    ///
    /// Sound: written once, here, before anything reads it; each function gets the lane that `Lane.init` gave, and c-ares'
    /// own buffers with their true lengths.
    static let ofLanes: SocketFunctions = {
        let functions = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
        functions.initialize(
            to: ares_socket_functions(
                asocket: { _, type, _, lane in Lane.from(lane)?.openSocket(type: type) ?? -1 },
                aclose: { descriptor, _ in close(descriptor) },
                aconnect: { descriptor, _, _, lane in Lane.from(lane)?.connect(descriptor) ?? -1 },
                arecvfrom: { descriptor, buffer, room, _, address, addressLength, lane in
                    shim_server_address(address, addressLength)
                    return Lane.from(lane)?.receive(descriptor, into: buffer, room: room) ?? -1
                },
                asendv: { descriptor, parts, count, lane in
                    Lane.from(lane)?.send(descriptor, parts, count: count) ?? -1
                }
            )
        )
        return SocketFunctions(pointer: UnsafePointer(functions))
    }()
}

extension ServerAddress {
    /// Calls `body` with the address as the system has it.
    ///
    /// Sound: the structure is on the stack for the whole call, and the system reads no more than the length given.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if octets.count == 4 {
            var address = sockaddr_in()
            #if canImport(Darwin)
                address.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
            #endif
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: octets) }
            return withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in6()
        #if canImport(Darwin)
            address.sin6_len = UInt8(MemoryLayout<sockaddr_in6>.size)
        #endif
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: octets) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
