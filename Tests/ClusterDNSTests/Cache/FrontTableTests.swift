import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("The front table", .timeLimit(.minutes(5)))
struct FrontTableTests {
    private func contents(_ name: String, _ address: UInt32) -> EndpointSet.Contents {
        EndpointSet.Contents(
            endpoints: [Endpoint(address: IPAddress(ipv4: address))],
            absoluteName: .name(DomainName(name) ?? .root)
        )
    }

    private func key(_ name: String) -> LookupKey { LookupKey(name: name, kind: .addresses) }

    @Test("What was read is gone from every thread's copies when it is replaced or taken out")
    func replaced() async {
        let front = FrontTable(capacity: 100, failureCapacity: 10)
        for round in 1...20 as ClosedRange<UInt32> {
            #expect(front.publish(contents("a.", round), for: key("a"), usage: Usage()))
            await withTaskGroup(of: IPAddress?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        _ = front.addresses(of: "a")
                        return front.addresses(of: "a")?.endpoints.first?.address
                    }
                }
                for await address in group { #expect(address == IPAddress(ipv4: round)) }
            }
        }
        front.remove(key("a"))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 { group.addTask { front.addresses(of: "a") == nil } }
            for await isGone in group { #expect(isGone) }
        }
    }

    @Test("Many names are read by one thread, each its own", arguments: [3, 100, 5000])
    func many(count: Int) {
        let front = FrontTable(capacity: 5000, failureCapacity: 10)
        for number in 0..<count {
            #expect(
                front.publish(contents("\(number).", UInt32(number)), for: key("service-\(number)"), usage: Usage())
            )
        }
        for _ in 0..<3 {
            for number in 0..<count {
                #expect(front.addresses(of: "service-\(number)")?.absoluteName.description == "\(number).")
            }
        }
        #expect(front.addresses(of: "service") == nil)
    }

    @Test("Whatever a thread copies it finds again, however crowded its places are")
    func crowded() {
        var copies = FrontCopies(counting: ReadCounter())
        for number in 0..<1000 {
            copies.insert(
                contents("\(number).", 1),
                "service-\(number)",
                isStale: false,
                of: Usage(),
                edition: 0,
                most: 4
            )
            #expect(copies.find("service-\(number)")?.absoluteName.description == "\(number).")
        }
    }

    @Test("Only copies of what has changed, or whose marks were taken, are void")
    func editions() {
        let front = FrontTable(capacity: 10, failureCapacity: 1)
        let usages = ["a": Usage(), "b": Usage(), "c": Usage(), "d": Usage()]
        for (name, usage) in usages {
            #expect(front.publish(contents("\(name).", 1), for: key(name), usage: usage))
            _ = front.outcome(of: key(name))
        }
        func copied() -> [String] { usages.keys.filter { front.copy(of: $0) != nil }.sorted() }
        #expect(copied() == ["a", "b", "c", "d"])
        #expect(front.publish(contents("a.", 2), for: key("a"), usage: Usage()))
        #expect(copied() == ["b", "c", "d"])
        #expect(usages["b"]?.take(for: .refresh) == true)
        #expect(copied() == ["c", "d"])
        front.flush([DomainName("c") ?? .root])
        #expect(copied() == ["d"])
        // Nobody has read it since.
        #expect(usages["b"]?.take(for: .refresh) == false)
        _ = front.outcome(of: key("b"))
        #expect(copied() == ["b", "d"])
        front.removeAll()
        #expect(copied() == [])
    }

    @Test("Over its capacity it takes no more, and says so")
    func full() {
        let front = FrontTable(capacity: 2, failureCapacity: 1)
        #expect(front.publish(contents("a.", 1), for: key("a"), usage: Usage()))
        #expect(front.publish(contents("b.", 2), for: key("b"), usage: Usage()))
        #expect(!front.publish(contents("c.", 3), for: key("c"), usage: Usage()))
        #expect(front.publish(contents("a.", 4), for: key("a"), usage: Usage()))
        #expect(front.addresses(of: "a")?.endpoints.first?.address == IPAddress(ipv4: 4))
        #expect(front.addresses(of: "c") == nil)
    }

    @Test("Each reader of marks sees that a name was read since he last took them")
    func marks() {
        let front = FrontTable(capacity: 2, failureCapacity: 1)
        let usage = Usage()
        #expect(front.publish(contents("a.", 1), for: key("a"), usage: usage))
        #expect(!usage.take(for: .refresh))
        for _ in 0..<3 {
            _ = front.addresses(of: "a")
            #expect(usage.take(for: .refresh))
            #expect(usage.take(for: .eviction))
            #expect(!usage.take(for: .refresh))
        }
    }
}
