/// The sets of a handle, one after the other; see ``Peers/changes``.
public struct PeerChanges: AsyncSequence, Sendable {
    /// A set, and how it differs from the one that the reader got before. Where only priorities or weights differ, nothing
    /// was added or removed.
    public struct Element: Sendable {
        /// The set now.
        public let endpoints: EndpointSet
        /// Those that the set before did not have, in the set's order. An endpoint is the same with another priority or
        /// weight: CoreDNS gives all of them another weight when one comes or goes.
        public let added: [Endpoint]
        /// Those that only the set before had, in its order.
        public let removed: [Endpoint]
    }

    /// Gives the sets to one reader.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        private let changes: PeerChanges
        private var last: EndpointSet?
        private var seen: UInt64?

        init(_ changes: PeerChanges) {
            self.changes = changes
        }

        /// The next set; `nil` at the end of the resolver.
        ///
        /// - Throws: `CancellationError` if the task is cancelled; ``ClusterDNSError`` if the name cannot stand for
        ///   anything.
        public mutating func next() async throws -> Element? {
            while true {
                switch await changes.peers.live.arrival(after: seen, wantsFailure: false) {
                case .cancelled:
                    throw CancellationError()
                case .failed(let error):
                    throw error
                case .ended:
                    return nil
                case .set(let choice, let number):
                    seen = number
                    let set = EndpointSet(choice.contents, port: changes.port)
                    // While the reader was busy the set may have become another, and again the one that he has.
                    if let last, Set(last) == Set(set) { continue }
                    defer { last = set }
                    return Element(endpoints: set, added: set.subtracting(last), removed: last?.subtracting(set) ?? [])
                }
            }
        }
    }

    let peers: Peers
    let port: UInt16?

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(self)
    }
}

extension EndpointSet {
    /// The endpoints that `other` does not have, in order.
    func subtracting(_ other: EndpointSet?) -> [Endpoint] {
        let others = Set(other.map { $0.map(\.identity) } ?? [])
        return filter { !others.contains($0.identity) }
    }
}
