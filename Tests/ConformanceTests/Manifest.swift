import TestServers

extension Service {
    /// The service as Kubernetes manifests: itself, and for a headless one an EndpointSlice for each family and pod.
    var manifest: String {
        let metadata = "metadata: {name: \"\(name)\", namespace: \"\(namespace)\"}"
        let ports = ports.map { "{\($0.label)port: \($0.number), protocol: \($0.transport.uppercased())}" }
        let head = "apiVersion: v1\nkind: Service\n\(metadata)\n"
        let list = "ports: [\(ports.joined(separator: ", "))]"
        switch kind {
        case .clusterIP(let addresses):
            let quoted = addresses.map { "\"\($0)\"" }.joined(separator: ", ")
            return head + "spec: {clusterIPs: [\(quoted)], \(list)}\n"
        case .externalName(let target):
            return head + "spec: {type: ExternalName, externalName: \"\(target)\"}\n"
        case .headless(let pods):
            let families =
                [("IPv4", { !$0.contains(":") }), ("IPv6", { $0.contains(":") })] as [(String, (String) -> Bool)]
            let slices = families.map { family, isOfFamily in
                let endpoints = pods.compactMap { pod in
                    pod.addresses.first(where: isOfFamily).map { "  - {addresses: [\"\($0)\"]\(pod.label)}" }
                }
                return """
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata:
                      name: "\(name.prefix(50))-\(family.lowercased())"
                      namespace: "\(namespace)"
                      labels: {kubernetes.io/service-name: "\(name)"}
                    addressType: \(family)
                    \(list)
                    endpoints:
                    \(endpoints.joined(separator: "\n"))

                    """
            }
            return head + "spec: {clusterIP: None, \(list)}\n---\n" + slices.joined(separator: "---\n")
        }
    }
}

extension Service.Port {
    fileprivate var label: String { name.map { "name: \"\($0)\", " } ?? "" }
}

extension Service.Pod {
    /// Nothing for a pod that goes by its address.
    fileprivate var label: String {
        let dashed = addresses.first?.map { ".:".contains($0) ? "-" : String($0) }.joined()
        return hostname == dashed ? "" : ", hostname: \(hostname)"
    }
}
