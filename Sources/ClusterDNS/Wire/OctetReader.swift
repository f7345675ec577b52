/// Reads numbers and names off a message, in order, and never past its end.
struct OctetReader {
    private let octets: [UInt8]
    private(set) var position = 0

    // Nearly all owner names point to the question or to the name read last: those two are kept, so that a thousand
    // records share one name instead of making a thousand.
    private var first: (offset: Int, name: DomainName)?
    private var latest: (offset: Int, name: DomainName)?

    /// The octets of a message's header (RFC 1035 section 4.1.1), where no name can be.
    static let headerLength = 12
    /// A name of 255 octets has at most 127 labels; more pointers than that serve nothing.
    static let maximumPointers = 127

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    var remaining: Int { octets.count - position }

    mutating func uint8() throws(WireError) -> UInt8 {
        try UInt8(truncatingIfNeeded: number(octets: 1))
    }

    mutating func uint16() throws(WireError) -> UInt16 {
        try UInt16(truncatingIfNeeded: number(octets: 2))
    }

    mutating func uint32() throws(WireError) -> UInt32 {
        try UInt32(truncatingIfNeeded: number(octets: 4))
    }

    mutating func uint128() throws(WireError) -> UInt128 {
        let high = try number(octets: 8)
        return try UInt128(high) << 64 | UInt128(number(octets: 8))
    }

    mutating func slice(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        let start = position
        try skip(count)
        return octets[start..<position]
    }

    mutating func skip(_ count: Int) throws(WireError) {
        guard count <= remaining else { throw WireError(.cutShort, at: octets.count) }
        position += count
    }

    @inline(__always)
    private mutating func number(octets count: Int) throws(WireError) -> UInt64 {
        let start = position
        try skip(count)
        return number(at: start, octets: count)
    }

    /// A number that is known to be within the message.
    @inline(__always)
    func number(at start: Int, octets count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(octets[index]) }
        return value
    }
}

extension OctetReader {
    /// A name, compressed or not (RFC 1035 section 4.1.4).
    mutating func name() throws(WireError) -> DomainName {
        let start = position
        guard remaining > 0 else { throw WireError(.cutShort, at: octets.count) }
        if octets[start] == 0 {
            position += 1
            return .root
        }
        guard octets[start] >= 0xC0 else { return try name(at: start) }
        // Only a pointer: where it leads a name may have been read already.
        let target = try pointer(at: start, before: start)
        position += 2
        if let first, first.offset == target { return first.name }
        if let latest, latest.offset == target { return latest.name }
        let end = position
        defer { position = end }
        return try name(at: target)
    }

    /// A name that most likely is `expected`: where it is, uncompressed and in letters of either case, no other is made.
    mutating func name(expecting expected: DomainName?) throws(WireError) -> DomainName {
        guard let expected, isNext(expected) else { return try name() }
        latest = (position, expected)
        if first == nil { first = latest }
        position += expected.octets.count
        return expected
    }

    private func isNext(_ name: DomainName) -> Bool {
        guard name.octets.count <= remaining else { return false }
        for (index, octet) in name.octets.enumerated() where octets[position + index].asciiLowercased != octet {
            return false
        }
        return true
    }

    /// Reads the name that starts at `start`, and leaves the position behind it.
    private mutating func name(at start: Int) throws(WireError) -> DomainName {
        let extent = try extent(ofNameAt: start)
        position = extent.end
        let wire =
            extent.isCompressed ? expanded(nameAt: start, length: extent.length) : Array(octets[start..<extent.end])
        guard let name = DomainName(wire: wire) else { throw WireError(.longName, at: start) }
        latest = (start, name)
        if first == nil { first = latest }
        return name
    }

    /// Walks the name at `start`: where it ends in the message, and how many octets it has without compression. Every
    /// pointer has to lead to before where the last one led, so the walk comes to an end.
    private func extent(
        ofNameAt start: Int
    ) throws(WireError) -> (end: Int, length: Int, isCompressed: Bool) {
        var place = start
        var length = 0
        var end: Int?
        var runStart = start
        var pointers = 0
        while true {
            guard place < octets.count else { throw WireError(.cutShort, at: octets.count) }
            let octet = octets[place]
            switch octet {
            case 0:
                length += 1
                guard length <= DomainName.maximumLength else { throw WireError(.longName, at: start) }
                return (end ?? place + 1, length, end != nil)
            case 1...0x3F:
                length += 1 + Int(octet)
                guard length < DomainName.maximumLength else { throw WireError(.longName, at: start) }
                place += 1 + Int(octet)
            case 0xC0...:
                pointers += 1
                guard pointers <= Self.maximumPointers else { throw WireError(.manyPointers, at: start) }
                let target = try pointer(at: place, before: runStart)
                end = end ?? place + 2
                place = target
                runStart = target
            default:
                throw WireError(.badLabel, at: place)
            }
        }
    }

    /// Where the pointer at `place` leads.
    private func pointer(at place: Int, before limit: Int) throws(WireError) -> Int {
        guard place + 1 < octets.count else { throw WireError(.cutShort, at: octets.count) }
        let target = Int(octets[place] & 0x3F) << 8 | Int(octets[place + 1])
        guard target >= Self.headerLength, target < limit else { throw WireError(.badPointer, at: place) }
        return target
    }

    /// The name at `start`, which `extent` has found good, without compression.
    private func expanded(nameAt start: Int, length: Int) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(length)
        var place = start
        while name.count < length {
            let octet = octets[place]
            if octet >= 0xC0 {
                place = Int(octet & 0x3F) << 8 | Int(octets[place + 1])
            } else {
                let next = place + 1 + Int(octet)
                name.append(contentsOf: octets[place..<next])
                place = next
            }
        }
        return name
    }
}
