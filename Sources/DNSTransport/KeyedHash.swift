/// A number of a text's octets, to find its place in a table: another in each process, so that nobody outside can choose
/// texts that all have the same. `Hasher` is stronger, and takes several times as long.
package func keyedHash(_ text: String) -> UInt64 {
    text.utf8.withContiguousStorageIfAvailable { keyedHash(UnsafeRawBufferPointer($0)) } ?? keyedHash(Array(text.utf8))
}

package func keyedHash(_ octets: [UInt8]) -> UInt64 {
    octets.withUnsafeBytes { keyedHash($0) }
}

/// Two words of a secret are multiplied with two of the octets, and both halves of the product count, as in Wang Yi's
/// wyhash.
///
/// Sound: every read is within the buffer, which is valid for the call.
@inline(__always)
private func keyedHash(_ octets: UnsafeRawBufferPointer) -> UInt64 {
    let secret = secret
    var hash = secret.0 ^ UInt64(truncatingIfNeeded: octets.count)
    var place = 0
    while place + 16 <= octets.count {
        let first = octets.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let second = octets.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        hash = folded(first ^ secret.1, second ^ hash)
        place += 16
    }
    // The last octets, some of them twice where that saves going one by one.
    let first: UInt64
    let second: UInt64
    if octets.count - place >= 8 {
        first = octets.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        second = octets.loadUnaligned(fromByteOffset: octets.count - 8, as: UInt64.self)
    } else if octets.count - place >= 4 {
        first = UInt64(octets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        second = UInt64(octets.loadUnaligned(fromByteOffset: octets.count - 4, as: UInt32.self))
    } else if place < octets.count {
        first = UInt64(octets[place]) << 16 | UInt64(octets[(place + octets.count) / 2]) << 8
        second = UInt64(octets[octets.count - 1])
    } else {
        (first, second) = (0, 0)
    }
    return folded(first ^ secret.1, second ^ hash)
}

private let secret: (UInt64, UInt64) = (.random(in: 1 ... .max), .random(in: 1 ... .max))

@inline(__always)
private func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
}
