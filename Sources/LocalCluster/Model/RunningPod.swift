import ClusterDNS

/// A pod that is there: of a manifest, or one of a workload's replicas.
struct RunningPod: Hashable, Sendable {
    var name: ObjectName
    var template: PodTemplate
    var givenAddresses: [IPAddress]
    var isReady: Bool
}

extension ClusterState {
    /// All pods, those of a workload in the order of their numbers.
    var runningPods: [RunningPod] {
        let alone = pods.values.sorted { $0.name < $1.name }.map {
            RunningPod(name: $0.name, template: $0.template, givenAddresses: $0.addresses, isReady: isReady($0.name))
        }
        let workloads = workloads.values.sorted {
            ($0.key.name, $0.key.kind.rawValue) < ($1.key.name, $1.key.kind.rawValue)
        }
        return alone + workloads.flatMap { workload in (0..<workload.replicas).map { pod($0, of: workload) } }
    }

    private func isReady(_ pod: ObjectName) -> Bool { !unready.contains(pod) }

    /// Pods of a Deployment are numbered as well: names that can be told in advance are what a test needs.
    private func pod(_ index: Int, of workload: Workload) -> RunningPod {
        let name = "\(workload.key.name.name)-\(workload.firstOrdinal + index)"
        let podName = ObjectName(name: name, namespace: workload.key.name.namespace)
        var template = workload.template
        if workload.key.kind == .statefulSet { template.hostname = Self.hostname(name) }
        return RunningPod(name: podName, template: template, givenAddresses: [], isReady: isReady(podName))
    }

    /// A pod's name as its host name, cut to a label as Kubernetes cuts it.
    private static func hostname(_ name: String) -> String {
        var label = name.prefix(63)
        while label.last == "-" { label.removeLast() }
        return String(label)
    }
}
