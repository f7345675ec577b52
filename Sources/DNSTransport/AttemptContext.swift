/// What c-ares carries through for an attempt.
final class AttemptContext {
    let id: UInt64
    let query: UInt64
    private let message: [UInt8]
    /// Of the datagram that it was sent in.
    var identifier: UInt16?
    /// What came for it, where c-ares reads messages itself.
    var answer: [UInt8]?
    /// How it ended has been told.
    var isOver = false
    /// Sound: c-ares calls back before the lane is gone, at the latest while it is being destroyed, when a checked
    /// reference must not be read any more.
    unowned(unsafe) let lane: Lane

    init(attempt: Attempt, lane: Lane) {
        self.id = attempt.id
        self.query = attempt.query
        self.message = attempt.message
        self.lane = lane
    }

    /// Whether a datagram of twelve octets at least has the attempt's identifier and its question (RFC 5452 section 9.1).
    func isAnswered(by datagram: UnsafeRawBufferPointer) -> Bool {
        guard let identifier, datagram[0] == identifier >> 8, datagram[1] == identifier & 0xFF else { return false }
        return isAsked(in: datagram)
    }

    /// Whether the attempt's question is the only one of a message, whatever the case of the name's letters.
    func isAsked<Octets: RandomAccessCollection<UInt8>>(in octets: Octets) -> Bool where Octets.Index == Int {
        var end = 12
        while end < message.count, message[end] != 0 { end += 1 + Int(message[end]) }
        end += 5
        guard octets.count >= end, message.count >= end, octets[4] == 0, octets[5] == 1 else { return false }
        return zip(octets[12..<end], message[12..<end]).allSatisfy { $0.lowercased == $1.lowercased }
    }
}

extension UInt8 {
    /// Of an ASCII letter the small one. Lengths of labels are no letters (63 at most), nor are the types that are asked for.
    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self + 32 : self
    }
}
