import AsyncHTTPClient
import ClusterDNS
import ClusterDNSGRPC
import ClusterDNSHTTPClient
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import ServiceLifecycle
import Shared

/// `service-b`, as `service-a` sees it.
enum ServiceB {
    /// The headless Service in front of its pods: the client balances.
    static let name = "service-b-pods"

    struct Client: Sendable {
        private let url: String
        private let http: ClusterHTTPClient
        private let grpc: GRPCClient<HTTP2ClientTransport.Posix>

        /// What has to run for calls over gRPC.
        var connections: any Service { GRPCClientService(grpc) }

        /// - Parameter namespace: that of `service-b`; the pod's own, if nothing.
        init(namespace: String?, resolver: ClusterResolver, http: ClusterHTTPClient) throws {
            self.http = http
            self.url = "http://\([ServiceB.name, namespace].compactMap { $0 }.joined(separator: "."))/api/data"
            self.grpc = GRPCClient(
                transport: try HTTP2ClientTransport.Posix(
                    target: .kubernetes(ServiceB.name, namespace: namespace, port: "grpc"),
                    resolver: resolver,
                    transportSecurity: .plaintext,
                    serviceConfig: .retryingUnavailable
                )
            )
        }

        /// The pod that answers. The port is found by its name, so that the manifest alone knows its number.
        func overHTTP() async throws -> String {
            let response = try await http.execute(HTTPClientRequest(url: url), port: "http", timeout: .seconds(5))
            guard response.status == .ok else { throw UnexpectedStatus(code: response.status.code, url: url) }
            return String(buffer: try await response.body.collect(upTo: 1024))
        }

        func overGRPC() async throws -> String {
            var options = CallOptions.defaults
            options.timeout = .seconds(5)
            return try await grpc.unary(
                request: ClientRequest(message: "who?"),
                descriptor: Who.method,
                serializer: Text(),
                deserializer: Text(),
                options: options
            ) { try $0.message }
        }
    }

    struct UnexpectedStatus: Error {
        let code: UInt
        let url: String
    }
}

extension ServiceConfig {
    /// A call that is unavailable has reached no pod, or one that is going, or its connection broke while it was under way.
    /// The question of this service may be asked twice, so another pod may answer it.
    fileprivate static let retryingUnavailable = ServiceConfig(methodConfig: [
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
