import ClusterDNS

/// The example of the README, to see that it compiles. It would ask the DNS of whatever machine it ran on, so it is not
/// run.
private func readmeExample() async throws {
    let resolver = try ClusterResolver()  // reads the pod's own environment

    // The addresses of a service in the pod's own namespace.
    let peers = try await resolver.resolve("service-b")
    for peer in peers { print(peer.address) }

    // Address and port of a named port, in another namespace, from SRV records.
    let http = try await resolver.resolve("service-b.payments", port: "http")
    for endpoint in http { print(endpoint) }  // 10.0.0.11:8080

    do {
        _ = try await resolver.resolve("service-c", port: 8080, timeout: .seconds(1))
    } catch let error as ClusterDNSError where error.code == .noSuchService {
        print(error.message)  // what was asked, and what to write instead
    }
}
