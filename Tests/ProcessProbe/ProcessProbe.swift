import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import TestServers

/// Looks at a process from inside, its own: what others do there would count in the process of the tests.
///
///     ProcessProbe resolvers    threads and descriptors before and after 20 resolvers
///     ProcessProbe clusters     the same for LocalCluster
///     ProcessProbe full         what a resolver says of a process that may have no more descriptors
///     ProcessProbe servers      starts name servers, names them, and is killed
///     ProcessProbe idle 10      the wake-ups of each thread in 10 s, with a resolver whose warm cache nobody reads
///     ProcessProbe handles 60   the queries of each second of 60 s, with 500 live handles at a TTL of 5 s
///
/// Of those threads `cluster-dns` is the resolver's. One of libdispatch's is woken once a second in every process that has
/// run a task, to look after the others.
@main
enum ProcessProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first.flatMap(Int32.init)) {
        case ("resolvers", nil): try await resolvers()
        case ("clusters", nil): try await clusters()
        case ("full", nil): try await full()
        case ("servers", nil): try await servers()
        case ("idle", let seconds?) where (1...3600).contains(seconds): try await idle(seconds)
        case ("handles", let seconds?) where (2...3600).contains(seconds): try await handles(seconds)
        default:
            print("usage: ProcessProbe resolvers | clusters | full | servers | idle SECONDS | handles SECONDS")
            exit(64)
        }
    }

    private static func resolvers() async throws {
        try await LocalCluster.with(manifests: [manifest], faults: [.drop("silent")]) { cluster in
            try await Held.printAround { number in
                let resolver = try ClusterResolver(cluster.configuration)
                try await resolve(resolver)
                // Every other one is let go, the rest are shut down while an answer is awaited.
                if number.isMultiple(of: 2) { return }
                let lookup = Task { try await resolver.resolve("silent") }
                await resolver.shutdown()
                _ = await lookup.result
            }
        }
    }

    private static func clusters() async throws {
        try await Held.printAround { _ in
            try await LocalCluster.with(manifests: [manifest]) { cluster in
                let resolver = try ClusterResolver(cluster.configuration)
                try await resolve(resolver)
                await resolver.shutdown()
            }
        }
    }

    private static func full() async throws {
        try await LocalCluster.with(manifests: [manifest]) { cluster in
            // What comes to life once and for all has its descriptors by then.
            let earlier = try ClusterResolver(cluster.configuration)
            try await resolve(earlier)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
            limit.rlim_cur = min(limit.rlim_cur, 256)
            setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
            var taken: [Int32] = []
            while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
            do throws(ClusterDNSError) { _ = try ClusterResolver(cluster.configuration) } catch { print(error.code) }
            // One to wake its thread with, and none for a socket.
            taken.popLast().map { _ = close($0) }
            let resolver = try ClusterResolver(cluster.configuration)
            do { _ = try await resolver.resolve("web-0.web") } catch { print(error) }
            for descriptor in taken { close(descriptor) }
            resolver.flush()
            print(try await resolver.resolve("web-0.web").count)
            await resolver.shutdown()
            await earlier.shutdown()
        }
    }

    private static func servers() async throws {
        let server = try await TestServer.start(.unbound)
        for server in [server, server.upstream].compactMap(\.self) {
            print(server.processID, server.directory.path)
        }
        fflush(nil)
        kill(getpid(), SIGKILL)
    }

    private static func idle(_ seconds: Int32) async throws {
        try await LocalCluster.with(manifests: [manifest], ttl: .seconds(30)) { cluster in
            let resolver = try ClusterResolver(cluster.configuration)
            for pod in 0..<100 { _ = try await resolver.resolve("web-\(pod).web") }
            try await blocking {
                // The threads that ran our tasks go to sleep. The lookups have left nothing to be done.
                poll(nil, 0, 100)
                try Wakeups.printOver(seconds)
            }
            await resolver.shutdown()
        }
    }

    private static func handles(_ seconds: Int32) async throws {
        let services = (0..<500).map {
            "{apiVersion: v1, kind: Service, metadata: {name: s\($0)}, spec: {ports: [{port: 80}]}}"
        }
        let manifest = Manifest.yaml(services.joined(separator: "\n---\n"))
        try await LocalCluster.with(manifests: [manifest], ttl: .seconds(5)) { cluster in
            var configuration = cluster.configuration
            configuration.families = .ipv4
            let resolver = try ClusterResolver(configuration)
            let handles = (0..<500).map { resolver.peers("s\($0)") }
            for handle in handles { _ = try await handle.next() }
            let before = (sent: resolver.statistics.messagesSent, time: try LoopTime.now)
            var perSecond: [Int] = []
            var last = before.sent
            for _ in 0..<seconds {
                await blocking { _ = poll(nil, 0, 1000) }
                perSecond.append(resolver.statistics.messagesSent - last)
                last += perSecond.last ?? 0
            }
            let mean = Double(last - before.sent) / Double(seconds)
            let used = try LoopTime.now - before.time
            print(
                "queries",
                last - before.sent,
                "mean",
                mean,
                "least",
                perSecond.min() ?? 0,
                "most",
                perSecond.max() ?? 0
            )
            print("processor time of the loop thread, ms a second", 1000 * used / Double(seconds))
            _ = handles
            await resolver.shutdown()
        }
    }

    /// A service of so many pods that their addresses fit no datagram; each has a name of its own, `web-0.web`.
    private static let manifest = Manifest.yaml(
        """
        {apiVersion: v1, kind: Service, metadata: {name: web},
         spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}}
        ---
        {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web},
         spec: {replicas: 300, serviceName: web, selector: {matchLabels: {app: web}},
         template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}
        """
    )

    /// One lookup over UDP, and one over TCP.
    private static func resolve(_ resolver: ClusterResolver) async throws {
        _ = try await resolver.resolve("web-0.web")
        _ = try await resolver.resolve("web")
    }
}
