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
        // The pods of a StatefulSet have names of their own, as those of manifests have; those of others are ours to name.
        var taken = Set(alone.map(\.name))
        for workload in workloads where workload.key.kind == .statefulSet {
            for index in 0..<workload.replicas { taken.insert(workload.podName(index)) }
        }
        return alone
            + workloads.flatMap { workload in
                (0..<workload.replicas).map { pod($0, of: workload, notNamed: &taken) }
            }
    }

    private func isReady(_ pod: ObjectName) -> Bool { !unready.contains(pod) }

    private func pod(_ index: Int, of workload: Workload, notNamed taken: inout Set<ObjectName>) -> RunningPod {
        var name = workload.podName(index)
        var template = workload.template
        if workload.key.kind == .statefulSet {
            template.hostname = Self.hostname(name.name)
            template.labels["statefulset.kubernetes.io/pod-name"] = name.name
            template.labels["apps.kubernetes.io/pod-index"] = "\(workload.firstOrdinal + index)"
        } else {
            while !taken.insert(name).inserted { name.name = "\(workload.key.kind.rawValue.lowercased())-\(name.name)" }
        }
        return RunningPod(name: name, template: template, givenAddresses: [], isReady: isReady(name))
    }

    /// A pod's name as its host name, cut to a label as Kubernetes cuts it.
    private static func hostname(_ name: String) -> String {
        var label = name.prefix(63)
        while label.last == "-" { label.removeLast() }
        return String(label)
    }
}

extension Workload {
    /// Pods of a Deployment are numbered as well: names that can be told in advance are what a test needs. Where another pod
    /// has that name, the kind stands before it.
    fileprivate func podName(_ index: Int) -> ObjectName {
        ObjectName(name: "\(key.name.name)-\(firstOrdinal + index)", namespace: key.name.namespace)
    }
}
