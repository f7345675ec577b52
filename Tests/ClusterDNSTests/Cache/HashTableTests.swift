import Testing

@testable import ClusterDNS

@Suite("The hash table")
struct HashTableTests {
    /// A key whose hash is one of few, so that keys stand in each other's way.
    private struct Key: Prehashed, Hashable {
        let number: Int
        let hash: UInt64

        init(_ number: Int, hashes: Int) {
            self.number = number
            // Near the end of every table as well, so that runs of places go over it.
            self.hash = UInt64(bitPattern: Int64(number % hashes * 3 - 4))
        }
    }

    @Test("It agrees with a dictionary, whatever is done to it", arguments: [1, 2, 7, 1000], 0..<3 as Range<UInt64>)
    func model(hashes: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = HashTable<Key, Int>()
        var model: [Key: Int] = [:]
        for step in 0..<3000 {
            let key = Key(.random(in: 0..<60, using: &random), hashes: hashes)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: #expect(table.updateValue(step, forKey: key) == model.updateValue(step, forKey: key))
            case 5..<9: #expect(table.removeValue(forKey: key) == model.removeValue(forKey: key))
            default:
                let divisor = Int.random(in: 2..<9, using: &random)
                table.removeAll { $0 % divisor == 0 }
                model = model.filter { $0.value % divisor != 0 }
            }
            #expect(table.count == model.count)
            #expect(table[key] == model[key])
        }
        #expect(Set(table.keys) == Set(model.keys))
        #expect(table.values.sorted() == model.values.sorted())
    }

    @Test("What comes and goes leaves every other key where it is found")
    func churn() {
        var table = HashTable<UInt64, UInt64>()
        for number in 0..<50_000 as Range<UInt64> {
            table[number] = number
            if number >= 100 { #expect(table.removeValue(forKey: number - 100) == number - 100) }
        }
        #expect(table.count == 100)
        for number in 49_900..<50_000 as Range<UInt64> { #expect(table[number] == number) }
        for number in 49_900..<50_000 as Range<UInt64> { table[number] = nil }
        #expect(table.isEmpty && !table.contains(49_999))
    }
}
