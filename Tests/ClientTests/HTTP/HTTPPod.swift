#if Tests
    import FlyingFox
    import FlyingSocks
    import Foundation

    /// An HTTP server that answers with its address, and what was asked of which host.
    struct HTTPPod {
        let address: String
        private let server: HTTPServer
        private let serving: Task<Void, any Error>

        static func start(_ address: String, port: Int) async throws -> HTTPPod {
            let server = HTTPServer(address: try .inet(ip4: address, port: UInt16(port)))
            await server.appendRoute("*") { request in
                let body = try await request.bodyData
                let text = "\(address) \(request.method.rawValue) \(request.path) \(request.headers[.host] ?? "")"
                return HTTPResponse(statusCode: .ok, body: Data(text.utf8) + body)
            }
            let serving = Task { try await server.run() }
            try await server.waitUntilListening()
            return HTTPPod(address: address, server: server, serving: serving)
        }

        func stop() async {
            await server.stop(timeout: 0)
            _ = await serving.result
        }
    }
#endif
