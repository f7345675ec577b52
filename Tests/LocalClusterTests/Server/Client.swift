import ClusterDNS
import NIOCore
import NIOPosix

@testable import LocalCluster

/// A DNS client as simple as can be.
struct Client {
    let port: UInt16

    private var address: SocketAddress {
        get throws { try SocketAddress(ipAddress: "127.0.0.1", port: Int(port)) }
    }

    static func query(_ name: String, _ type: RecordType = .a, id: UInt16 = 1) -> [UInt8] {
        let name = DomainName(name) ?? .root
        return Message(id: id, question: Question(name: name, type: type), udpPayloadSize: 1232).encoded()
    }

    /// Sends queries, all at once, and waits for a number of replies.
    func udp(_ queries: [UInt8]..., replies: Int) async throws -> [Message] {
        let server = try address
        let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<AddressedEnvelope<ByteBuffer>, AddressedEnvelope<ByteBuffer>>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            for query in queries {
                try await outbound.write(AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: query)))
            }
            var messages: [Message] = []
            for try await envelope in inbound {
                messages.append(try Message(decoding: Array(envelope.data.readableBytesView)))
                if messages.count == replies { break }
            }
            return messages
        }
    }

    /// Sends queries over one connection, all at once, and waits for a number of replies or for the end of the connection.
    func tcp(_ queries: [UInt8]..., replies: Int) async throws -> [Message] {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(LengthFraming()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var all = ByteBuffer()
            for query in queries {
                var framed = LengthFraming.frame(query)
                all.writeBuffer(&framed)
            }
            if all.readableBytes > 0 { try await outbound.write(all) }
            var messages: [Message] = []
            for try await buffer in inbound {
                messages.append(try Message(decoding: Array(buffer.readableBytesView)))
                if messages.count == replies { break }
            }
            return messages
        }
    }
}
