#if GRPC
    public import ClusterDNS
    public import GRPCNIOTransportHTTP2Posix

    extension ResolvableTargets {
        /// A service of the cluster, found by a `ClusterResolver`.
        public struct Kubernetes: ResolvableTarget, Hashable, Sendable {
            /// How calls are spread over the service's endpoints. Each policy wants the endpoints in another form.
            public enum Balancing: Hashable, Sendable {
                /// `round_robin`: a connection to each endpoint, and calls take turns. For headless services.
                case roundRobin
                /// `pick_first`: one connection, to the first endpoint that can be reached, in random order. For
                /// ClusterIP services, whose one address the cluster balances, and under a mesh.
                case pickFirst
            }

            /// As for `ClusterResolver.resolve(_:port:timeout:)`: `service-b`, `service-b.payments`, a full name.
            public var name: String
            /// The port to connect to: a number is filled in, a name is asked of DNS.
            public var port: ClusterDNS.Port
            /// The transport's `ServiceConfig` has to match.
            public var balancing: Balancing

            public init(name: String, port: ClusterDNS.Port, balancing: Balancing = .roundRobin) {
                self.name = name
                self.port = port
                self.balancing = balancing
            }
        }
    }

    extension ResolvableTarget where Self == ResolvableTargets.Kubernetes {
        /// A service of the cluster.
        ///
        /// - Parameters:
        ///   - service: its name; without a namespace any name that a `ClusterResolver` takes.
        ///   - namespace: its namespace; `nil` for that of the pod, or where the name says it.
        ///   - port: the port to connect to: a number is filled in, a name is asked of DNS.
        ///   - balancing: how calls are spread over the endpoints.
        public static func kubernetes(
            _ service: String,
            namespace: String? = nil,
            port: ClusterDNS.Port,
            balancing: ResolvableTargets.Kubernetes.Balancing = .roundRobin
        ) -> Self {
            Self(name: namespace.map { "\(service).\($0).svc" } ?? service, port: port, balancing: balancing)
        }
    }
#endif
