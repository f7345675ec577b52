import Foundation
import TestProcesses

/// A change to a zone while a Knot serves it. Data is as in a zone file.
public enum ZoneChange: Sendable {
    case add(_ owner: String, ttl: Int = 30, type: String, data: String)
    /// Takes away a record, the records of one type, or all of a name.
    case remove(_ owner: String, type: String? = nil, data: String? = nil)

    func arguments(_ zone: String) -> [String] {
        switch self {
        case .add(let owner, let ttl, let type, let data):
            ["zone-set", zone, owner, "\(ttl)", type, data]
        case .remove(let owner, let type, let data):
            ["zone-unset", zone, owner] + [type, data].compactMap(\.self)
        }
    }
}

extension TestServer {
    /// Makes all changes at once, in the Knot that holds the zone. A forwarder may go on with what it has cached.
    public func change(_ zone: String, _ changes: [ZoneChange]) async throws {
        if let upstream { return try await upstream.change(zone, changes) }
        guard kind == .knot else { throw ServerFailure("\(kind) cannot change a zone while it runs") }
        try await control(["zone-begin", zone])
        do {
            for change in changes { try await control(change.arguments(zone)) }
            try await control(["zone-commit", zone])
        } catch {
            try? await control(["zone-abort", zone])
            throw error
        }
    }

    private func control(_ arguments: [String]) async throws {
        let knotc = try await Program.run("knotc", ["-s", directory.appending(path: "knot.sock").path] + arguments)
        guard knotc.status == 0 else {
            throw ServerFailure("knotc \(arguments.joined(separator: " ")): \(knotc.output)\(knotc.errors)")
        }
    }
}
