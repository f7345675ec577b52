import DNSTransport
import Testing

@testable import ClusterDNS

@Suite("Watching resolv.conf")
struct ResolvConfWatchTests {
    /// A file that a test writes.
    private final class File {
        var text: String? = "nameserver 10.0.0.1"
        var writes: Int64 = 1

        func write(_ text: String?) {
            self.text = text
            writes += 1
        }

        var watch: ResolvConfWatch {
            get throws {
                ResolvConfWatch(
                    path: "resolv.conf",
                    nameServers: [try NameServer("10.0.0.1")],
                    version: { _ in self.text == nil ? nil : FileVersion(testing: self.writes) },
                    read: { _ in self.text.map { Array($0.utf8) } }
                )
            }
        }
    }

    @Test("Other name servers are given once")
    func changed() throws {
        let file = File()
        var watch = try file.watch
        #expect(watch.change() == nil)
        file.write("nameserver 10.0.0.2")
        #expect(watch.change() == [try NameServer("10.0.0.2")])
        #expect(watch.change() == nil)
    }

    @Test("A file that has changed before the first look is noticed")
    func changedEarly() throws {
        let file = File()
        file.write("nameserver 10.0.0.2")
        var watch = try file.watch
        #expect(watch.change() == [try NameServer("10.0.0.2")])
        #expect(watch.change() == nil)
    }

    @Test("The same name servers, none, or no file change nothing", arguments: ["nameserver 10.0.0.1\n", "", "#", nil])
    func unchanged(text: String?) throws {
        let file = File()
        var watch = try file.watch
        file.write(text)
        #expect(watch.change() == nil)
        file.write("nameserver 10.0.0.3")
        #expect(watch.change() == [try NameServer("10.0.0.3")])
    }

    @Test("New questions go to the new name servers, and what is cached stays")
    func engine() throws {
        var nameServers: [NameServer]?
        let simulation = try Simulation(nameServerChange: { nameServers }) { question, _ in
            .addresses(question, "10.1.0.1", ttl: 30)
        }
        _ = try simulation.resolve("service-b")
        nameServers = [try NameServer("10.96.0.99")]
        simulation.run(for: .seconds(2))
        _ = try simulation.resolve("service-b")
        _ = try simulation.resolve("service-c")
        #expect(simulation.sent.map(\.attempt.server.octets) == [[10, 96, 0, 10], [10, 96, 0, 99]])
    }
}
