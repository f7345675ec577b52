import DNSTransport
import Foundation
import Synchronization
import Testing

@Suite("Places in memory for threads", .timeLimit(.minutes(5)))
struct ThreadPlacesTests {
    private final class Counts: Sendable {
        let places = ThreadPlaces { _ in 0 }
        let wrong = Atomic(0)
        let served = Atomic(0)

        func use() {
            let first: Int? = places.withValue { $0 }
            for step in 0..<1000 {
                let value: Int? = places.withValue { value in
                    defer { value += 1 }
                    return value
                }
                if value != first.map({ $0 + step }) { wrong.wrappingAdd(1, ordering: .relaxed) }
            }
            if first != nil { served.wrappingAdd(1, ordering: .relaxed) }
        }
    }

    @Test("A thread finds in its place what it left there, and nobody else's")
    func own() async {
        let counts = Counts()
        // More threads than there are places: who has none is told so.
        await onThreads(200) { counts.use() }
        #expect(counts.wrong.load(ordering: .relaxed) == 0)
    }

    @Test("A place is free again when its thread has ended")
    func givenBack() async {
        let counts = Counts()
        for _ in 0..<500 { await onThreads(1) { counts.use() } }
        // Other tests have threads too, but not for as long as this.
        #expect(counts.served.load(ordering: .relaxed) > 64)
        #expect(counts.wrong.load(ordering: .relaxed) == 0)
    }
}

/// Runs `body` on so many threads of their own, and waits for their end.
private func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) async {
    await withTaskGroup(of: Void.self) { group in
        for _ in 0..<count {
            group.addTask {
                await withCheckedContinuation { continuation in
                    Thread {
                        body(); continuation.resume()
                    }.start()
                }
            }
        }
    }
}
