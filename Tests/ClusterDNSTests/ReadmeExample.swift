import ClusterDNS

/// The example of the README, to see that it compiles. It would ask the DNS of whatever machine it ran on, so it is not
/// run.
private func readmeExample() async throws {
    let resolver = try ClusterResolver()  // reads the pod's own environment

    // The addresses of a service in the pod's own namespace.
    let addresses = try await resolver.resolve("service-b").addresses

    // Address and port of a named port, in another namespace, from SRV records.
    let http = try await resolver.resolve("service-b.payments", port: "http")
    for endpoint in http { print(endpoint) }  // 10.0.0.11:8080

    do {
        _ = try await resolver.resolve("service-c", port: 8080, timeout: .seconds(1))
    } catch let error as ClusterDNSError where error.code == .noSuchService {
        print(error.message)  // what was asked, and what to write instead
    }

    // A live handle: the set is kept fresh for as long as the handle is there.
    let peers = resolver.peers("service-b", port: 8080)
    let endpoint = try await peers.next()  // one of them, round robin
    print("\(endpoint) is one of \(addresses)")
    for try await change in peers.changes {
        print("\(change.endpoints.count) endpoints, new: \(change.added), gone: \(change.removed)")
    }
}
