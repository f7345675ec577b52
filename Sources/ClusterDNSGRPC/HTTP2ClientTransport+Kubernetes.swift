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
#endif
