/// The settings of a resolver. A setting that differs from its default wins over everything else; one that does not is
/// taken from the environment variables (`CLUSTER_DNS_…`), then from the pod, and where neither says anything stays as
/// it is. A reader of swift-configuration takes the place of the variables: an empty one keeps them out.
public struct ResolverConfiguration: Hashable, Sendable {
    /// The namespace in which `service-b` is looked for; `nil` for that of the pod, or else `default`.
    public var namespace: String?
    /// The domain that all services of the cluster are in; `nil` for that of the pod, or else `cluster.local`.
    public var clusterDomain: String?
    /// The servers to ask, at most 16; empty for those of `resolv.conf`, or else port 53 of 127.0.0.1.
    public var nameServers: [NameServer] = []
    /// The address families to ask for.
    public var families = Families.automatic
    /// Where `resolv.conf` is.
    public var resolvConfPath = "/etc/resolv.conf"
    /// Where the hosts file is.
    public var hostsPath = "/etc/hosts"
    /// Where the pod's namespace is, if `resolv.conf` does not tell it.
    public var serviceAccountNamespacePath = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
    /// How long one lookup may take, all its queries together: 5 s, from 1 ms to 5 min.
    public var lookupTimeout = Duration.seconds(5)
    /// What a server may send over UDP, in octets: 1232, from 512 to 4096 (EDNS, RFC 6891).
    public var ednsPayload = 1232
    /// Whether a name of one or two labels is asked for outside the cluster if no service has it: false.
    public var allowsShortNamesOutside = false
    /// Endpoints of services that DNS is not asked for, by the name that a caller resolves: for development, tests, or
    /// outside of a cluster. They answer for every port: an endpoint's own port is kept, and the caller's number is filled
    /// in where it has none.
    public var staticPeers: [String: [Endpoint]] = [:]
    /// When a query that has no answer yet is sent again.
    public var retry = Retry()
    /// What is kept, and for how long.
    public var cache = Cache()
    /// The load on a name server and on the host.
    public var limits = Limits()

    public init() {}
}

extension ResolverConfiguration {
    /// When a query that has no answer yet is sent again.
    public struct Retry: Hashable, Sendable {
        /// The time before the first retry; it doubles from one to the next: 250 ms, from 1 ms to 1 min. Where the answers of
        /// a name server take longer, and no other is healthy, it is the time within which they are to be expected (RFC 6298).
        public var firstInterval = Duration.milliseconds(250)
        /// The longest time before a retry, however slow the name server: 1 s, from `firstInterval` to 1 min. After 24 messages it
        /// is 1 s at least.
        public var maximumInterval = Duration.seconds(1)

        public init() {}
    }

    /// What is kept, and for how long.
    public struct Cache: Hashable, Sendable {
        /// An answer with a shorter time to live is kept this long: 1 s, from 1 s to 1 d.
        public var minimumTTL = Duration.seconds(1)
        /// An answer with a longer time to live is kept this long: 30 s, from `minimumTTL` to 1 d.
        public var maximumTTL = Duration.seconds(30)
        /// The longest time that a negative answer is kept (RFC 2308): 5 s, from 0 to 1 h.
        public var maximumNegativeTTL = Duration.seconds(5)
        /// The time that a negative answer without an SOA record is kept: 1 s, from 0 to 1 h, and no longer than `maximumNegativeTTL`.
        public var negativeTTLWithoutSOA = Duration.seconds(1)
        /// The time after a failure before the name is asked for again; it doubles from one to the next: 1 s, from 1 ms (less
        /// than 1 s breaks RFC 9520 section 3.2) to 5 min. A handle asks after 1 s at the earliest.
        public var failureBackoff = Duration.seconds(1)
        /// The longest such time while a stale answer is held: 30 s, from `failureBackoff` to 5 min.
        public var maximumFailureBackoff = Duration.seconds(30)
        /// The longest such time without one: 5 s, from `failureBackoff` to 5 min.
        public var maximumFailureBackoffWithoutStale = Duration.seconds(5)
        /// The last fraction of the TTL, in which an answer in use, or with a handle, is refreshed: 0.2, from 0 (never)
        /// to 0.9.
        public var refreshAhead = 0.2
        /// How far three times vary at random, as a fraction of each: the lead of a refresh and the pause after a failure by
        /// plus or minus that, the time between a handle's questions by plus that only. 0.1, from 0 to 0.5.
        public var refreshJitter = 0.1
        /// How long past its TTL an answer is still given while DNS fails (RFC 8767): 1 h, from 0 (never) to 7 d. Handles keep
        /// their last set for as long as DNS fails.
        public var staleWindow = Duration.seconds(3600)
        /// How long a caller waits before a stale answer is given: 200 ms, from 0 to 1 min.
        public var staleAnswerDelay = Duration.milliseconds(200)
        /// Whether the last answer is given, within `staleWindow`, when the server says that the name (NXDOMAIN) or its
        /// records (NODATA) are gone: false.
        public var hidesDeletionsWithStale = false
        /// The shortest time between two questions for a name with a handle, whatever its TTL. It does not apply to the
        /// first time, nor after ``Peers/reportFailure(of:)`` or a failure while there is no set: 5 s, from 1 s to 1 h.
        public var handleRefreshFloor = Duration.seconds(5)
        /// The names with an answer that are kept: 4096, from 1 to 1 048 576; of their records 64 times as many. Each thread that
        /// reads has copies of what it reads, of up to as many names, until they are pushed out or the resolver goes.
        public var capacity = 4096
        /// The negative answers and failures that are kept, apart from these, one for each name and type: 4096, from 1 to
        /// 1 048 576.
        public var negativeCapacity = 4096
        /// How long past its TTL an answer that nobody asks for is kept, if longer than `staleWindow`; and how long a short name
        /// that is gone still stands for the same absolute name: 5 min, from 1 s to 7 d.
        public var unusedLifetime = Duration.seconds(300)

        public init() {}
    }

    /// The load on a name server and on the host.
    public struct Limits: Hashable, Sendable {
        /// The queries in flight to one server: 64, from 1 to 1024. Names outside the cluster have half of them at most.
        public var queriesInFlight = 64
        /// The queries that wait behind these before lookups fail as `overloaded`: 16 384, from 1 to 1 048 576. Names outside the
        /// cluster have half of them at most.
        public var queueLength = 16384
        /// The time that one source port is used: 30 s, from 1 s to 1 h.
        public var sourcePortLifetime = Duration.seconds(30)
        /// The queries that leave from one source port: 100, from 1 to 10 000.
        public var sourcePortQueries = 100

        public init() {}
    }
}
