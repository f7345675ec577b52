// Does one kind of lookup as often as it is told, for valgrind to count its instructions: the rows of `Instructions.swift`.
//
// A plain program, without an `async` main: that leaves the first thread in sigsuspend(2), which valgrind 3.19 does not survive.

import ClusterDNS
import Foundation

enum Kind: String {
    case hit, handle, miss
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let kind = Kind(rawValue: arguments[1]), let count = Int(arguments[2]), count > 0 else {
    print("usage: lookup-instructions hit|handle|miss COUNT SERVER")
    exit(64)
}

var configuration = ResolverConfiguration()
configuration.namespace = "bench"
configuration.clusterDomain = "cluster.local"
configuration.nameServers = [try NameServer(arguments[3])]
configuration.families = .ipv4
let resolver = try ClusterResolver(configuration)

/// - Returns: how many endpoints were found, so that nothing is left out.
func look() async throws -> Int {
    var found = 0
    switch kind {
    case .hit:
        for _ in 0..<count { found += try await resolver.resolve("s0").count }
    case .handle:
        let peers = resolver.peers("s0")
        _ = try await peers.next()
        for _ in 0..<count { found += peers.current?.count ?? 0 }
    case .miss:
        for number in 0..<count { found += try await resolver.resolve("s\(number)").count }
    }
    return found
}

let end = DispatchSemaphore(value: 0)
Task.detached {
    do { print(try await look()) } catch { print(error) }
    end.signal()
}
end.wait()
