import NIOCore

/// Answers the queries of a channel: `Envelope` is what carries one over it.
final class QueryHandler<Envelope: Sendable>: ChannelInboundHandler {
    typealias InboundIn = Envelope
    typealias OutboundOut = Envelope

    /// Tells the handler that replies were held back for long enough.
    private struct ReleaseHeld: Sendable {}

    /// Tells the handler that a reply was delayed for long enough.
    private struct EndDelay: Sendable {
        var envelope: Envelope
        var reply: Reply
    }

    /// How long a reply waits for the one that is to come before it.
    private static var holdTime: TimeAmount { .milliseconds(100) }
    /// Replies held back, and as many delayed; those beyond are lost.
    private static var maximumHeld: Int { 4096 }

    private let responder: Responder
    private let transport: LocalCluster.Transport
    private let open: @Sendable (Envelope) -> [UInt8]
    private let seal: @Sendable ([UInt8], Envelope) -> Envelope
    private var held: [Envelope] = []
    private var delayed = 0

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
        case .send where reply.delay > .zero: delay(envelope, reply, context)
        case .send: send(envelope, reply, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    private func delay(_ envelope: Envelope, _ reply: Reply, _ context: ChannelHandlerContext) {
        guard delayed < Self.maximumHeld else { return }
        delayed += 1
        let pipeline = context.pipeline
        context.eventLoop.scheduleTask(in: TimeAmount(reply.delay)) {
            pipeline.fireUserInboundEventTriggered(EndDelay(envelope: envelope, reply: reply))
        }
    }

    private func send(_ envelope: Envelope, _ reply: Reply, _ context: ChannelHandlerContext) {
        let copies = repeatElement(envelope, count: reply.copies)
        guard !reply.isHeld else { return hold(copies, context) }
        for envelope in copies { context.write(wrapOutboundOut(envelope), promise: nil) }
        release(context)
    }

    private func hold(_ envelopes: some Sequence<Envelope>, _ context: ChannelHandlerContext) {
        guard held.count < Self.maximumHeld else { return }
        held += envelopes
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
        case let late as EndDelay:
            delayed -= 1
            send(late.envelope, late.reply, context)
            context.flush()
        case is IdleStateHandler.IdleStateEvent:
            if delayed == 0 { context.close(promise: nil) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func release(_ context: ChannelHandlerContext) {
        for envelope in held { context.write(wrapOutboundOut(envelope), promise: nil) }
        held.removeAll()
    }

    /// A datagram that cannot be sent concerns its client alone; a connection that fails is closed.
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
