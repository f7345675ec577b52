#if Tests
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import NIOCore
    import Synchronization

    /// A gRPC server that answers with its address, and counts.
    final class EchoPod: Sendable {
        let address: String
        let counts: Counts
        private let transport: HTTP2ServerTransport.Posix
        private let serving: Task<Void, any Error>

        final class Counts: Sendable {
            private struct State {
                var calls = 0
                var listener: (any Channel)?
                var connections: [any Channel] = []
                var held: AsyncStream<Void>.Continuation?
                var isKilled = false
            }

            private let state = Mutex(State())

            var calls: Int { state.withLock { $0.calls } }
            var connections: Int { state.withLock { $0.connections.count } }

            /// - Returns: whether the call is to be held.
            fileprivate func addCall() -> Bool {
                let held = state.withLock { state in
                    state.calls += 1
                    return state.held
                }
                held?.yield()
                return held != nil
            }

            fileprivate func hold(_ held: AsyncStream<Void>.Continuation) { state.withLock { $0.held = held } }
            fileprivate func listen(_ channel: any Channel) { state.withLock { $0.listener = channel } }

            fileprivate func accept(_ channel: any Channel) {
                let isKilled = state.withLock { state in
                    state.connections.append(channel)
                    return state.isKilled
                }
                if isKilled { channel.close(promise: nil) }
            }

            fileprivate func kill() {
                let channels = state.withLock { state in
                    state.isKilled = true
                    return [state.listener].compactMap(\.self) + state.connections
                }
                for channel in channels { channel.close(promise: nil) }
            }
        }

        /// - Parameter maximumAge: after which the server says GOAWAY to a connection.
        static func start(_ address: String, port: Int, maximumAge: Duration? = nil) async throws -> EchoPod {
            let pod = EchoPod(address, port, maximumAge)
            _ = try await pod.transport.listeningAddress
            return pod
        }

        private init(_ address: String, _ port: Int, _ maximumAge: Duration?) {
            let counts = Counts()
            let transport = HTTP2ServerTransport.Posix(
                address: .ipv4(host: address, port: port),
                transportSecurity: .plaintext,
                config: .defaults { config in
                    config.connection.maxAge = maximumAge
                    config.channelDebuggingCallbacks.onBindTCPListener = { channel in
                        counts.listen(channel)
                        return channel.eventLoop.makeSucceededVoidFuture()
                    }
                    config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
                        counts.accept(channel)
                        return channel.eventLoop.makeSucceededVoidFuture()
                    }
                }
            )
            let server = GRPCServer(transport: transport, services: [EchoService(address: address, counts: counts)])
            self.address = address
            self.counts = counts
            self.transport = transport
            self.serving = Task { try await server.serve() }
        }

        /// Answers no call that begins from now on, and tells `held` of each.
        func hold(_ held: AsyncStream<Void>.Continuation) { counts.hold(held) }

        /// As a pod that is killed: its connections close without a word. (To cancel the server's task would do the same, but
        /// traps in NIO if a connection is accepted at that moment.)
        func kill() async {
            counts.kill()
            _ = await serving.result
        }
    }

    /// Gives the text that it gets to its server, and the server's address back.
    struct EchoService: RegistrableRPCService {
        static let method = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Say")

        let address: String
        let counts: EchoPod.Counts

        func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
            router.registerHandler(forMethod: Self.method, deserializer: Text(), serializer: Text()) { _, context in
                if counts.addCall() { try await context.cancellation.cancelled }
                return StreamingServerResponse { writer in
                    try await writer.write(address)
                    return [:]
                }
            }
        }
    }

    /// A message of text, by hand: the tests need no code generation.
    struct Text: MessageSerializer, MessageDeserializer {
        func serialize<Bytes: GRPCContiguousBytes>(_ message: String) -> Bytes {
            Bytes(message.utf8)
        }

        func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> String {
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    extension ServiceConfig {
        /// Calls that are unavailable may be repeated: they have not reached a server, or their server is gone.
        static let retryingUnavailable = ServiceConfig(methodConfig: [
            MethodConfig(
                names: [MethodConfig.Name(service: "")],
                executionPolicy: .retry(
                    RetryPolicy(
                        maxAttempts: 5,
                        initialBackoff: .milliseconds(50),
                        maxBackoff: .seconds(2),
                        backoffMultiplier: 3,
                        retryableStatusCodes: [.unavailable]
                    )
                )
            )
        ])
    }

    extension GRPCClient {
        /// The address of the pod that answers.
        func echo(options: CallOptions = .defaults) async throws -> String {
            try await unary(
                request: ClientRequest(message: "?"),
                descriptor: EchoService.method,
                serializer: Text(),
                deserializer: Text(),
                options: options
            ) { try $0.message }
        }
    }
#endif
