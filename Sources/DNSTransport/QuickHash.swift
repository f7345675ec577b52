/// A number of a text's octets, to find its place among the few that it may be in.
///
/// A fraction of the cost of `Hasher`, and weaker: two texts with one number are easily made. For what only keeps copies,
/// where that costs a second look in another place and nothing else.
package func quickHash(_ text: String) -> UInt64 {
    text.utf8.withContiguousStorageIfAvailable { octets in
        var hash = UInt64(truncatingIfNeeded: octets.count)
        let memory = UnsafeRawBufferPointer(octets)
        var place = 0
        // Sound: every read is within the buffer, which is valid for the call.
        while place + 8 <= memory.count {
            hash = mixed(hash ^ memory.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < memory.count {
            rest = rest << 8 | UInt64(memory[place])
            place += 1
        }
        return mixed(hash ^ rest)
    } ?? UInt64(truncatingIfNeeded: text.utf8.count)
}

private func mixed(_ number: UInt64) -> UInt64 {
    let product = number &* 0x9FB2_1C65_1E98_DF25
    return product ^ product >> 32
}
