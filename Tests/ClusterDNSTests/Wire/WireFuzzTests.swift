import Testing

@testable import ClusterDNS

/// Octets from outside can be anything: none of them may end the process, and what is read from them must make sense.
@Suite("Messages with errors in them")
struct WireFuzzTests {
    /// Decodes octets that may be anything, and checks what is true of every message.
    private func read(_ octets: [UInt8], question: Question) {
        guard let message = try? Message(decoding: octets) else {
            // An error is one of reading, or the message is not for us: it is never an answer.
            switch Answer(octets, to: question) {
            case .malformed, .notOurs: break
            case let answer: Issue.record("\(answer) from \(octets), which cannot be decoded")
            }
            return
        }
        let records = message.answers.count + message.authorities.count + message.additionals.count
        if records > octets.count / 11 { Issue.record("\(records) records in \(octets)") }
        if Answer(octets, to: question) != Answer(message, to: question) { Issue.record("two answers in \(octets)") }
    }

    @Test("Every octet of a message, changed in many ways", arguments: Samples.all)
    func changedOctets(message: Message) throws {
        let question = try #require(message.question)
        let octets = message.encoded()
        for index in octets.indices {
            for value in [0, 1, 2, 5, 12, 16, 28, 33, 41, 0x3F, 0x40, 0x80, 0xC0, 0xFF, octets[index] &+ 1] {
                var changed = octets
                changed[index] = value
                read(changed, question: question)
            }
        }
    }

    @Test("Messages put together and changed at random", arguments: 0..<8)
    func randomChanges(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let samples = Samples.all.map { $0.encoded() }
        let question = Samples.addresses.question ?? Question(name: .root, type: .a)
        for _ in 0..<5000 {
            var octets = samples[Int.random(in: 0..<samples.count, using: &generator)]
            for _ in 0...Int.random(in: 0...4, using: &generator) { change(&octets, using: &generator) }
            read(octets, question: question)
        }
    }

    private func change(_ octets: inout [UInt8], using generator: inout SplitMix64) {
        guard !octets.isEmpty else { return }
        let index = Int.random(in: 0..<octets.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: octets[index] = generator.number()
        case 1: octets[index] ^= 1 << Int.random(in: 0..<8, using: &generator)
        case 2: octets.removeSubrange(index..<min(octets.count, index + 4))
        case 3: octets.insert(contentsOf: octets[index..<min(octets.count, index + 20)], at: index)
        default:
            octets[index] = 0xC0 | generator.number() & 1
        }
    }

    @Test("Rubbish behind a good header", arguments: 0..<8)
    func rubbish(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let head = packet("0000 8000 0001 ffff ffff ffff 'a' 0001 0001")
        let question = Question(name: name("a"), type: .a)
        for _ in 0..<2000 { read(head + generator.octets(0...80), question: question) }
        read(head + generator.octets(65000...65000), question: question)
        // Octets that look like names, pointers and small numbers get further.
        let likely: [UInt8] = [0, 0, 0, 1, 1, 1, 5, 12, 16, 28, 33, 41, 0x61, 0xC0]
        for count in Array(repeating: 80, count: 2000) + [65000] {
            let octets = (0..<count).map { _ in likely[Int.random(in: 0..<likely.count, using: &generator)] }
            read(head + octets, question: question)
        }
    }
}
