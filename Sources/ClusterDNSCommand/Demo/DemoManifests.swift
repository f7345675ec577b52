internal import LocalCluster

/// The manifests of the demo, part of the executable: a copy of it has them too.
enum DemoManifests {
    static let files: [(name: String, octets: [UInt8])] = [
        ("service-a.yaml", PackageResources.service_a_yaml),
        ("service-b.yaml", PackageResources.service_b_yaml),
        ("worker.yaml", PackageResources.worker_yaml),
        ("partner.yaml", PackageResources.partner_yaml),
    ]

    static var manifests: [Manifest] {
        files.map { .yaml(String(decoding: $0.octets, as: UTF8.self), name: $0.name) }
    }

    /// All of them as one, without its last line feed.
    static var text: String {
        String(files.map { String(decoding: $0.octets, as: UTF8.self) }.joined(separator: "---\n").dropLast())
    }
}
