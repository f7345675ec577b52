internal import DNSTransport

/// The name servers, how well each has answered, and how many questions each is busy with.
///
/// The healthy ones are asked first, the quickest of them before the others. One that fails is pushed back, for longer
/// each time; when that time is over the next question is its probe. A value, told the time.
struct NameServerPool {
    private struct Server {
        let address: NameServer
        let transportAddress: ServerAddress
        /// Smoothed round-trip time in nanoseconds, as TCP keeps it (RFC 6298); nothing before the first answer.
        var roundTrip: Int64?
        var failures = 0
        var pushedBackUntil: MonotonicTime?
        var inFlight = 0
    }

    private var servers: [Server] = []
    private let maximumInFlight: Int

    /// How long a name server is left alone after its first failure; doubles with each further one.
    private static let firstPushBack = Duration.seconds(1)
    private static let longestPushBack = Duration.seconds(30)
    /// What the round-trip time of the name servers that were not asked is multiplied by, so that they get their turn.
    private static let decay = 0.98

    init(_ addresses: [NameServer], maximumInFlight: Int) {
        self.maximumInFlight = maximumInFlight
        replace(with: addresses)
    }

    /// Takes over a new list; what is known of the servers that stay is kept.
    mutating func replace(with addresses: [NameServer]) {
        let known = Dictionary(servers.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        servers = addresses.compactMap { address in
            known[address] ?? address.transportAddress.map { Server(address: address, transportAddress: $0) }
        }
    }

    var isEmpty: Bool { servers.isEmpty }

    var addresses: [NameServer] { servers.map(\.address) }

    func address(_ index: Int) -> NameServer? {
        servers.indices.contains(index) ? servers[index].address : nil
    }

    func transportAddress(_ index: Int) -> ServerAddress? {
        servers.indices.contains(index) ? servers[index].transportAddress : nil
    }

    func nameServer(_ address: ServerAddress) -> NameServer? {
        servers.first { $0.transportAddress == address }?.address
    }

    /// The name server to ask: of those asked the fewest times already, a healthy one, the quickest.
    func choose(avoiding asked: [Int], now: MonotonicTime) -> Int {
        var best = 0
        var bestRank = (Int.max, 1, Int64.max)
        for (index, server) in servers.enumerated() {
            let isPushedBack = server.pushedBackUntil.map { now < $0 } ?? false
            let times = asked.isEmpty ? 0 : asked.count { $0 == index }
            let rank = (times, isPushedBack ? 1 : 0, server.roundTrip ?? 0)
            if rank < bestRank {
                best = index
                bestRank = rank
            }
        }
        return best
    }

    /// Whether there is a name server that is not among those asked.
    func hasOther(than asked: [Int]) -> Bool {
        servers.indices.contains { !asked.contains($0) }
    }

    // MARK: Places

    /// Takes a place at a name server, if it has one.
    mutating func takePlace(_ index: Int) -> Bool {
        guard servers.indices.contains(index), servers[index].inFlight < maximumInFlight else { return false }
        servers[index].inFlight += 1
        return true
    }

    /// Whether any name server has a place.
    var hasPlace: Bool {
        servers.contains { $0.inFlight < maximumInFlight }
    }

    mutating func releasePlace(of address: ServerAddress) {
        guard let index = servers.firstIndex(where: { $0.transportAddress == address }) else { return }
        servers[index].inFlight = max(0, servers[index].inFlight - 1)
    }

    // MARK: Health

    /// A name server answered, well or badly, `after` it was asked.
    mutating func answered(_ address: ServerAddress, after time: Duration) {
        for index in servers.indices {
            if servers[index].transportAddress == address {
                let sample = max(1, time.wholeNanoseconds)
                servers[index].roundTrip = servers[index].roundTrip.map { $0 - $0 / 8 + sample / 8 } ?? sample
                servers[index].failures = 0
                servers[index].pushedBackUntil = nil
            } else if servers.count > 1, let roundTrip = servers[index].roundTrip {
                servers[index].roundTrip = Int64(Double(roundTrip) * Self.decay)
            }
        }
    }

    /// A name server failed: it was silent for too long, refused, or answered with an error.
    mutating func failed(_ address: ServerAddress, now: MonotonicTime) {
        guard let index = servers.firstIndex(where: { $0.transportAddress == address }) else { return }
        // Many attempts that were under way together fail together, and count once.
        if let until = servers[index].pushedBackUntil, now < until { return }
        servers[index].failures = min(servers[index].failures + 1, 16)
        let step = min(Self.firstPushBack * (1 << (servers[index].failures - 1)), Self.longestPushBack)
        servers[index].pushedBackUntil = now + step
    }
}

extension NameServer {
    /// Nothing for an interface that this machine does not have.
    var transportAddress: ServerAddress? {
        guard let scope else { return ServerAddress(octets: address.octets, port: port) }
        guard let index = SystemFacts.interfaceIndex(of: scope) else { return nil }
        return ServerAddress(octets: address.octets, port: port, scope: index)
    }
}
