/// The fields that an object has where DNS depends on some of them (Kubernetes 1.34): what is spelt wrong has no effect otherwise
/// than by its absence.
extension Field {
    /// The fields of an object's metadata, of its `spec`, and of the ports there, that no object of its kind has.
    func unknownFields(of kind: String) throws(ManifestError) -> [Field] {
        if kind == "Pod" { return try unknownPodFields() }
        var unknown = try unknownMetadata()
        guard let known = Self.specFields[kind], let spec = try member("spec") else { return unknown }
        unknown += try spec.members(besides: known)
        if kind == "Service" {
            for port in try spec.items("ports") { unknown += try port.members(besides: Self.servicePortFields) }
        } else if let template = try spec.member("template") {
            unknown += try template.unknownPodFields()
        }
        return unknown
    }

    /// Of a pod or a template for pods. The fields of their `spec` are too many to be worth it.
    private func unknownPodFields() throws(ManifestError) -> [Field] {
        var unknown = try unknownMetadata()
        for container in try member("spec")?.items("containers") ?? [] {
            for port in try container.items("ports") { unknown += try port.members(besides: Self.containerPortFields) }
        }
        return unknown
    }

    private func unknownMetadata() throws(ManifestError) -> [Field] {
        try member("metadata")?.members(besides: Self.metadataFields) ?? []
    }

    private func members(besides known: Set<String>) throws(ManifestError) -> [Field] {
        try members().filter { !known.contains($0.name) }.map(\.field)
    }

    private static let metadataFields: Set = [
        "annotations", "clusterName", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp",
        "finalizers", "generateName", "generation", "labels", "managedFields", "name", "namespace",
        "ownerReferences", "resourceVersion", "selfLink", "uid",
    ]

    /// By kind.
    private static let specFields: [String: Set<String>] = [
        "Service": [
            "allocateLoadBalancerNodePorts", "clusterIP", "clusterIPs", "externalIPs", "externalName",
            "externalTrafficPolicy", "healthCheckNodePort", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
            "loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges", "ports", "publishNotReadyAddresses",
            "selector", "sessionAffinity", "sessionAffinityConfig", "trafficDistribution", "type",
        ],
        "Deployment": [
            "minReadySeconds", "paused", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector",
            "strategy", "template",
        ],
        "StatefulSet": [
            "minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy", "replicas",
            "revisionHistoryLimit", "selector", "serviceName", "template", "updateStrategy", "volumeClaimTemplates",
        ],
        "ReplicaSet": ["minReadySeconds", "replicas", "selector", "template"],
        "DaemonSet": ["minReadySeconds", "revisionHistoryLimit", "selector", "template", "updateStrategy"],
    ]

    private static let servicePortFields: Set = ["appProtocol", "name", "nodePort", "port", "protocol", "targetPort"]
    private static let containerPortFields: Set = ["containerPort", "hostIP", "hostPort", "name", "protocol"]
}
