internal import ClusterDNS
internal import LocalCluster

/// What a cluster serves, for a person.
struct ServedReport: Equatable {
    /// More addresses than this are counted.
    private static let mostAddresses = 4

    var services: [LocalCluster.ServiceRow]
    var pods: Int
    /// Another one where something is different, whether it can be seen in the services or not.
    var serial: UInt32

    init(_ services: [LocalCluster.ServiceRow], pods: Int, serial: UInt32 = 0) {
        self.services = services
        self.pods = pods
        self.serial = serial
    }

    /// `5 services, 8 pods`
    var summary: String {
        "\(counted(services.count, "service")), \(counted(pods, "pod"))"
    }

    /// The services one a row.
    func lines(within width: Int = Console.tableWidth) -> [String] {
        let header = ["SERVICE", "TYPE", "ADDRESSES", "PORTS", "ENDPOINTS"]
        let rows = services.map { service in
            [
                "\(service.name).\(service.namespace)",
                service.type,
                service.externalName.map { "alias for\n\($0)" } ?? Self.some(of: service.addresses.map(\.description)),
                service.ports.map(\.description).joined(separator: "\n"),
                service.externalName == nil ? "\(Self.count(of: service.endpoints))" : "",
            ]
        }
        return table([header] + rows, within: width)
    }

    /// One that has an address of each family is one.
    private static func count(of endpoints: [IPAddress]) -> Int {
        IPAddress.Family.allCases.map { family in endpoints.count { $0.family == family } }.max() ?? 0
    }

    private static func some(of addresses: [String]) -> String {
        guard addresses.count > mostAddresses else { return addresses.joined(separator: "\n") }
        let shown = addresses.prefix(mostAddresses - 1)
        return (shown + ["and \(addresses.count - shown.count) more"]).joined(separator: "\n")
    }

    /// A service to try it with: its name as `resolve` takes it.
    ///
    /// - Parameter namespace: in which a short name is looked for.
    func example(in namespace: String) -> String? {
        let candidates = services.filter { !$0.addresses.isEmpty }
        let own = candidates.first { $0.namespace == namespace }
        return own?.name ?? candidates.first.map { "\($0.name).\($0.namespace)" }
    }
}

extension LocalCluster {
    var report: ServedReport {
        ServedReport(services, pods: pods.count, serial: serial)
    }
}
