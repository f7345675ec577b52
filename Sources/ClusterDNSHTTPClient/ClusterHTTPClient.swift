#if HTTPClient
    public import AsyncHTTPClient
    public import ClusterDNS
    public import Logging
    public import NIOCore
    internal import NIOHTTP1
    public import NIOPosix
    public import ServiceLifecycle
    internal import Synchronization

    /// HTTP to the services of the cluster: AsyncHTTPClient, with the endpoints that a `ClusterResolver` finds.
    ///
    /// ```swift
    /// let client = ClusterHTTPClient(resolver: resolver)
    /// let response = try await client.execute(HTTPClientRequest(url: "http://service-b/api/data"), timeout: .seconds(5))
    /// ```
    ///
    /// Requests to a service take turns among its endpoints. If no connection can be made to one, so that nothing of the
    /// request was sent, the endpoint is passed over for 5 s and the request goes to the next, within its deadline; without a
    /// next, as for a ClusterIP service, to the same one after a pause. There are five attempts at most. If all connections
    /// to an endpoint stay in use for `timeout.connect`, the request goes to the next, too.
    ///
    /// Handles on names (256 at most) and connections (to 4096 pairs of name and address at most) are kept until about 5
    /// minutes after the last request. Make one client for a process; any task may use it.
    ///
    /// A client works from the moment that it is made. As a `Service` it also ends with the others: list it after the
    /// resolver and before those who send requests.
    public final class ClusterHTTPClient: Sendable {
        private struct Name: Hashable {
            let host: String
            let port: Port
        }

        /// The name that a URL has, which certificates are checked against, and an address to connect to.
        private struct NamedAddress: Hashable {
            let host: String
            let address: IPAddress
        }

        private struct State: Sendable {
            var peers = RecentlyUsed<Name, Peers>(capacity: 256, lifetime: .minutes(5))
            /// AsyncHTTPClient forgets no address that it ever connected to, so it is its clients that are let go.
            var clients = RecentlyUsed<NamedAddress, OwnedClient>(capacity: 4096, lifetime: .minutes(5))
            var isSweepScheduled = false
            var isShutDown = false
        }

        /// How often a request is tried, at most.
        private static let maximumAttempts = 5
        /// Before a request is tried where it was tried before: what stands behind one address may be another pod then. The
        /// next pause is twice as long.
        private static let firstPause = Duration.milliseconds(100)

        private let resolver: ClusterResolver
        private let configuration: HTTPClient.Configuration
        /// Whether a request is tried again where there is no other endpoint.
        private let isPersistent: Bool
        private let group: any EventLoopGroup
        /// For what is no service: URLs of other schemes.
        private let others: OwnedClient
        private let state = Mutex(State())

        /// A client.
        ///
        /// - Parameters:
        ///   - resolver: finds the endpoints.
        ///   - configuration: as for any `HTTPClient`, but for four things. `connectionPool.retryConnectionEstablishment` is
        ///     seen to here, by trying other endpoints first; if it is off, no endpoint is tried twice. `timeout.connect` is
        ///     2 s if nothing is set. Redirects are not followed: AsyncHTTPClient would look up the next name itself, and send
        ///     the old one as `Host`. `dnsOverride` and `dnsResolver` have no effect on names that are looked up here: the
        ///     resolver's `staticPeers` have.
        ///   - eventLoopGroup: where connections live.
        public init(
            resolver: ClusterResolver,
            configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
            eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
        ) {
            isPersistent = configuration.connectionPool.retryConnectionEstablishment
            var configuration = configuration
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.timeout.connect = configuration.timeout.connect ?? .seconds(2)
            configuration.redirectConfiguration = .disallow
            self.resolver = resolver
            self.configuration = configuration
            self.group = eventLoopGroup
            self.others = OwnedClient(configuration, on: eventLoopGroup)
        }

        /// Sends a request to one of the endpoints of the service that its URL names.
        ///
        /// - Parameters:
        ///   - request: its URL's host is a name as for `ClusterResolver.resolve(_:port:timeout:)`, and is sent as `Host` unless
        ///     the request has that field. URLs of other schemes than `http` and `https` go to
        ///     AsyncHTTPClient as they are.
        ///   - port: the service's port by name or number; that of the URL, if `nil`, or else 80 or 443. A name is asked of
        ///     DNS, and answered for a headless service with the port of each pod. Behind such a service a number is the pods'
        ///     own port: nothing maps it.
        ///   - deadline: when the response's head must have come.
        ///   - logger: for AsyncHTTPClient.
        /// - Returns: the response; its body is still to come.
        /// - Throws: `ClusterDNSError` where there is no endpoint, none was found before the deadline, or the URL breaks a rule
        ///   (`invalidName`); `CancellationError`, or
        ///   AsyncHTTPClient's own error of the last attempt, `alreadyShutdown` among them.
        public func execute(
            _ request: HTTPClientRequest,
            port: Port? = nil,
            deadline: NIODeadline,
            logger: Logger? = nil
        ) async throws -> HTTPClientResponse {
            try await executeReportingEndpoint(request, port: port, deadline: deadline, logger: logger).response
        }

        /// Sends a request, as ``execute(_:port:deadline:logger:)`` does, and tells which endpoint it was sent to: for a log, or to
        /// have it passed over by `reportFailure(of:)` of a handle on the same name and port.
        ///
        /// - Parameters:
        ///   - request: as there.
        ///   - port: as there.
        ///   - deadline: as there.
        ///   - logger: as there.
        /// - Returns: the response, and the endpoint that it comes from; no endpoint for URLs of other schemes than `http` and
        ///   `https`.
        /// - Throws: as there.
        public func executeReportingEndpoint(
            _ request: HTTPClientRequest,
            port: Port? = nil,
            deadline: NIODeadline,
            logger: Logger? = nil
        ) async throws -> (response: HTTPClientResponse, endpoint: Endpoint?) {
            guard let url = try ServiceURL(request.url) else {
                let response = try await others.client.execute(request, deadline: deadline, logger: logger)
                return (response.holding(others), nil)
            }
            let peers = try peers(Name(host: url.host, port: port ?? .number(url.port ?? url.scheme.defaultPort)))
            var tried: Set<Endpoint.Identity> = []
            var attempts = 0
            var pause = Self.firstPause
            while true {
                let endpoint = try await next(of: peers, notIn: tried, deadline)
                do {
                    return (try await execute(request, url, at: endpoint, deadline, logger), endpoint)
                } catch  where isConnectionFailure(error) || isBusy(error) {
                    logger?.debug(
                        "No connection to an endpoint",
                        metadata: ["name": "\(url.host)", "endpoint": "\(endpoint)", "error": "\(error)"]
                    )
                    if !isBusy(error) { peers.reportFailure(of: endpoint) }
                    tried.insert(endpoint.identity)
                    attempts += 1
                    guard deadline > .now(), attempts < Self.maximumAttempts else { throw error }
                    let isAnotherLeft = peers.current?.contains { !tried.contains($0.identity) } ?? false
                    if isAnotherLeft { continue }
                    guard isPersistent, !isBusy(error), pause < deadline.timeLeft else { throw error }
                    try await Task.sleep(for: pause)
                    pause += pause
                    tried = []
                }
            }
        }

        /// Sends a request, as ``execute(_:port:deadline:logger:)`` does.
        ///
        /// - Parameters:
        ///   - request: as there.
        ///   - port: as there.
        ///   - timeout: the time until the response's head must have come.
        ///   - logger: as there.
        /// - Throws: as there.
        public func execute(
            _ request: HTTPClientRequest,
            port: Port? = nil,
            timeout: TimeAmount,
            logger: Logger? = nil
        ) async throws -> HTTPClientResponse {
            try await execute(request, port: port, deadline: .now() + timeout, logger: logger)
        }

        /// Sends a request, as ``executeReportingEndpoint(_:port:deadline:logger:)`` does.
        ///
        /// - Parameters:
        ///   - request: as there.
        ///   - port: as there.
        ///   - timeout: the time until the response's head must have come.
        ///   - logger: as there.
        /// - Returns: as there.
        /// - Throws: as there.
        public func executeReportingEndpoint(
            _ request: HTTPClientRequest,
            port: Port? = nil,
            timeout: TimeAmount,
            logger: Logger? = nil
        ) async throws -> (response: HTTPClientResponse, endpoint: Endpoint?) {
            try await executeReportingEndpoint(request, port: port, deadline: .now() + timeout, logger: logger)
        }

        /// Ends the client: its connections are closed, and its handles given back. Requests under way and later ones fail.
        ///
        /// A client that is let go ends when the last response has been read.
        ///
        /// - Throws: AsyncHTTPClient's error, `alreadyShutdown` at the second call.
        public func shutdown() async throws {
            let (_, clients) = state.withLock { state in
                state.isShutDown = true
                return (state.peers.removeAll(), state.clients.removeAll())
            }
            for owned in clients + [others] { try await owned.client.shutdown().get() }
        }
    }

    extension ClusterHTTPClient: Service {
        /// Waits for graceful shutdown or cancellation, then calls ``shutdown()``.
        ///
        /// - Throws: AsyncHTTPClient's error, if its connections do not close.
        public func run() async throws {
            try? await gracefulShutdown()
            do {
                try await shutdown()
            } catch let error as HTTPClientError where error == .alreadyShutdown {
                // By somebody else, which is as well.
            }
        }
    }

    extension ClusterHTTPClient {
        private func execute(
            _ request: HTTPClientRequest,
            _ url: ServiceURL,
            at endpoint: Endpoint,
            _ deadline: NIODeadline,
            _ logger: Logger?
        ) async throws -> HTTPClientResponse {
            var request = request
            if !request.headers.contains(name: "host") { request.headers.add(name: "host", value: url.hostField) }
            // The client connects to the address in place of the name, and checks a certificate against the name.
            let owned = try client(for: NamedAddress(host: url.hostWithoutDot, address: endpoint.address))
            request.url = "\(url.scheme)://\(url.bracketedHost):\(endpoint.port ?? url.scheme.defaultPort)\(url.rest)"
            return try await owned.client.execute(request, deadline: deadline, logger: logger).holding(owned)
        }

        /// An endpoint in its turn. One that was tried comes again if others are passed over, too; those are tried then.
        private func next(
            of peers: Peers,
            notIn tried: Set<Endpoint.Identity>,
            _ deadline: NIODeadline
        ) async throws -> Endpoint {
            let endpoint = try await peers.next(timeout: deadline.timeLeft)
            guard tried.contains(endpoint.identity) else { return endpoint }
            return peers.current?.first { !tried.contains($0.identity) } ?? endpoint
        }

        private func peers(_ name: Name) throws -> Peers {
            // One that had to go is released here, behind the lock.
            let (peers, _) = try state.withLock { state in
                guard !state.isShutDown else { throw HTTPClientError.alreadyShutdown }
                return state.peers.value(name, now: .now()) { resolver.peers(name.host, port: name.port) }
            }
            scheduleSweep()
            return peers
        }

        private func client(for name: NamedAddress) throws -> OwnedClient {
            let (client, _) = try state.withLock { state in
                guard !state.isShutDown else { throw HTTPClientError.alreadyShutdown }
                return state.clients.value(name, now: .now()) {
                    var configuration = configuration
                    configuration.dnsOverride[name.host] = name.address.description
                    return OwnedClient(configuration, on: group)
                }
            }
            return client
        }
    }

    // MARK: What is used no longer

    extension ClusterHTTPClient {
        private static let sweepInterval = TimeAmount.seconds(75)

        /// Has what is used no longer given back in a while, whether anybody sends requests then or not.
        private func scheduleSweep() {
            let isNew = state.withLock { state in
                defer { state.isSweepScheduled = true }
                return !state.isSweepScheduled
            }
            guard isNew else { return }
            group.any().scheduleTask(in: Self.sweepInterval) { [weak self] in self?.sweep() }
        }

        private func sweep() {
            let (isEmpty, _) = state.withLock { state in
                state.isSweepScheduled = false
                let gone = (state.peers.removeUnused(now: .now()), state.clients.removeUnused(now: .now()))
                return (state.peers.count == 0 && state.clients.count == 0, gone)
            }
            if !isEmpty { scheduleSweep() }
        }
    }

    extension NIODeadline {
        fileprivate var timeLeft: Duration {
            .nanoseconds(max(0, (self - .now()).nanoseconds))
        }
    }
#else
    /// Stands behind the trait `HTTPClient` of the package.
    @available(*, unavailable, message: "add the trait HTTPClient to your dependency on swift-cluster-dns")
    public enum ClusterHTTPClient {}
#endif
