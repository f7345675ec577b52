#if HTTPClient
    internal import NIOCore

    /// Values by key, for as long as they are used: at most `capacity` of them. What was not used for a `lifetime` can be
    /// removed.
    struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
        let capacity: Int
        let lifetime: TimeAmount

        private var entries: [Key: (value: Value, used: NIODeadline)] = [:]

        init(capacity: Int, lifetime: TimeAmount) {
            self.capacity = capacity
            self.lifetime = lifetime
        }

        var count: Int { entries.count }

        /// The value of a key, made if there is none.
        ///
        /// - Returns: the value, and one that had to go: to be released where no lock is held.
        mutating func value(_ key: Key, now: NIODeadline, make: () -> Value) -> (value: Value, gone: Value?) {
            var gone: Value?
            if entries[key] == nil, entries.count >= capacity,
                let oldest = entries.min(by: { $0.value.used < $1.value.used })
            {
                gone = entries.removeValue(forKey: oldest.key)?.value
            }
            let value = entries[key]?.value ?? make()
            entries[key] = (value, now)
            return (value, gone)
        }

        /// - Returns: what was not used for a lifetime: to be released where no lock is held.
        mutating func removeUnused(now: NIODeadline) -> [Value] {
            remove(entries.filter { $0.value.used + lifetime <= now }.map(\.key))
        }

        mutating func removeAll() -> [Value] {
            remove(Array(entries.keys))
        }

        private mutating func remove(_ keys: [Key]) -> [Value] {
            keys.compactMap { entries.removeValue(forKey: $0)?.value }
        }
    }
#endif
