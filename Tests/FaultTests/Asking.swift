import ClusterDNS
import Foundation
import LocalCluster
import Testing

/// A cluster with one service, and a resolver that asks it.
func withCluster<Result: Sendable>(
    faults: [Fault] = [],
    configuration change: (inout ResolverConfiguration) -> Void = { _ in },
    _ body: (LocalCluster, ClusterResolver) async throws -> Result
) async throws -> Result {
    try await LocalCluster.with(manifests: [.yaml(serviceB)], faults: faults) { cluster in
        var configuration = cluster.configuration
        configuration.families = .ipv4
        change(&configuration)
        return try await withClusterResolver(try ClusterResolver(configuration)) { try await body(cluster, $0) }
    }
}

let serviceB = """
    {apiVersion: v1, kind: Service, metadata: {name: service-b}, spec: {clusterIP: 10.96.0.11, ports: [{port: 80}]}}
    """

/// What a caller sees.
enum Outcome: Hashable, Sendable, CustomStringConvertible {
    case found([String])
    case failed(ClusterDNSError.Code)
    case cancelled

    static let serviceB = Outcome.found(["10.96.0.11"])

    var description: String {
        switch self {
        case .found(let addresses): "\(addresses)"
        case .failed(let code): "\(code)"
        case .cancelled: "cancelled"
        }
    }
}

extension ClusterResolver {
    func outcome(_ name: String, timeout: Duration? = nil) async -> Outcome {
        do {
            return .found(try await resolve(name, timeout: timeout).map(\.address.description))
        } catch let error as ClusterDNSError {
            return .failed(error.code)
        } catch is CancellationError {
            return .cancelled
        } catch {
            Issue.record(error)
            return .cancelled
        }
    }

    /// How many callers saw what, when all ask at once.
    func outcomes(_ names: [String], timeout: Duration? = nil) async -> [Outcome: Int] {
        // Not a group, which looks through all of its tasks for each that ends.
        let tasks = names.map { name in Task { await outcome(name, timeout: timeout) } }
        var counts: [Outcome: Int] = [:]
        for task in tasks { counts[await task.value, default: 0] += 1 }
        return counts
    }
}

/// Whether the machine has ::1, as the kernel tells it.
let hasIPv6Loopback =
    (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?
    .contains("00000000000000000000000000000001") == true
