import Testing

@testable import ClusterDNS

@Suite("The SIEVE cache")
struct SieveCacheTests {
    private func cache(_ keys: String, capacity: Int) -> SieveCache<Character, Int> {
        var cache = SieveCache<Character, Int>(capacity: capacity)
        for key in keys { _ = cache.insert(0, for: key) }
        return cache
    }

    @Test("Without visits the oldest goes first")
    func oldest() {
        var cache = cache("abc", capacity: 3)
        #expect(cache.insert(0, for: "d")?.key == "a")
        #expect(cache.insert(0, for: "e")?.key == "b")
        #expect(Set(cache.keys) == ["c", "d", "e"])
    }

    @Test("The hand spares what was visited, once, and goes on from where it stopped")
    func example() {
        // The example of the paper's figure 1, from the state before its first request on.
        var cache = cache("abcdefg", capacity: 7)
        for key in "abg" as String { _ = cache.visit(key) }
        // a and b lose their marks, c is evicted.
        #expect(cache.insert(0, for: "h")?.key == "c")
        _ = cache.visit("a")
        #expect(cache.visit("d") == 0)
        // d is spared, e goes.
        #expect(cache.insert(0, for: "i")?.key == "e")
        _ = cache.visit("b")
        #expect(cache.insert(0, for: "j")?.key == "f")
        #expect(Set(cache.keys) == ["a", "b", "d", "g", "h", "i", "j"])
    }

    @Test("A burst of names that come once pushes out none that is in use")
    func burst() {
        var cache = SieveCache<Int, Int>(capacity: 100)
        for key in 0..<50 { _ = cache.insert(key, for: key) }
        for key in 1000..<11_000 {
            for used in 0..<50 { _ = cache.visit(used) }
            _ = cache.insert(key, for: key)
        }
        #expect((0..<50).allSatisfy { cache.peek($0) == $0 })
        #expect(cache.count == 100)
    }

    @Test("Where everything is visited all the time, something goes all the same")
    func allVisited() {
        var cache = cache("abc", capacity: 3)
        #expect(cache.insert(0, for: "d") { _ in true } != nil)
        #expect(cache.count == 3)
    }

    @Test("A key that is there already takes the new value and nobody's place")
    func replaced() {
        var cache = cache("abc", capacity: 3)
        #expect(cache.insert(7, for: "a") == nil)
        #expect(cache.peek("a") == 7)
    }

    @Test("It agrees with a simple model of itself, whatever is done to it", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var cache = SieveCache<Int, Int>(capacity: 5)
        var model = Model(capacity: 5)
        for step in 0..<2000 {
            let key = Int.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: #expect(cache.visit(key) == model.visit(key))
            case 5..<9: #expect(cache.insert(step, for: key)?.key == model.insert(step, key))
            default: #expect(cache.remove(key) == model.remove(key))
            }
            #expect(cache.count == model.entries.count)
        }
    }

    /// The algorithm as the paper gives it, on an array with the oldest first.
    private struct Model {
        let capacity: Int
        var entries: [(key: Int, value: Int, isVisited: Bool)] = []
        var hand: Int?

        mutating func visit(_ key: Int) -> Int? {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            entries[index].isVisited = true
            return entries[index].value
        }

        mutating func insert(_ value: Int, _ key: Int) -> Int? {
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].value = value
                return nil
            }
            var evicted: Int?
            if entries.count == capacity {
                var index = hand ?? 0
                while entries[index].isVisited {
                    entries[index].isVisited = false
                    index = (index + 1) % entries.count
                }
                evicted = entries[index].key
                remove(at: index)
                hand = index < entries.count ? index : nil
            }
            entries.append((key, value, false))
            return evicted
        }

        mutating func remove(_ key: Int) -> Int? {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            let value = entries[index].value
            remove(at: index)
            return value
        }

        private mutating func remove(at index: Int) {
            entries.remove(at: index)
            if let hand, index < hand { self.hand = hand - 1 }
            if hand == entries.count { hand = nil }
        }
    }
}

extension Int: Prehashed {
    var hash: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}

extension Character: Prehashed {
    var hash: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}
