#if HTTPClient
    internal import AsyncHTTPClient
    internal import NIOCore

    /// A client that is shut down when nobody has it any more.
    final class OwnedClient: Sendable {
        let client: HTTPClient

        init(_ configuration: HTTPClient.Configuration, on group: any EventLoopGroup) {
            client = HTTPClient(eventLoopGroup: group, configuration: configuration)
        }

        deinit {
            client.shutdown { _ in }
        }
    }

    extension HTTPClientResponse {
        /// The response, with a body that keeps the client alive which it comes through.
        func holding(_ client: OwnedClient) -> HTTPClientResponse {
            var response = self
            response.body = .stream(HeldBody(body: body, client: client))
            return response
        }
    }

    private struct HeldBody: AsyncSequence, Sendable {
        let body: HTTPClientResponse.Body
        let client: OwnedClient

        struct AsyncIterator: AsyncIteratorProtocol {
            var body: HTTPClientResponse.Body.AsyncIterator
            let client: OwnedClient

            mutating func next() async throws -> ByteBuffer? {
                try await body.next()
            }
        }

        func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(body: body.makeAsyncIterator(), client: client)
        }
    }
#endif
