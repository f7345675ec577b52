internal import ClusterDNS
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Answers the two queries of a connection, A and AAAA, with one lookup.
final class ConnectionResolver: NIOPosix.Resolver, Sendable {
    private struct Target: Hashable {
        let host: String
        let port: Int
    }

    private struct State {
        var lastID: UInt64 = 0
        /// Lookups under way.
        var lookups: [UInt64: Lookup] = [:]
        /// Those of them whose other family nobody has asked for yet.
        var halves: [Target: (id: UInt64, taken: IPAddress.Family)] = [:]
    }

    private struct Lookup {
        let answers: Answers
        let task: Task<Void, Never>
    }

    private let resolver: ClusterResolver
    private let state = Mutex(State())

    init(_ resolver: ClusterResolver) {
        self.resolver = resolver
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(.ipv4, Target(host: host, port: port))
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(.ipv6, Target(host: host, port: port))
    }

    func cancelQueries() {
        let lookups = state.withLock { state in
            state.halves = [:]
            defer { state.lookups = [:] }
            return Array(state.lookups.values)
        }
        for lookup in lookups { lookup.task.cancel() }
    }

    private func addresses(_ family: IPAddress.Family, _ target: Target) -> EventLoopFuture<[SocketAddress]> {
        state.withLock { state in
            if let half = state.halves[target], half.taken != family, let lookup = state.lookups[half.id] {
                state.halves[target] = nil
                return lookup.answers.future(family)
            }
            state.lastID += 1
            let id = state.lastID
            // NIO asks on the connection's own event loop.
            let answers = Answers(
                on: MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
            )
            let task = Task {
                let result = await self.look(target)
                self.forget(id, target)
                answers.complete(with: result)
            }
            state.lookups[id] = Lookup(answers: answers, task: task)
            state.halves[target] = (id, family)
            return answers.future(family)
        }
    }

    private func look(_ target: Target) async -> Result<[SocketAddress], any Error> {
        do {
            let endpoints = try await resolver.resolve(target.host)
            return .success(
                try endpoints.addresses.inDestinationOrder().map {
                    try SocketAddress(packedIPAddress: ByteBuffer(bytes: $0.octets), port: target.port)
                }
            )
        } catch {
            return .failure(error)
        }
    }

    private func forget(_ id: UInt64, _ target: Target) {
        state.withLock { state in
            state.lookups[id] = nil
            if state.halves[target]?.id == id { state.halves[target] = nil }
        }
    }
}

/// What the two queries of a connection wait for.
private struct Answers {
    private let loop: any EventLoop
    private let ipv4: EventLoopPromise<[SocketAddress]>
    private let ipv6: EventLoopPromise<[SocketAddress]>

    init(on loop: any EventLoop) {
        self.loop = loop
        self.ipv4 = loop.makePromise()
        self.ipv6 = loop.makePromise()
    }

    func future(_ family: IPAddress.Family) -> EventLoopFuture<[SocketAddress]> {
        switch family {
        case .ipv4: ipv4.futureResult
        case .ipv6: ipv6.futureResult
        }
    }

    /// In one turn of the loop, so that NIO sees neither family without the other; IPv6 first, which it prefers.
    func complete(with result: Result<[SocketAddress], any Error>) {
        loop.execute {
            ipv6.completeWith(result.map { $0.filter { $0.protocol == .inet6 } })
            ipv4.completeWith(result.map { $0.filter { $0.protocol == .inet } })
        }
    }
}
