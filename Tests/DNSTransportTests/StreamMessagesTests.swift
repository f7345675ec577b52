import Testing

@testable import DNSTransport

@Suite("Messages of a connection")
struct StreamMessagesTests {
    /// As long as that, with an identifier and octets that tell where they stand.
    private func message(_ identifier: UInt16, _ count: Int) -> [UInt8] {
        [UInt8(identifier >> 8), UInt8(identifier & 0xFF)] + (2..<count).map { UInt8(truncatingIfNeeded: $0) }
    }

    private func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
    }

    @Test("They come out as they were sent, wherever the stream is cut", arguments: [1, 2, 3, 7, 500, 20_000, 70_000])
    func cut(_ size: Int) {
        let sent = [message(1, 40_000), message(0x0201, 12), message(2, 65_535), message(3, 2)]
        let stream = sent.flatMap(framed)
        var messages = StreamMessages()
        var received: [[UInt8]] = []
        for begin in stride(from: 0, to: stream.count, by: size) {
            messages.receive(stream[begin..<min(begin + size, stream.count)])
            while let next = sent.dropFirst(received.count).first,
                let taken = messages.take(where: { $0.starts(with: next.prefix(2)) })
            {
                received.append(taken)
            }
        }
        #expect(received == sent)
    }

    @Test("Each is found by its identifier, once, in whatever order")
    func identifiers() {
        let (first, second) = (message(0x0102, 20), message(0x0103, 30))
        var messages = StreamMessages()
        messages.receive(framed(first) + framed(second))
        #expect(messages.take { $0.starts(with: [1, 4]) } == nil)
        #expect(messages.take { $0.starts(with: [1, 3]) } == second)
        #expect(messages.take { $0.starts(with: [1, 2]) } == first)
        #expect(messages.take { $0.starts(with: [1, 2]) } == nil)
    }

    @Test("Of several with one identifier the one that is meant is taken")
    func meant() {
        let (first, second) = (message(1, 20), message(1, 30))
        var messages = StreamMessages()
        messages.receive(framed(first) + framed(second))
        #expect(messages.take { $0.starts(with: first.prefix(2)) && $0.count == 30 } == second)
        #expect(messages.take { $0.count == 30 } == nil)
        #expect(messages.take { $0.count == 20 } == first)
    }

    @Test("Those that nobody took are dropped, and what is not complete yet is not")
    func drop() {
        let (first, second) = (message(1, 20), message(2, 30))
        var messages = StreamMessages()
        messages.receive(framed(first) + framed(second).dropLast())
        messages.dropComplete()
        #expect(messages.take { $0.starts(with: first.prefix(2)) } == nil)
        #expect(messages.take { $0.starts(with: second.prefix(2)) } == nil)
        messages.receive(framed(second).suffix(1))
        #expect(messages.take { $0.starts(with: second.prefix(2)) } == second)
    }
}
