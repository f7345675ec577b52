import DNSTransport
import Testing

@Suite("A value that a task waits for", .timeLimit(.minutes(1)))
struct PendingTests {
    /// What cannot be copied needs an owner to be shared.
    private final class Box: Sendable {
        let pending = Pending<Int>()
    }

    @Test("An end before the wait is kept for it, and later ends change nothing")
    func endedBefore() async {
        let box = Box()
        #expect(!box.pending.isOver && box.pending.outcome == nil)
        box.pending.end(with: 1)
        box.pending.end(with: 2)
        #expect(box.pending.isOver && box.pending.outcome == 1)
        #expect(await box.pending.wait() == 1)
        box.pending.end(with: 3)
        #expect(box.pending.isOver && box.pending.outcome == nil)
    }

    @Test("Of many who end it one decides, before the wait or in it")
    func race() async {
        for _ in 0..<1000 {
            let box = Box()
            await withDiscardingTaskGroup { group in
                for number in 1...4 { group.addTask { box.pending.end(with: number) } }
                #expect((1...4).contains(await box.pending.wait()))
            }
            #expect(box.pending.isOver && box.pending.outcome == nil)
        }
    }
}
