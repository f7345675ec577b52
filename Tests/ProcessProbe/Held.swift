import Foundation

/// What the process holds.
struct Held {
    let threads: Int
    let descriptors: Int

    /// Prints what is held before and after 20 rounds, and fails if it is more after them.
    static func printAround(_ round: (Int) async throws -> Void) async throws {
        // What comes to life once and for all is there after the first rounds.
        for number in 0..<20 { try await round(number) }
        let before = try Held()
        for number in 0..<20 { try await round(number) }
        // A thread's entry goes a moment after its last instruction, and a pool's thread when it has been idle for seconds.
        for _ in 0..<10_000 where try Held().isMore(than: before) { poll(nil, 0, 1) }
        let after = try Held()
        print("threads", before.threads, after.threads)
        print("descriptors", before.descriptors, after.descriptors)
        if after.isMore(than: before) { exit(1) }
    }

    private init() throws {
        threads = try entries(of: "/proc/self/task").count
        descriptors = try entries(of: "/proc/self/fd").count
    }

    /// Twenty rounds that leave something behind leave it twenty times. The runtime has a few of its own, for timers and
    /// idle threads, which come and go as it likes.
    private func isMore(than other: Held) -> Bool {
        threads > other.threads + Self.ownOfRuntime || descriptors > other.descriptors + Self.ownOfRuntime
    }

    private static let ownOfRuntime = 5
}

func entries(of folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
}
