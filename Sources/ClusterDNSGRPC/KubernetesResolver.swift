#if GRPC
    public import ClusterDNS
    internal import GRPCCore
    public import GRPCNIOTransportHTTP2Posix

    extension NameResolvers {
        /// Finds ``ResolvableTargets/Kubernetes`` targets, and tells the transport when their endpoints change.
        ///
        /// The authority, against which TLS checks certificates, is the target's name, with the port if that is a number;
        /// `Config.http2.authority` overrides it. An address gives none: SNI has names only (RFC 6066 section 3). No service
        /// configuration is given: it would replace the user's.
        public struct Kubernetes: NameResolverFactory, Sendable {
            private let resolver: ClusterResolver

            public init(_ resolver: ClusterResolver) {
                self.resolver = resolver
            }

            public func resolver(for target: ResolvableTargets.Kubernetes) -> NameResolver {
                NameResolver(
                    names: RPCAsyncSequence(
                        wrapping: ResolutionResults(
                            peers: resolver.peers(target.name, port: target.port),
                            target: target
                        )
                    ),
                    updateMode: .push,
                    authority: target.authority
                )
            }
        }
    }

    extension ResolvableTargets.Kubernetes {
        var authority: String? {
            guard IPAddress(name) == nil else { return nil }
            var host = name
            // A name in SNI has no last dot (RFC 6066 section 3).
            if host.last == "." { host.removeLast() }
            return port.number.map { "\(host):\($0)" } ?? host
        }
    }
#endif
