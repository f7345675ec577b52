internal import DNSTransport
internal import Synchronization

/// What callers read without the loop thread: the outcomes of lookups for as long as they hold.
///
/// The loop thread puts them in and takes them out when their time is over, so a reader needs no clock: what is here may
/// be used. Each thread keeps copies of the addresses that it reads, which count until what they were made of is replaced or
/// taken out; so threads that read disturb each other only then. See ``Usage``.
final class FrontTable: Sendable {
    private struct Found {
        let contents: EndpointSet.Contents
        let usage: Usage
        let isStale: Bool
        /// Whether the next read is to be told of.
        var isReadAwaited = false
    }

    /// How often readers found something: an answer that holds, or a stale one.
    struct Reads: Hashable, Sendable {
        var fresh = 0
        var stale = 0
    }

    private struct State {
        var found = HashTable<LookupKey, Found>()
        var failures = HashTable<LookupKey, ClusterDNSError>()
        var reads = Reads()
        /// Of which the loop thread has not heard yet.
        var flushes = 0

        /// Beside the lock, whose line of memory is this reader's already: to count costs an addition.
        mutating func count(_ found: Found?) -> Found? {
            guard let found else { return nil }
            if found.isStale { reads.stale &+= 1 } else { reads.fresh &+= 1 }
            return found
        }
    }

    private let state = Mutex(State())
    private let copies: ThreadPlaces<FrontCopies>
    private let counters: [ReadCounter]
    private let capacity: Int
    private let failureCapacity: Int
    private let onAwaitedRead: @Sendable (LookupKey) -> Void

    /// - Parameter onAwaitedRead: called by the reader, with no lock held; see ``awaitRead(of:)``.
    init(capacity: Int, failureCapacity: Int, onAwaitedRead: @escaping @Sendable (LookupKey) -> Void = { _ in }) {
        self.capacity = capacity
        self.failureCapacity = failureCapacity
        self.onAwaitedRead = onAwaitedRead
        let counters = (0..<threadPlaceCount).map { _ in ReadCounter() }
        self.counters = counters
        self.copies = ThreadPlaces { FrontCopies(counting: counters[$0]) }
    }

    /// The addresses of `name`, if the thread has a copy of them that still counts.
    func copy(of name: String) -> EndpointSet.Contents? {
        copies.withValue { $0.find(name) }
    }

    /// What is known of `key`: read under the lock, and addresses copied for the thread's next read.
    ///
    /// The mark that a name was read is left here, which is enough.
    ///
    /// - Parameter name: as it will be written at the next read; that of the key, if `nil`.
    func outcome(
        of key: LookupKey,
        writtenAs name: String? = nil
    ) -> Result<EndpointSet.Contents, ClusterDNSError>? {
        let (found, failure, edition) = state.withLock { state in
            let found = state.count(state.found[key])
            // Before the mark: one that is taken away at this moment makes the copy void.
            let edition = found?.usage.edition ?? 0
            found?.usage.mark()
            if found?.isReadAwaited == true { state.found[key]?.isReadAwaited = false }
            return (found, found == nil ? state.failures[key] : nil, edition)
        }
        guard let found else { return failure.map { .failure($0) } }
        if found.isReadAwaited { onAwaitedRead(key) }
        if key.kind == .addresses {
            let copy = EndpointSet.Contents(copying: found.contents)
            _ = copies.withValue { places -> Void? in
                places.insert(
                    copy,
                    name ?? key.name,
                    isStale: found.isStale,
                    of: found.usage,
                    edition: edition,
                    most: capacity
                )
            }
        }
        return .success(found.contents)
    }

    /// Has the next read of `key` told of. Where nobody has left a mark, no thread has a copy that counts, so that read is of
    /// the original. Marks are left under the lock: one that is not there after this will be told of.
    func awaitRead(of key: LookupKey) {
        state.withLock { $0.found[key]?.isReadAwaited = true }
    }

    /// Since the table was made.
    var reads: Reads {
        var reads = state.withLock { $0.reads }
        for counter in counters {
            reads.fresh &+= counter.fresh.load(ordering: .relaxed)
            reads.stale &+= counter.stale.load(ordering: .relaxed)
        }
        return reads
    }

    /// - Returns: whether there was room, and no flush that the loop thread has not heard of.
    func publish(
        _ contents: EndpointSet.Contents,
        for key: LookupKey,
        usage: Usage,
        isStale: Bool = false
    ) -> Bool {
        let found = Found(contents: contents, usage: usage, isStale: isStale)
        return state.withLock { state in
            guard state.flushes == 0 else {
                remove(key, from: &state)
                return false
            }
            state.failures[key] = nil
            // Of a new name there are no copies yet.
            state.found.updateValue(found, forKey: key)?.usage.renew()
            if state.found.count <= capacity { return true }
            state.found[key] = nil
            return false
        }
    }

    /// - Returns: as that.
    func publish(_ failure: ClusterDNSError, for key: LookupKey) -> Bool {
        state.withLock { state in
            remove(key, from: &state)
            guard state.flushes == 0, state.failures.count < failureCapacity else { return false }
            state.failures[key] = failure
            return true
        }
    }

    func remove(_ key: LookupKey) {
        state.withLock { remove(key, from: &$0) }
    }

    func removeAll() {
        state.withLock { removeAll(from: &$0) }
    }

    // MARK: Flushes, by callers

    /// Takes out what is known of these absolute names, however they were written, and of their ports. The loop thread, which may
    /// just now look at an answer from before, puts nothing in until it has heard of it: ``endFlush()``.
    func flush(_ names: Set<DomainName>) {
        func remains(_ name: DomainName?) -> Bool { !(name?.isOrBelongsTo(names) ?? false) }
        state.withLock { state in
            state.flushes += 1
            for found in state.found.values where !remains(found.contents.absoluteName.name) { found.usage.renew() }
            state.found.removeAll { !remains($0.contents.absoluteName.name) }
            state.failures.removeAll { !remains($0.absoluteName.flatMap { DomainName($0) }) }
        }
    }

    /// Takes out everything, as ``flush(_:)`` does.
    func flushAll() {
        state.withLock { state in
            state.flushes += 1
            removeAll(from: &state)
        }
    }

    /// The loop thread has heard of a flush, and forgets what it knows itself.
    func endFlush() {
        state.withLock { $0.flushes -= 1 }
    }

    private func removeAll(from state: inout State) {
        for found in state.found.values { found.usage.renew() }
        state.found = HashTable()
        state.failures = HashTable()
    }

    private func remove(_ key: LookupKey, from state: inout State) {
        state.found.removeValue(forKey: key)?.usage.renew()
        state.failures[key] = nil
    }
}
