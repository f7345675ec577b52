internal import Synchronization

/// What callers read without the loop thread: the outcomes of lookups for as long as they hold.
///
/// The loop thread puts them in and takes them out when their time is over, so a reader needs no clock: what is here may
/// be used.
final class FrontTable: Sendable {
    private struct Found {
        let contents: EndpointSet.Contents
        let usage: Usage
    }

    private struct State {
        /// By the name as given: the most common question, found by one look.
        var addresses: [String: Found] = [:]
        var others: [LookupKey: Found] = [:]
        var failures: [LookupKey: ClusterDNSError] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let failureCapacity: Int

    init(capacity: Int, failureCapacity: Int) {
        self.capacity = capacity
        self.failureCapacity = failureCapacity
    }

    /// The addresses of `name`.
    func addresses(of name: String) -> EndpointSet.Contents? {
        guard let found = state.withLock({ $0.addresses[name] }) else { return nil }
        found.usage.mark()
        return found.contents
    }

    func contents(of key: LookupKey) -> EndpointSet.Contents? {
        if key.kind == .addresses { return addresses(of: key.name) }
        guard let found = state.withLock({ $0.others[key] }) else { return nil }
        found.usage.mark()
        return found.contents
    }

    func failure(of key: LookupKey) -> ClusterDNSError? {
        state.withLock { $0.failures[key] }
    }

    func publish(_ contents: EndpointSet.Contents, for key: LookupKey, usage: Usage) {
        let found = Found(contents: contents, usage: usage)
        state.withLock { state in
            state.failures[key] = nil
            if key.kind == .addresses {
                guard state.addresses[key.name] != nil || state.addresses.count < capacity else { return }
                state.addresses[key.name] = found
            } else {
                guard state.others[key] != nil || state.others.count < capacity else { return }
                state.others[key] = found
            }
        }
    }

    func publish(_ failure: ClusterDNSError, for key: LookupKey) {
        state.withLock { state in
            remove(key, from: &state)
            guard state.failures.count < failureCapacity else { return }
            state.failures[key] = failure
        }
    }

    func remove(_ key: LookupKey) {
        state.withLock { remove(key, from: &$0) }
    }

    func removeAll() {
        state.withLock { $0 = State() }
    }

    private func remove(_ key: LookupKey, from state: inout State) {
        if key.kind == .addresses { state.addresses[key.name] = nil } else { state.others[key] = nil }
        state.failures[key] = nil
    }
}
