public import ClusterDNS
public import NIOCore

extension SocketAddress {
    /// The address and port of an endpoint; `nil` if it has no port.
    public init?(_ endpoint: Endpoint) {
        guard let port = endpoint.port, let address = try? SocketAddress(endpoint.address, port: port) else {
            return nil
        }
        self = address
    }

    init(_ address: IPAddress, port: UInt16) throws {
        try self.init(packedIPAddress: ByteBuffer(bytes: address.octets), port: Int(port))
    }
}

extension IPAddress {
    /// The address of a socket, such as a channel's `remoteAddress`; `nil` for one of a Unix domain socket.
    public init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        // The zone of a link-local one is the machine's own.
        self.init(text.prefix { $0 != "%" })
    }
}
