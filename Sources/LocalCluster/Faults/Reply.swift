import ClusterDNS

/// What goes back to a client, and how.
struct Reply: Hashable, Sendable {
    enum Fate: Hashable, Sendable {
        case send(copies: Int)
        /// After the next reply.
        case hold
        case drop
        case closeConnection
    }

    var octets: [UInt8]
    var fate = Fate.send(copies: 1)
    var delay = Duration.zero
}

/// The octets of an answer, and what the faults make of them.
struct FaultyAnswer {
    var message: Message
    private(set) var fate = Reply.Fate.send(copies: 1)
    private var delay = Duration.zero
    private var garbage: Int?

    init(_ message: Message) {
        self.message = message
    }

    mutating func apply(_ effect: Fault.Effect) {
        switch effect {
        case .drop: fate = .drop
        case .delay(let more): delay += max(.zero, more)
        case .duplicate: fate = .send(copies: 2)
        case .reorder: fate = .hold
        case .truncate:
            clear()
            message.isTruncated = true
        case .wrongID: message.id = ~message.id
        case .wrongQuestion: askOtherQuestion()
        case .cnameLoop: loop()
        case .responseCode(let code):
            clear()
            message.responseCode = code.responseCode
        case .garbage(let octets): garbage = min(max(0, octets), 65_507)
        case .closeTCP: fate = .closeConnection
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
        guard let garbage else {
            return Reply(octets: message.encoded(limit: limit, echoing: query), fate: fate, delay: delay)
        }
        // A head that a client takes for the answer's, and no sense behind it.
        var head = message
        head.answers = []
        head.authorities = []
        head.additionals = []
        head.udpPayloadSize = nil
        var octets = Array(head.encoded(echoing: query).prefix(garbage))
        if octets.count > 7 { octets[7] = 1 }
        octets += (octets.count..<garbage).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Reply(octets: octets, fate: fate, delay: delay)
    }
}
