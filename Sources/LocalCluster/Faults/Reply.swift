import ClusterDNS

/// What goes back to a client, and how.
struct Reply: Hashable, Sendable {
    enum Fate: Hashable, Sendable {
        case send
        case drop
        case closeConnection
    }

    var octets: [UInt8]
    var fate = Fate.send
    var copies = 1
    var delay = Duration.zero
    /// Sent after the next reply.
    var isHeld = false
}

/// The octets of an answer, and what the faults make of them.
struct FaultyAnswer {
    var message: Message
    /// How the answer is sent, whatever is in it.
    private var reply = Reply(octets: [])
    private var garbage: Int?

    var fate: Reply.Fate { reply.fate }

    init(_ message: Message) {
        self.message = message
    }

    mutating func apply(_ effect: Fault.Effect) {
        switch effect {
        case .drop where reply.fate == .closeConnection: break
        case .drop: reply.fate = .drop
        case .delay(let more): reply.delay += more
        case .duplicate: reply.copies = 2
        case .reorder: reply.isHeld = true
        case .truncate:
            clear()
            message.isTruncated = true
        case .wrongID: message.id = ~message.id
        case .wrongQuestion: askOtherQuestion()
        case .cnameLoop: loop()
        case .responseCode(let code):
            clear()
            message.responseCode = code.responseCode
        case .garbage(let octets): garbage = min(octets, 65_507)
        case .closeTCP: reply.fate = .closeConnection
        case .refuseTCP: break
        }
    }

    private mutating func clear() {
        message.answers = []
        message.authorities = []
        message.additionals = []
    }

    private mutating func askOtherQuestion() {
        guard let name = message.question?.name else { return }
        let other = DomainName("wrong")?.appending(name) ?? .root
        message.question?.name = other
        for index in message.answers.indices where message.answers[index].name == name {
            message.answers[index].name = other
        }
    }

    private mutating func loop() {
        guard let name = message.question?.name else { return }
        let other = DomainName("loop")?.appending(name) ?? .root
        clear()
        message.responseCode = .noError
        message.answers = [
            Record(name: name, ttl: 5, data: .cname(other)),
            Record(name: other, ttl: 5, data: .cname(name)),
        ]
    }

    func reply(limit: Int, echoing query: [UInt8], using generator: inout some RandomNumberGenerator) -> Reply {
        var reply = reply
        reply.octets = octets(limit: limit, echoing: query, using: &generator)
        return reply
    }

    private func octets(
        limit: Int,
        echoing query: [UInt8],
        using generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        guard let garbage else { return message.encoded(limit: limit, echoing: query) }
        // A head that a client takes for the answer's, and no sense behind it.
        var head = message
        head.answers = []
        head.authorities = []
        head.additionals = []
        head.udpPayloadSize = nil
        var octets = Array(head.encoded(echoing: query).prefix(garbage))
        if octets.count > 7 { octets[7] = 1 }
        octets += (octets.count..<garbage).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return octets
    }
}
