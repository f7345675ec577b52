import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Hummingbird
import Shared

/// Says over HTTP and over gRPC which pod it is.
@main
struct ServiceB {
    static func main() async throws {
        let start = try await Start("service-b")
        let pod = start.config.string(forKey: "pod.name", default: "service-b")
        let router = Router()
        router.add(middleware: MetricsMiddleware())
        router.get("api/data") { _, _ in pod }
        let grpc = GRPCServer(
            transport: HTTP2ServerTransport.Posix(
                address: .ipv4(host: start.host, port: start.config.int(forKey: "grpc.port", default: 50051)),
                transportSecurity: .plaintext
            ),
            services: [WhoService(pod: pod)]
        )
        try await start.run([GRPCServerService(grpc), start.httpServer(router)])
    }
}

struct WhoService: RegistrableRPCService {
    let pod: String

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(forMethod: Who.method, deserializer: Text(), serializer: Text()) { _, _ in
            StreamingServerResponse { writer in
                try await writer.write(pod)
                return [:]
            }
        }
    }
}
