import ClusterDNS

/// Answers as they went over the wire, for the queries that are like those that they went to in all but the ID.
struct EncodedAnswers: Sendable {
    struct EncodedAnswer: Sendable {
        var octets: [UInt8]
        var question: Question
        var log: LocalCluster.Query
    }

    /// Answers that are kept; when there are more, keeping begins anew.
    private static let capacity = 4096
    /// Any client takes an answer of this length, by any transport, if nothing is missing in it.
    private static let maximumLength = 512

    private var answers: [QueryWithoutID: EncodedAnswer] = [:]

    func answer(to query: [UInt8]) -> EncodedAnswer? {
        guard var answer = answers[QueryWithoutID(query)] else { return nil }
        answer.octets[0] = query[0]
        answer.octets[1] = query[1]
        return answer
    }

    mutating func keep(_ answer: EncodedAnswer, for query: [UInt8]) {
        let isTruncated = answer.octets[2] & 0x02 != 0
        guard !isTruncated, answer.octets.count <= Self.maximumLength else { return }
        if answers.count >= Self.capacity { answers = [:] }
        answers[QueryWithoutID(query)] = answer
    }
}

private struct QueryWithoutID: Hashable, Sendable {
    private let octets: [UInt8]

    init(_ query: [UInt8]) {
        octets = Array(query.dropFirst(2))
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(StableHash.hash(octets))
    }
}
