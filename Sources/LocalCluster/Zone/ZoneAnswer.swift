import ClusterDNS

/// What a name server has to say to a question.
struct ZoneAnswer: Hashable, Sendable {
    var responseCode: ResponseCode = .noError
    var isAuthoritative = true
    var recursionAvailable = false
    var answers: [Record] = []
    var authorities: [Record] = []
    var additionals: [Record] = []

    /// The answer to a name that is not served here.
    static let refused = ZoneAnswer(responseCode: .refused, isAuthoritative: false)

    /// The message that brings the answer to a query, its addresses in an order of chance.
    func message(to query: Message, using generator: inout some RandomNumberGenerator) -> Message {
        Message(
            id: query.id,
            isResponse: true,
            isAuthoritative: isAuthoritative,
            recursionDesired: query.recursionDesired,
            recursionAvailable: recursionAvailable,
            opcode: query.opcode,
            responseCode: responseCode,
            question: query.question,
            answers: shuffledAnswers(using: &generator),
            authorities: authorities,
            additionals: additionals,
            udpPayloadSize: query.udpPayloadSize
        )
    }

    /// Whether the answer differs from one time to the next.
    var isShuffled: Bool { answers.count - firstAddress > 1 }

    /// Addresses are shuffled and come last, all else stays in order, as CoreDNS' loadbalance plugin does it.
    private func shuffledAnswers(using generator: inout some RandomNumberGenerator) -> [Record] {
        guard isShuffled else { return answers }
        var shuffled = answers
        shuffled[firstAddress...].shuffle(using: &generator)
        return shuffled
    }

    /// Where the addresses at the end begin.
    private var firstAddress: Int {
        (answers.lastIndex { !$0.data.isAddress } ?? -1) + 1
    }
}

extension RecordData {
    var isAddress: Bool {
        if case .address = self { true } else { false }
    }
}
