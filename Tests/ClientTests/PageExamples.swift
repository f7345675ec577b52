#if Tests
    import AsyncHTTPClient
    import ClusterDNS
    import ClusterDNSGRPC
    import ClusterDNSHTTPClient
    import ClusterDNSNIO
    import Foundation
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import NIOCore
    import NIOPosix
    import Testing

    /// The code of Docs/Clients.md: it is compiled, and this test sees that it is the same.
    struct PageExamples {
        @Test func `the examples of the page are ones that compile`() throws {
            let file = URL(fileURLWithPath: #filePath)
            let root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let page = try String(contentsOf: root.appendingPathComponent("Docs/Clients.md"), encoding: .utf8)
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

        /// Without imports, and without space: the source is indented, and so has its lines broken elsewhere.
        private static func statements(_ code: some StringProtocol) -> String {
            code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.hasPrefix("import ") }.joined().filter { $0 != " " }
        }
    }
#endif
