import NIOCore

/// Answers the queries of a channel: `Envelope` is what carries one over it.
final class QueryHandler<Envelope: Sendable>: ChannelInboundHandler {
    typealias InboundIn = Envelope
    typealias OutboundOut = Envelope

    /// Tells the handler that replies were held back for long enough.
    struct ReleaseHeld: Sendable {}

    /// How long a reply waits for the one that is to come before it.
    private static var holdTime: TimeAmount { .milliseconds(100) }
    /// Replies held back and delayed; those beyond are lost.
    private static var maximumHeld: Int { 4096 }

    private let responder: Responder
    private let transport: LocalCluster.Transport
    private let open: @Sendable (Envelope) -> [UInt8]
    private let seal: @Sendable ([UInt8], Envelope) -> Envelope
    private var held: [Envelope] = []

    init(
        _ responder: Responder,
        _ transport: LocalCluster.Transport,
        open: @escaping @Sendable (Envelope) -> [UInt8],
        seal: @escaping @Sendable ([UInt8], Envelope) -> Envelope
    ) {
        self.responder = responder
        self.transport = transport
        self.open = open
        self.seal = seal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        guard let reply = responder.reply(to: open(query), over: transport) else { return }
        let envelope = seal(reply.octets, query)
        switch reply.fate {
        case .drop: break
        case .closeConnection: context.close(promise: nil)
        case .hold: hold(envelope, context)
        case .send(let copies): send(envelope, copies, after: reply.delay, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    private func send(_ envelope: Envelope, _ copies: Int, after delay: Duration, _ context: ChannelHandlerContext) {
        guard delay > .zero else {
            for _ in 0..<copies { context.write(wrapOutboundOut(envelope), promise: nil) }
            return release(context)
        }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: TimeAmount(delay)) {
            for _ in 0..<copies { channel.writeAndFlush(envelope, promise: nil) }
        }
    }

    private func hold(_ envelope: Envelope, _ context: ChannelHandlerContext) {
        guard held.count < Self.maximumHeld else { return }
        held.append(envelope)
        let pipeline = context.pipeline
        context.eventLoop.scheduleTask(in: Self.holdTime) {
            pipeline.fireUserInboundEventTriggered(ReleaseHeld())
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ReleaseHeld:
            release(context)
            context.flush()
        case is IdleStateHandler.IdleStateEvent:
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func release(_ context: ChannelHandlerContext) {
        for envelope in held { context.write(wrapOutboundOut(envelope), promise: nil) }
        held.removeAll()
    }

    /// A datagram that can not be sent concerns its client alone; a connection that fails is closed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if transport == .tcp { context.close(promise: nil) }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(min(seconds, 3600)) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
