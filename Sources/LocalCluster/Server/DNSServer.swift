import ClusterDNS
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A UDP and a TCP port of one number, and the thread that serves both.
final class DNSServer: Sendable {
    struct Limits: Sendable {
        /// TCP connections at one time; those beyond are closed at once.
        var connections = 256
        /// CoreDNS closes a connection that is idle for longer.
        var idleTime = TimeAmount.seconds(10)
    }

    /// Datagrams that are read at one time, and the octets of the longest query.
    private static let batch = (count: 32, octets: 2048)
    /// How often a port is tried that is free for TCP and not for UDP.
    private static let attempts = 16

    var port: UInt16 { UInt16(truncatingIfNeeded: address.port ?? 0) }

    private let address: SocketAddress
    private let group: MultiThreadedEventLoopGroup
    private let responder: Responder
    private let listener = Mutex<(any Channel)?>(nil)
    private let connections: Connections

    private init(
        _ address: SocketAddress,
        _ group: MultiThreadedEventLoopGroup,
        _ responder: Responder,
        _ connections: Connections
    ) {
        self.address = address
        self.group = group
        self.responder = responder
        self.connections = connections
    }

    /// Listens on the address and port; on any free port for port 0.
    static func start(
        _ address: IPAddress,
        port: UInt16,
        _ responder: Responder,
        limits: Limits = Limits()
    ) async throws(LocalClusterError) -> DNSServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let wanted = try SocketAddress(ipAddress: address.description, port: Int(port))
            for _ in 1..<(port == 0 ? attempts : 1) {
                if let server = try? await start(wanted, group, responder, limits) { return server }
            }
            return try await start(wanted, group, responder, limits)
        } catch {
            try? await group.shutdownGracefully()
            throw LocalClusterError(.unavailable, "cannot listen on \(address) port \(port): \(error.reason)")
        }
    }

    private static func start(
        _ wanted: SocketAddress,
        _ group: MultiThreadedEventLoopGroup,
        _ responder: Responder,
        _ limits: Limits
    ) async throws -> DNSServer {
        let connections = Connections(limits)
        let tcp = try await listen(wanted, group, responder, connections)
        do {
            let address = tcp.localAddress ?? wanted
            _ = try await bind(address, group, responder)
            let server = DNSServer(address, group, responder, connections)
            server.listener.withLock { $0 = tcp }
            return server
        } catch {
            try? await tcp.close()
            throw error
        }
    }

    private static func bind(
        _ address: SocketAddress,
        _ group: MultiThreadedEventLoopGroup,
        _ responder: Responder
    ) async throws -> any Channel {
        try await DatagramBootstrap(group: group)
            .channelOption(.datagramVectorReadMessageCount, value: batch.count)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: batch.count * batch.octets)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = QueryHandler<AddressedEnvelope<ByteBuffer>>(responder, .udp) { query in
                        Array(query.data.readableBytesView)
                    } seal: { octets, query in
                        AddressedEnvelope(remoteAddress: query.remoteAddress, data: ByteBuffer(bytes: octets))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(to: address).get()
    }

    private static func listen(
        _ address: SocketAddress,
        _ group: MultiThreadedEventLoopGroup,
        _ responder: Responder,
        _ connections: Connections
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.admit(channel) else { return channel.close(promise: nil) }
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(readTimeout: connections.limits.idleTime),
                        BackPressureHandler(),
                        ByteToMessageHandler(LengthFraming()),
                        QueryHandler<ByteBuffer>(responder, .tcp) { query in
                            Array(query.readableBytesView)
                        } seal: { octets, _ in
                            LengthFraming.frame(octets)
                        },
                    ])
                }
            }
            .bind(to: address).get()
    }

    /// Closes the TCP port and its connections, or listens on it again.
    func setRefusesTCP(_ refuses: Bool) async throws(LocalClusterError) {
        do {
            let open = listener.withLock { $0 }
            if refuses, let open {
                listener.withLock { $0 = nil }
                try await open.close()
                connections.closeAll()
            } else if !refuses, open == nil {
                let tcp = try await Self.listen(address, group, responder, connections)
                listener.withLock { $0 = tcp }
            }
        } catch {
            throw LocalClusterError(.unavailable, "cannot change what listens on \(address): \(error)")
        }
    }

    /// Ends the thread and closes all that it served.
    func stop() async {
        try? await group.shutdownGracefully()
    }

    /// As `stop`, for one that cannot wait.
    func stopInBackground() {
        group.shutdownGracefully { _ in }
    }
}

/// The TCP connections that are open.
private final class Connections: Sendable {
    let limits: DNSServer.Limits
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    init(_ limits: DNSServer.Limits) {
        self.limits = limits
    }

    func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdmitted = open.withLock { open in
            guard open.count < limits.connections else { return false }
            open[id] = channel
            return true
        }
        if isAdmitted {
            channel.closeFuture.whenComplete { _ in self.open.withLock { $0[id] = nil } }
        }
        return isAdmitted
    }

    func closeAll() {
        for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

extension Error {
    /// Why an address cannot be listened on, without the names of system calls where the reason is a common one.
    fileprivate var reason: String {
        switch (self as? IOError)?.errnoCode {
        case EADDRINUSE: "the port is in use"
        case EADDRNOTAVAIL: "this machine does not have that address"
        case EACCES: "only root may listen on that port"
        default: "\(self)"
        }
    }
}
