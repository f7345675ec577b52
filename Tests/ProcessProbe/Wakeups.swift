import Foundation

/// How often each thread of the process was put on a processor.
struct Wakeups {
    private let counts: [Thread: Int]

    private struct Thread: Hashable {
        let id: String
        let name: String
    }

    /// Prints a line for each thread, but for the one that asks.
    static func printOver(_ seconds: Int32) throws {
        let before = try Wakeups()
        poll(nil, 0, seconds * 1000)
        let after = try Wakeups()
        for (thread, count) in after.counts.sorted(by: { $0.key.name < $1.key.name }) {
            print(count - before.counts[thread, default: 0], thread.name)
        }
    }

    private init() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        var counts: [Thread: Int] = [:]
        for id in try entries(of: "/proc/self/task") where !own.hasSuffix("/\(id)") {
            // A thread may go while we look.
            guard let text = try? String(contentsOfFile: "/proc/self/task/\(id)/status", encoding: .utf8) else {
                continue
            }
            let fields = text.split(separator: "\n").map { $0.split(separator: ":\t").map(String.init) }
            let name = fields.first { $0.first == "Name" }?.last ?? ""
            counts[Thread(id: id, name: name)] = fields.filter { $0.first?.hasSuffix("ctxt_switches") == true }
                .compactMap { $0.last.flatMap { Int($0) } }.reduce(0, +)
        }
        self.counts = counts
    }
}
