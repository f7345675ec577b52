#if Tests
    import AsyncHTTPClient
    import ClusterDNS
    import ClusterDNSGRPC
    import ClusterDNSHTTPClient
    import ClusterDNSNIO
    import Foundation
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import Logging
    import NIOCore
    import NIOPosix
    import ServiceLifecycle
    import Testing

    /// The code of two pages: it is compiled, and this test sees that it is the same.
    struct PageExamples {
        @Test("The examples of the pages are ones that compile", arguments: ["Docs/Clients.md", "Docs/Services.md"])
        func compiled(_ page: String) throws {
            let file = URL(fileURLWithPath: #filePath)
            let root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let page = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
            let source = Self.statements(try String(contentsOf: file, encoding: .utf8))
            let examples = page.matches(of: #/```swift\n(?<code>[^`]*)```/#).map(\.code).filter {
                !$0.hasPrefix(".package")
            }
            #expect(examples.count == 4)
            for example in examples { #expect(source.contains(Self.statements(example)), "\(example)") }
        }

        private func connect(_ resolver: ClusterResolver, _ group: MultiThreadedEventLoopGroup) async throws {
            let channel = try await ClientBootstrap(group: group)
                .resolver(resolver.nioResolver())
                .connect(host: "service-b", port: 8080).get()
            try await channel.close()
        }

        private func call(_ resolver: ClusterResolver) async throws {
            let transport = try HTTP2ClientTransport.Posix(
                target: .kubernetes("service-b", namespace: "payments", port: "grpc"),
                resolver: resolver,
                transportSecurity: .plaintext
            )
            try await withGRPCClient(transport: transport) { client in
                // calls
            }
        }

        private var serviceConfig: ServiceConfig {
            let serviceConfig = ServiceConfig(methodConfig: [
                MethodConfig(
                    names: [MethodConfig.Name(service: "orders.Orders", method: "Get")],
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
            return serviceConfig
        }

        private func ask(_ resolver: ClusterResolver) async throws -> [HTTPClientResponse] {
            let client = ClusterHTTPClient(resolver: resolver)
            let response = try await client.execute(
                HTTPClientRequest(url: "http://service-b/api/data"),
                timeout: .seconds(5)
            )
            let other = try await client.execute(
                HTTPClientRequest(url: "http://service-b.other-ns:8080/"),
                timeout: .seconds(5)
            )
            let named = try await client.execute(
                HTTPClientRequest(url: "http://service-b/"),
                port: "http",
                timeout: .seconds(5)
            )
            return [response, other, named]
        }

        // GRPCCore has one, too.
        private typealias Endpoint = ClusterDNS.Endpoint

        private struct Order {}

        private struct ConnectionError: Error {}

        private struct Orders {
            let peers: Peers
            let logger: Logger

            func order(_ id: String) async throws -> Order {
                // Two endpoints at most that cannot be reached: one that is gone and another that is going.
                for _ in 0..<2 {
                    let endpoint = try await peers.next(timeout: .seconds(1))
                    do {
                        return try await fetch(id, from: endpoint)
                    } catch let error as ConnectionError {
                        logger.debug("\(endpoint): \(error)")
                        peers.reportFailure(of: endpoint)
                    }
                }
                return try await fetch(id, from: peers.next(timeout: .seconds(1)))
            }

            private func fetch(_ id: String, from endpoint: Endpoint) async throws -> Order { Order() }
        }

        private struct Start: Service {
            let resolver: ClusterResolver

            func run() async throws {
                do {
                    _ = try await cancelWhenGracefulShutdown {
                        try await resolver.waitUntilResolvable("database", timeout: .seconds(60))
                    }
                } catch is CancellationError {
                    return
                }
                try await work()
            }

            private func work() async throws {}
        }

        private func standIns() throws -> (Peers, Peers, ClusterResolver) {
            let endpoint = Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 8080)
            let still = Peers.fixed([endpoint])
            let (changing, update) = Peers.makeControlled([endpoint])
            update([])

            var configuration = ResolverConfiguration()
            configuration.staticPeers = ["service-b": [endpoint]]
            let resolver = try ClusterResolver(configuration)
            return (still, changing, resolver)
        }

        /// Without imports, and without space: the source is indented, and so has its lines broken elsewhere.
        private static func statements(_ code: some StringProtocol) -> String {
            code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.hasPrefix("import ") }.joined().filter { $0 != " " }
        }
    }
#endif
