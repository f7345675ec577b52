#if GRPC
    public import ClusterDNS
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix
    public import NIOCore
    public import NIOPosix

    extension HTTP2ClientTransport.Posix {
        /// A transport to a service of the cluster.
        ///
        /// ```swift
        /// let transport = try HTTP2ClientTransport.Posix(
        ///     target: .kubernetes("service-b", namespace: "payments", port: "grpc"),
        ///     resolver: resolver,
        ///     transportSecurity: .plaintext
        /// )
        /// ```
        ///
        /// - Parameters:
        ///   - target: the service.
        ///   - resolver: finds its endpoints, and goes on doing so for as long as the transport is there.
        ///   - transportSecurity: as for any transport. Certificates are checked against the target's name.
        ///   - config: as for any transport.
        ///   - serviceConfig: as for any transport, but for `loadBalancingConfig`, which the target's balancing replaces.
        ///   - eventLoopGroup: as for any transport.
        /// - Throws: what the transport's own initializer throws. Names are looked up later: calls fail with `unavailable`
        ///   and a `ClusterDNSError` as its cause.
        public init(
            target: ResolvableTargets.Kubernetes,
            resolver: ClusterResolver,
            transportSecurity: TransportSecurity,
            config: Config = .defaults,
            serviceConfig: ServiceConfig = ServiceConfig(),
            eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
        ) throws {
            var registry = NameResolverRegistry()
            registry.registerFactory(NameResolvers.Kubernetes(resolver))
            // A connection that ends may be that of a pod that has gone, and a channel does not tell its name resolver.
            let peers = resolver.peers(target.name, port: target.port)
            var config = config
            let onCreate = config.channelDebuggingCallbacks.onCreateTCPConnection
            config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
                channel.closeFuture.whenComplete { _ in peers.askAgain() }
                return onCreate?(channel) ?? channel.eventLoop.makeSucceededVoidFuture()
            }
            var serviceConfig = serviceConfig
            switch target.balancing {
            case .roundRobin: serviceConfig.loadBalancingConfig = [.roundRobin]
            case .pickFirst: serviceConfig.loadBalancingConfig = [.pickFirst(shuffleAddressList: false)]
            }
            try self.init(
                target: target,
                transportSecurity: transportSecurity,
                config: config,
                resolverRegistry: registry,
                serviceConfig: serviceConfig,
                eventLoopGroup: eventLoopGroup
            )
        }
    }

    extension ClientTransport where Self == HTTP2ClientTransport.Posix {
        /// A transport to a service of the cluster; see
        /// `HTTP2ClientTransport.Posix.init(target:resolver:transportSecurity:config:serviceConfig:eventLoopGroup:)`.
        ///
        /// - Parameters: as there.
        /// - Throws: as there.
        public static func http2NIOPosix(
            target: ResolvableTargets.Kubernetes,
            resolver: ClusterResolver,
            transportSecurity: HTTP2ClientTransport.Posix.TransportSecurity,
            config: HTTP2ClientTransport.Posix.Config = .defaults,
            serviceConfig: ServiceConfig = ServiceConfig(),
            eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
        ) throws -> Self {
            try HTTP2ClientTransport.Posix(
                target: target,
                resolver: resolver,
                transportSecurity: transportSecurity,
                config: config,
                serviceConfig: serviceConfig,
                eventLoopGroup: eventLoopGroup
            )
        }
    }
#endif
