import DNSTransport
import Foundation
import Synchronization
import Testing

@Suite("Places in memory for threads")
struct ThreadPlacesTests {
    @Test("A thread finds in its place what it left there")
    func kept() {
        let places = ThreadPlaces(0)
        for expected in 0..<100 {
            #expect(places.withValue { $0 } == expected)
            let done: Void? = places.withValue { $0 += 1 }
            #expect(done != nil)
        }
    }

    @Test("Whoever finds his place taken is told so, and does not wait")
    func taken() {
        let places = ThreadPlaces("value")
        let inner: String?? = places.withValue { _ in .some(places.withValue { $0 }) }
        #expect(inner == .some(nil))
        #expect(places.withValue { $0 } == "value")
    }

    @Test("Threads that meet in a place do not disturb each other")
    func manyThreads() {
        let places = ThreadPlaces([0, 0])
        let whole = Atomic(0)
        let torn = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 100) { _ in
            for _ in 0..<1000 {
                let isWhole: Bool? = places.withValue { value in
                    defer { value = [value[0] + 1, value[1] - 1] }
                    return value[0] == -value[1]
                }
                guard let isWhole else { continue }
                if isWhole { whole.wrappingAdd(1, ordering: .relaxed) } else { torn.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(torn.load(ordering: .relaxed) == 0)
        #expect(whole.load(ordering: .relaxed) > 0)
    }
}
