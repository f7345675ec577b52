/// A key that knows its hash: made once, of a secret of the process, however often it is looked for.
protocol Prehashed: Equatable {
    var hash: UInt64 { get }
}

/// A dictionary of such keys.
///
/// The entries stand side by side. Where one of them stands is found in a sparse table, in the first place from where its
/// hash points that was free (linear probing: Knuth, The Art of Computer Programming, volume 3, section 6.4); at least
/// half of its places are free. A `Dictionary` makes a hash at each look (SipHash, 25 ns).
struct HashTable<Key: Prehashed, Value> {
    private struct Place {
        /// A part of the hash, so that hardly ever a wrong entry is looked at.
        let tag: UInt32
        /// Where the entry stands; -1 in a free place.
        var index: Int32

        static var free: Place { Place(tag: 0, index: -1) }
    }

    private var places: [Place] = []
    private var entries: [(key: Key, value: Value)] = []

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var keys: some Sequence<Key> { entries.lazy.map(\.key) }
    var values: some Sequence<Value> { entries.lazy.map(\.value) }

    subscript(key: Key) -> Value? {
        get { place(of: key).map { entries[index(at: $0)].value } }
        set {
            if let newValue { _ = updateValue(newValue, forKey: key) } else { _ = removeValue(forKey: key) }
        }
    }

    func contains(_ key: Key) -> Bool { place(of: key) != nil }

    /// - Returns: the value that the key had.
    mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        if (count + 1) * 2 > places.count { resize(to: max(16, places.count * 2)) }
        let place = place(for: key)
        if places[place].index >= 0 {
            var earlier = value
            swap(&entries[index(at: place)].value, &earlier)
            return earlier
        }
        places[place] = Place(tag: Self.tag(key), index: Int32(entries.count))
        entries.append((key, value))
        return nil
    }

    mutating func removeValue(forKey key: Key) -> Value? {
        guard let found = place(of: key) else { return nil }
        let index = index(at: found)
        closeGap(at: found)
        var removed = entries.removeLast()
        if index < entries.count {
            // The last entry takes the place of the one that goes.
            places[place(from: Self.tag(removed.key)) { $0.index == entries.count }].index = Int32(index)
            swap(&entries[index], &removed)
        }
        if places.count > Self.leastToShrink, count * 8 < places.count { resize(to: places.count / 2) }
        return removed.value
    }

    mutating func removeAll(where isUnwanted: (Value) -> Bool) {
        for (key, value) in entries where isUnwanted(value) { _ = removeValue(forKey: key) }
    }

    // MARK: Places

    private static var leastToShrink: Int { 1024 }

    private static func tag(_ key: Key) -> UInt32 { UInt32(truncatingIfNeeded: key.hash) }

    private func index(at place: Int) -> Int { Int(places[place].index) }

    private func home(_ tag: UInt32) -> Int {
        Int(tag) & (places.count - 1)
    }

    private func next(_ place: Int) -> Int {
        (place + 1) & (places.count - 1)
    }

    private func place(of key: Key) -> Int? {
        guard !entries.isEmpty else { return nil }
        let place = place(for: key)
        return places[place].index >= 0 ? place : nil
    }

    /// Where the key's entry is found, or belongs.
    private func place(for key: Key) -> Int {
        let tag = Self.tag(key)
        return place(from: tag) { $0.tag == tag && entries[Int($0.index)].key == key }
    }

    /// The first place, from the one that a hash points to on, that is wanted; else the free one behind them.
    @inline(__always)
    private func place(from tag: UInt32, where isWanted: (Place) -> Bool) -> Int {
        var place = home(tag)
        // There are free places, so there is an end.
        while places[place].index >= 0, !isWanted(places[place]) { place = next(place) }
        return place
    }

    /// Frees a place, and moves those up that would not be found behind it any more (algorithm R).
    private mutating func closeGap(at start: Int) {
        let mask = places.count - 1
        var gap = start
        var place = next(start)
        while places[place].index >= 0 {
            if (place - home(places[place].tag)) & mask >= (place - gap) & mask {
                places[gap] = places[place]
                gap = place
            }
            place = next(place)
        }
        places[gap] = .free
    }

    /// - Parameter size: a power of two, at least twice the count.
    private mutating func resize(to size: Int) {
        places = Array(repeating: .free, count: size)
        for index in entries.indices {
            let tag = Self.tag(entries[index].key)
            places[place(from: tag) { _ in false }] = Place(tag: tag, index: Int32(index))
        }
    }
}

extension UInt64: Prehashed {
    /// For numbers that count up.
    var hash: UInt64 { (self &* 0x9E37_79B9_7F4A_7C15) >> 32 }
}
