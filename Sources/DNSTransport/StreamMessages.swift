/// The messages of a connection, as they came.
///
/// c-ares 1.34 hands over what it has read and written anew, and there its pointers to names beyond the first 16 kB lead elsewhere (a
/// pointer has 14 bits, RFC 1035 section 4.1.4).
struct StreamMessages {
    /// What has come of messages that are not complete, each behind its length in two octets (RFC 1035 section 4.2.2).
    private var incoming: [UInt8] = []
    private var complete: [[UInt8]] = []

    mutating func receive(_ octets: some Sequence<UInt8>) {
        incoming += octets
        var begin = 0
        while incoming.count - begin >= 2 {
            let end = begin + 2 + (Int(incoming[begin]) << 8 | Int(incoming[begin + 1]))
            guard end <= incoming.count else { break }
            complete.append(Array(incoming[begin + 2..<end]))
            begin = end
        }
        if begin == incoming.count {
            incoming = []
        } else if begin > 0 {
            incoming.removeSubrange(..<begin)
        }
    }

    /// Takes out the first complete one that is meant.
    mutating func take(where isMeant: ([UInt8]) -> Bool) -> [UInt8]? {
        complete.firstIndex(where: isMeant).map { complete.remove(at: $0) }
    }

    /// Nobody waits for those that have not been taken.
    mutating func dropComplete() {
        if !complete.isEmpty { complete = [] }
    }
}
