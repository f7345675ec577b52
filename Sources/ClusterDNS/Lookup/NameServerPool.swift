internal import DNSTransport

/// The name servers, how well each has answered, and how many questions each is busy with.
///
/// The first healthy one of the list is asked, as resolv.conf(5) has it: a list may end in one that knows nothing of the
/// cluster. One that fails is pushed back, for longer each time; when that time is over a question that is sent to a healthy
/// one is sent to it too, as a probe for which nobody waits. A value, told the time.
struct NameServerPool {
    private struct Server {
        /// What it is called by elsewhere; no other ever has the same.
        let number: Int
        let address: NameServer
        let transportAddress: ServerAddress
        /// For names in the cluster.
        var inside = Health()
        /// For all others, of which others than the name server may be silent.
        var outside = Health()
        var inFlight = 0
        /// For names outside the cluster.
        var outsideInFlight = 0
        var roundTripTime = RoundTripTime()

        /// The one of the two that is about names of that kind.
        subscript(isInside isInside: Bool) -> Health {
            get { isInside ? inside : outside }
            set { if isInside { inside = newValue } else { outside = newValue } }
        }
    }

    private struct Health {
        var failures = 0
        var pushedBackUntil: MonotonicTime?

        mutating func pushBack(now: MonotonicTime) {
            failures = min(failures + 1, 16)
            pushedBackUntil = now + min(firstPushBack * (1 << (failures - 1)), longestPushBack)
        }

        mutating func failed(now: MonotonicTime) {
            // Many attempts that were under way together fail together, and count once.
            if let pushedBackUntil, now < pushedBackUntil { return }
            pushBack(now: now)
        }
    }

    private var servers: [Server] = []
    /// All that are to be asked: those, too, whose network interface is missing.
    private(set) var wanted: [NameServer] = []
    private var lastNumber = 0
    /// Of the queries in flight: those beyond wait for a place.
    var limits: ResolverConfiguration.Limits

    /// How long a name server is left alone after its first failure; doubles with each further one.
    private static let firstPushBack = Duration.seconds(1)
    private static let longestPushBack = Duration.seconds(30)

    init(_ addresses: [NameServer], limits: ResolverConfiguration.Limits) {
        self.limits = limits
        replace(with: addresses)
    }

    /// Takes over a new list, each of it once; what is known of the servers that stay is kept.
    mutating func replace(with addresses: [NameServer]) {
        wanted = addresses.withoutDuplicates()
        let known = Dictionary(servers.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        servers = wanted.compactMap { address in
            guard let transportAddress = address.transportAddress else { return nil }
            if let server = known[address], server.transportAddress == transportAddress { return server }
            lastNumber += 1
            return Server(number: lastNumber, address: address, transportAddress: transportAddress)
        }
    }

    /// Looks again for the network interfaces of those that have one: it may be there by now, or be another of the same name.
    mutating func lookForInterfaces() {
        if wanted.contains(where: { $0.zone != nil }) { replace(with: wanted) }
    }

    var isEmpty: Bool { servers.isEmpty }

    var addresses: [NameServer] { servers.map(\.address) }

    private func index(_ number: Int) -> Int? {
        servers.firstIndex { $0.number == number }
    }

    func address(_ number: Int) -> NameServer? {
        index(number).map { servers[$0].address }
    }

    /// The name server to ask: of the healthy ones, or of all if none is, the one that was asked, and failed, the fewest
    /// times; of several the first. Whether it has a place is no matter: a question waits for one rather than ask a name
    /// server that does not answer, or that knows nothing of the cluster. Failures in a row count as three at most, or one
    /// that has failed for long would have no turn where all fail, be it the one that is back.
    func choose(avoiding asked: [Int], isInside: Bool) -> Int {
        var best = 0
        var fewest = Int.max
        let isAnyHealthy = servers.indices.contains { servers[$0][isInside: isInside].failures == 0 }
        for index in servers.indices {
            let failures = servers[index][isInside: isInside].failures
            guard failures == 0 || !isAnyHealthy else { continue }
            let number = servers[index].number
            let count = asked.count { $0 == number } + min(failures, 3)
            if count < fewest {
                best = number
                fewest = count
            }
        }
        return best
    }

    /// How long an answer of a name server is to be waited for before another query is sent, by what its answers have
    /// taken: one that is slow under its load is not to have twice or four times that load. Zero where another healthy one
    /// can be asked instead.
    func patience(with number: Int, isInside: Bool) -> Duration {
        // By their places: copies of them would cost more than the rest.
        var patience = Duration.zero
        for index in servers.indices {
            if servers[index].number == number {
                patience = .nanoseconds(servers[index].roundTripTime.timeout)
            } else if servers[index][isInside: isInside].failures == 0 {
                return .zero
            }
        }
        return patience
    }

    // MARK: Places

    /// Takes a place at a name server, if it has one.
    ///
    /// - Parameter isInside: whether the name is in the cluster.
    mutating func takePlace(_ number: Int, isInside: Bool) -> ServerAddress? {
        guard let index = index(number), hasPlace(servers[index], isInside: isInside) else { return nil }
        return takePlace(at: index, isInside: isInside)
    }

    private mutating func takePlace(at index: Int, isInside: Bool) -> ServerAddress {
        servers[index].inFlight += 1
        if !isInside { servers[index].outsideInFlight += 1 }
        return servers[index].transportAddress
    }

    /// Whether the name server that is asked first has a place.
    func hasPlace(isInside: Bool) -> Bool {
        index(choose(avoiding: [], isInside: isInside)).map { hasPlace(servers[$0], isInside: isInside) } ?? false
    }

    private func hasPlace(_ server: Server, isInside: Bool) -> Bool {
        server.inFlight < limits.queriesInFlight
            && (isInside || server.outsideInFlight < limits.queriesInFlight(isInside: false))
    }

    var placesTaken: Int { servers.reduce(0) { $0 + $1.inFlight } }

    mutating func releasePlace(of number: Int, isInside: Bool) {
        guard let index = index(number) else { return }
        servers[index].inFlight = max(0, servers[index].inFlight - 1)
        if !isInside { servers[index].outsideInFlight = max(0, servers[index].outsideInFlight - 1) }
    }

    // MARK: Health

    /// A name server answered, with something other than a failure.
    ///
    /// - Parameter nanoseconds: how long that took.
    mutating func answered(_ number: Int, after nanoseconds: Int64, isInside: Bool) {
        guard let index = index(number) else { return }
        servers[index][isInside: isInside] = Health()
        // How long others took to tell it of a name outside is no matter.
        if isInside { servers[index].roundTripTime.note(nanoseconds) }
    }

    /// A name server failed: it was silent for too long, or answered with an error.
    mutating func failed(_ number: Int, isInside: Bool, now: MonotonicTime) {
        guard let index = index(number) else { return }
        servers[index][isInside: isInside].failed(now: now)
    }

    /// A name server cannot be reached, whatever it is asked for.
    mutating func unreachable(_ number: Int, now: MonotonicTime) {
        failed(number, isInside: true, now: now)
        failed(number, isInside: false, now: now)
    }

    /// A name server that was pushed back, if the time for that is over and there is a healthy one behind it that answers
    /// meanwhile. The others are asked only where it is silent.
    /// It counts as failed once more until it answers.
    mutating func takeProbe(isInside: Bool, now: MonotonicTime) -> (number: Int, ServerAddress)? {
        guard servers.count > 1 else { return nil }
        guard let healthy = servers.firstIndex(where: { $0[isInside: isInside].failures == 0 }) else {
            return nil
        }
        let index = servers[..<healthy].firstIndex {
            $0[isInside: isInside].pushedBackUntil.map { $0 <= now } ?? false && hasPlace($0, isInside: isInside)
        }
        guard let index else { return nil }
        servers[index][isInside: isInside].pushBack(now: now)
        return (servers[index].number, takePlace(at: index, isInside: isInside))
    }
}

extension NameServer {
    /// `nil` for an interface that this machine does not have.
    var transportAddress: ServerAddress? {
        guard let zone else { return ServerAddress(octets: address.octets, port: port) }
        guard let index = SystemFacts.interfaceIndex(of: zone) else { return nil }
        return ServerAddress(octets: address.octets, port: port, scope: index)
    }
}
