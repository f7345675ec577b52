import ClusterDNS
import LocalCluster
import NIOCore
import NIOPosix
import Testing

@Suite("DNS over TCP", .timeLimit(.minutes(5)))
struct TCPTests {
    private let names = (0..<500).map { "missing-\($0)" }

    @Test("Questions follow each other on a connection")
    func pipelined() async throws {
        try await withCluster(faults: [.truncate()]) { _, resolver in
            #expect(await resolver.outcomes(names, timeout: .seconds(60)) == [.failed(.noSuchService): 500])
        }
    }

    @Test("A name server that closes a connection now and then loses no lookup")
    func closing() async throws {
        // A lookup gives up after four connections that were closed on it: with one in ten that is one of 20 runs.
        try await withCluster(faults: [.truncate(), .closeTCP(probability: 0.02)]) { _, resolver in
            #expect(await resolver.outcomes(names, timeout: .seconds(60)) == [.failed(.noSuchService): 500])
        }
    }

    @Test("A name server that closes a connection after each answer is asked on another", arguments: [true, false])
    func oneAnswer(isParallel: Bool) async throws {
        let server = try await OneAnswerServer.start()
        var configuration = ResolverConfiguration()
        configuration.families = .ipv4
        configuration.nameServers = [NameServer(address: IPAddress(ipv4: 0x7F00_0001), port: server.port)]
        try await withClusterResolver(try ClusterResolver(configuration)) { resolver in
            if isParallel {
                let outcomes = await resolver.outcomes(names, timeout: .seconds(60))
                #expect(outcomes == [.failed(.noSuchService): 500])
            } else {
                for name in names.prefix(50) {
                    #expect(await resolver.outcome(name, timeout: .seconds(60)) == .failed(.noSuchService))
                }
                #expect(resolver.statistics.messagesSent < 110)
            }
        }
        await server.stop()
    }
}

/// Says over UDP that the answer is too long, and over TCP that there is no such name, once a connection.
private struct OneAnswerServer {
    let port: UInt16
    private let group: MultiThreadedEventLoopGroup

    static func start() async throws -> OneAnswerServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // The port that is free for TCP may be taken for UDP.
        for _ in 0..<100 {
            if let port = try? await bind(group) { return OneAnswerServer(port: port, group: group) }
        }
        return OneAnswerServer(port: try await bind(group), group: group)
    }

    private static func bind(_ group: MultiThreadedEventLoopGroup) async throws -> UInt16 {
        let tcp = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = tcp.localAddress?.port ?? 0
        _ = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TruncatedAnswers())
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return UInt16(port)
    }

    func stop() async {
        try? await group.shutdownGracefully()
    }
}

private final class TruncatedAnswers: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        guard let answer = answer(to: Array(query.data.readableBytesView), isTruncated: true) else { return }
        let reply = AddressedEnvelope(remoteAddress: query.remoteAddress, data: ByteBuffer(bytes: answer))
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
    }
}

private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var received = ByteBuffer()
    private var hasAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard !hasAnswered, let query = received.readLengthPrefixedSlice(as: UInt16.self) else { return }
        hasAnswered = true
        guard let answer = answer(to: Array(query.readableBytesView), isTruncated: false) else { return }
        var reply = ByteBuffer(integer: UInt16(answer.count))
        reply.writeBytes(answer)
        context.writeAndFlush(wrapOutboundOut(reply)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}

private func answer(to octets: [UInt8], isTruncated: Bool) -> [UInt8]? {
    guard let query = try? Message(decoding: octets) else { return nil }
    var answer = query
    answer.isResponse = true
    answer.isTruncated = isTruncated
    answer.responseCode = isTruncated ? .noError : .nameError
    return answer.encoded(echoing: octets)
}
