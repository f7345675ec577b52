import AsyncHTTPClient
import ClusterDNS
import ClusterDNSHTTPClient
import Hummingbird
import ServiceLifecycle
import Shared

/// Answers `GET /api/data` with what `service-b` says, over HTTP and over gRPC, in its own namespace and in another one.
@main
struct ServiceA {
    static func main() async throws {
        let start = try await Start("service-a")
        // Nothing has to be set in a pod. What is set has the keys of Docs/Configuration.md: CLUSTER_DNS_TIMEOUT=2s.
        let resolver = try ClusterResolver(config: start.config, logger: start.logger)
        let http = ClusterHTTPClient(resolver: resolver)
        let own = try ServiceB.Client(namespace: nil, resolver: resolver, http: http)
        let other = try ServiceB.Client(
            namespace: start.config.string(forKey: "other.namespace", default: "payments"),
            resolver: resolver,
            http: http
        )

        let router = Router()
        router.add(middleware: MetricsMiddleware())
        router.get("api/data") { _, context in
            do {
                async let ownHTTP = own.overHTTP()
                async let ownGRPC = own.overGRPC()
                async let otherHTTP = other.overHTTP()
                async let otherGRPC = other.overGRPC()
                return try await [
                    Answer(namespace: "own", via: "http", pod: ownHTTP),
                    Answer(namespace: "own", via: "grpc", pod: ownGRPC),
                    Answer(namespace: "other", via: "http", pod: otherHTTP),
                    Answer(namespace: "other", via: "grpc", pod: otherGRPC),
                ]
            } catch {
                context.logger.warning("service-b does not answer", metadata: ["error": "\(error)"])
                throw HTTPError(.badGateway)
            }
        }
        // The server ends first, then the connections that its requests use, then the resolver that finds their peers.
        try await start.run([resolver, http, own.connections, other.connections, start.httpServer(router)])
    }
}

struct Answer: ResponseCodable {
    let namespace: String
    let via: String
    let pod: String
}
