#if Tests
    import NIOCore
    import NIOPosix
    import Synchronization

    /// Counts connections that were made to servers which read something and close without an answer.
    final class Connections: Sendable {
        private let number = Mutex(0)

        var count: Int { number.withLock { $0 } }

        func closingServer(_ address: String, port: Int) async throws -> any Channel {
            try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .childChannelInitializer { channel in
                    self.number.withLock { $0 += 1 }
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Closing())
                    }
                }
                .bind(host: address, port: port).get()
        }

        private final class Closing: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                context.close(promise: nil)
            }
        }
    }
#endif
