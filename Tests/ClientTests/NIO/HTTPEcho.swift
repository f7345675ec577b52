import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server that answers with its own address and the host asked for.
enum HTTPEcho {
    /// - Parameter encryption: a handler to go before the rest, if any.
    static func start(
        _ address: String,
        port: Int,
        encryption: @escaping @Sendable () -> (any ChannelHandler)? = { nil }
    ) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let encryption = encryption() { try pipeline.addHandler(encryption) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler())
                }
            }
            .bind(host: address, port: port).get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var host = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                host = head.headers.first(name: "host") ?? ""
            case .body:
                break
            case .end:
                let text = "\(context.localAddress?.ipAddress ?? "") \(host)"
                let headers: HTTPHeaders = ["content-length": "\(text.utf8.count)", "connection": "close"]
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                context.close(promise: nil)
            }
        }
    }

    /// One request over one connection, as a client on a bare bootstrap makes it.
    static func get(_ host: String, port: Int, _ bootstrap: ClientBootstrap) async throws -> String {
        let channel = try await bootstrap.connect(host: host, port: port) { channel in
            channel.pipeline.addHTTPClientHandlers().flatMapThrowing {
                try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                    wrappingChannelSynchronously: channel
                )
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            let headers: HTTPHeaders = ["host": "\(host):\(port)"]
            // Both at once: the head is all that the server waits for, and it closes when it has answered.
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers)
            try await outbound.write(contentsOf: [.head(head), .end(nil)])
            var text = ""
            for try await part in inbound {
                if case .body(let buffer) = part { text += String(buffer: buffer) }
            }
            return text
        }
    }
}
