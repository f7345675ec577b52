#if GRPC
    internal import ClusterDNS
    internal import GRPCCore
    internal import GRPCNIOTransportHTTP2Posix
    internal import Synchronization

    /// The endpoints of a service for a gRPC channel, whenever they change.
    ///
    /// What a channel makes of it (grpc-swift-nio-transport 2.9) says what it has to do:
    /// - A channel fails the calls that wait when an iterator throws, and makes another one after a backoff. So one throws only
    ///   while there has been no endpoint yet. After that a failure, or a service scaled to zero, tells the channel nothing, and
    ///   it goes on with what it has.
    /// - The backoff grows to two minutes, unless the iterator before has given something. A channel passes over an empty list,
    ///   but counts it as that.
    /// - `round_robin` forgets an endpoint that sent GOAWAY until it is told of it again, and a resolver that pushes does
    ///   not learn of that. So the set is told again every second; an unchanged one costs the channel a comparison. But one
    ///   that is told again while endpoints of the set before still serve, until there are connections to those in their
    ///   place, ends these at once: after a change by which endpoints went it is told again when connections have had time.
    /// - `pick_first` connects anew whenever it is told anything, and so is told of changes only.
    final class ResolutionResults: AsyncSequence, Sendable {
        typealias Element = NameResolutionResult
        typealias Failure = any Error

        let peers: Peers
        let target: ResolvableTargets.Kubernetes
        /// How long a try that is not the first waits for endpoints.
        private let patience = Duration.seconds(1)
        private let isTriedAgain = Atomic(false)

        init(peers: Peers, target: ResolvableTargets.Kubernetes) {
            self.peers = peers
            self.target = target
        }

        func makeAsyncIterator() -> AsyncIterator {
            let isFirst = !isTriedAgain.exchange(true, ordering: .relaxed)
            return AsyncIterator(results: self, changes: peers.changes.makeAsyncIterator(), isFirst: isFirst)
        }

        struct AsyncIterator: AsyncIteratorProtocol {
            private let results: ResolutionResults
            private var changes: PeerChanges.AsyncIterator
            private let isFirst: Bool
            private var hasBegun = false
            private var last: NameResolutionResult?
            private var repetition = Repetition()

            init(results: ResolutionResults, changes: PeerChanges.AsyncIterator, isFirst: Bool) {
                self.results = results
                self.changes = changes
                self.isFirst = isFirst
            }

            mutating func next() async throws -> NameResolutionResult? {
                // A failure ends the first try at once. Who tries again has heard of it, and waits for something better.
                if !hasBegun {
                    hasBegun = true
                    guard isFirst else { return NameResolutionResult(endpoints: [], serviceConfig: nil) }
                    _ = try await results.peers.next()
                }
                while true {
                    let changes = changes
                    let arrival = try await outcome(within: limit) {
                        var changes = changes
                        return (try await changes.next(), changes)
                    }
                    guard let (change, next) = arrival else {
                        if let last { return last }
                        _ = try await results.peers.next()
                        continue
                    }
                    self.changes = next
                    guard let change else { throw results.shutDown }
                    if let result = results.result(for: change.endpoints) {
                        // Of the set that was told last: an empty one between the two was not.
                        let gone = Set(last?.endpoints ?? []).subtracting(result.endpoints)
                        repetition.told(isReplacement: !gone.isEmpty, now: .now)
                        last = result
                        return result
                    }
                    if last == nil, !change.endpoints.isEmpty { throw results.withoutPort }
                }
            }

            private var limit: Duration? {
                if last == nil { return results.patience }
                return results.target.balancing == .roundRobin ? repetition.pause(now: .now) : nil
            }
        }

        /// `nil` for a set without endpoints, or without a port for any of them.
        private func result(for set: EndpointSet) -> NameResolutionResult? {
            // Only those of the lowest priority are used (RFC 2782).
            let priority = set.compactMap(\.priority).min()
            let addresses = set.filter { $0.priority == priority }.compactMap(SocketAddress.init)
            guard !addresses.isEmpty else { return nil }
            let endpoints: [GRPCNIOTransportCore.Endpoint] =
                switch target.balancing {
                case .roundRobin: addresses.map { .init(addresses: [$0]) }
                case .pickFirst: [.init(addresses: addresses.shuffled())]
                }
            return NameResolutionResult(endpoints: endpoints, serviceConfig: nil)
        }

        /// Static peers may have none, whatever the channel's target says.
        private var withoutPort: ClusterDNSError {
            ClusterDNSError(
                code: .noRecords,
                message: "\(target.name): none of its endpoints has a port: static peers need one each",
                name: target.name
            )
        }

        private var shutDown: ClusterDNSError {
            ClusterDNSError(code: .shutDown, message: "\(target.name): the resolver was shut down", name: target.name)
        }
    }

    /// When a set is told again that did not change.
    struct Repetition {
        private static let interval = Duration.seconds(1)
        /// How long connections may take: SwiftNIO's time for one is 10 s, and TLS follows.
        private static let replacementTime = Duration.seconds(15)

        /// Until when connections may still be made in the place of others.
        private var replacedUntil: ContinuousClock.Instant?

        /// - Parameter isReplacement: whether endpoints of the set before are not in this one.
        mutating func told(isReplacement: Bool, now: ContinuousClock.Instant) {
            if isReplacement { replacedUntil = now + Self.replacementTime }
        }

        func pause(now: ContinuousClock.Instant) -> Duration {
            max(Self.interval, replacedUntil.map { now.duration(to: $0) } ?? .zero)
        }
    }

    extension SocketAddress {
        /// `nil` without a port.
        fileprivate init?(_ endpoint: ClusterDNS.Endpoint) {
            guard let port = endpoint.port.map(Int.init) else { return nil }
            let host = endpoint.address.description
            switch endpoint.address.family {
            case .ipv4: self = .ipv4(host: host, port: port)
            case .ipv6: self = .ipv6(host: host, port: port)
            }
        }
    }

    /// What `body` gives, or `nil` if that takes longer than the limit.
    private func outcome<Value: Sendable>(
        within limit: Duration?,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        guard let limit else { return try await body() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
#endif
