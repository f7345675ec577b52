import Foundation
import TestProcesses

/// The inside of a network namespace with a pod's `resolv.conf`, which is what `getaddrinfo` goes by.
struct Pod: Sendable {
    private let resolvConf: String

    private static let variable = "LOOKUP_BENCH_RESOLV_CONF"

    /// Nothing outside of a namespace of ours.
    static var current: Pod? {
        ProcessInfo.processInfo.environment[variable].map(Pod.init)
    }

    /// Makes the servers that `getaddrinfo` asks this one.
    func use(_ address: String) throws {
        // Whoever set the variable, the file of the machine itself is none to write to.
        let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        guard mounts.contains(" /etc/resolv.conf ") else {
            throw BenchmarkFailure("nothing is mounted on /etc/resolv.conf")
        }
        let text = """
            search \(Stage.namespace).svc.cluster.local svc.cluster.local cluster.local
            nameserver \(address)
            options ndots:5

            """
        // The mount alone keeps it from now on, so nothing is left behind however the program ends.
        unlink(resolvConf)
        // In its place: it is the file itself that is mounted, and glibc reads it anew when it has changed.
        let file = try FileHandle(forWritingTo: URL(filePath: "/etc/resolv.conf"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    /// Puts this program in place of itself in a namespace that has nothing but a loopback interface, and returns only
    /// where that cannot be done, for want of `unshare` or of the right to it.
    static func enter() {
        guard current == nil, let unshare = Program.path(of: "unshare"), let own = Bundle.main.executablePath else {
            return
        }
        // One of our own: another user's, or another run's, could not be written, or would be read.
        var template = Array("\(NSTemporaryDirectory())/lookup-bench-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return }
        close(descriptor)
        let file = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let enter = ["--net", "--mount", "--propagation", "private"]
        let user = getuid() == 0 ? [] : ["--user", "--map-root-user"]
        let prepare = "ip link set lo up && mount --bind \"$\(variable)\" /etc/resolv.conf"
        setenv(variable, file, 1)
        guard succeeds(unshare, user + enter + ["sh", "-c", prepare]) else {
            unsetenv(variable)
            unlink(file)
            return
        }
        let arguments =
            [unshare] + user + enter + ["sh", "-c", "\(prepare) && exec \"$0\" \"$@\"", own]
            + CommandLine.arguments.dropFirst()
        var pointers = arguments.map { strdup($0) } + [nil]
        execv(unshare, &pointers)
        unsetenv(variable)
        unlink(file)
    }

    /// Loses one packet of DNS in a hundred, each way, while `body` runs.
    func losingPackets<Result>(_ body: () async throws -> Result) async throws -> Result {
        let rules = """
            table ip loss {
                chain in { type filter hook input priority 0; \
            udp dport 53 numgen random mod 100 < 1 drop; udp sport 53 numgen random mod 100 < 1 drop; }
            }
            """
        guard let nft = Program.path(of: "nft"), Self.succeeds(nft, [rules]) else {
            throw BenchmarkFailure("nft does not take the rules")
        }
        defer { _ = Self.succeeds(nft, ["delete table ip loss"]) }
        return try await body()
    }

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        (try? ChildProcess(program, arguments))?.wait(for: .seconds(10)) == 0
    }
}
