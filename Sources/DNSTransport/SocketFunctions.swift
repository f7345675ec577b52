internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What c-ares calls in place of the system's functions for sockets.
enum SocketFunctions {
    /// Those of every lane. c-ares 1.18.1 keeps the pointer, so the table lives as long as the process.
    ///
    /// Sound: written once, here, before anything reads it; each function gets the lane that `Lane.init` gave, and c-ares'
    /// own buffers with their true lengths.
    nonisolated(unsafe) static let ofLanes: UnsafePointer<ares_socket_functions> = {
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
        return UnsafePointer(functions)
    }()
}
