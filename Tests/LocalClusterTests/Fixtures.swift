import ClusterDNS

@testable import LocalCluster

enum Fixtures {
    static let shop = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: payments}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: service-b, namespace: payments}
        spec:
          replicas: 3
          selector: {matchLabels: {app: service-b}}
          template:
            metadata: {labels: {app: service-b, tier: back}}
            spec:
              containers:
                - name: main
                  ports: [{name: web, containerPort: 8080}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: service-b, namespace: payments}
        spec:
          selector: {app: service-b}
          clusterIP: 10.96.0.10
          ports:
            - {name: http, port: 80, targetPort: web}
            - {name: metrics, port: 9090, protocol: UDP}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: service-b-pods, namespace: payments}
        spec:
          selector: {app: service-b}
          clusterIP: None
          ports: [{name: http, port: 80, targetPort: web}]
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: default}
        spec:
          serviceName: db
          replicas: 2
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec: {containers: [{name: main}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db}
        spec:
          selector: {app: db}
          clusterIP: None
          ports: [{name: sql, port: 5432}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: dual}
        spec:
          clusterIPs: [10.96.0.20, "fd00:96::20"]
          ipFamilyPolicy: RequireDualStack
          ports: [{name: http, port: 80}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: portless}
        spec: {clusterIP: None, selector: {app: db}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: outside}
        spec: {type: ExternalName, externalName: api.example.com}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: inside}
        spec: {type: ExternalName, externalName: service-b.payments.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: nowhere}
        spec: {type: ExternalName, externalName: missing.payments.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: loop-a}
        spec: {type: ExternalName, externalName: loop-b.default.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: loop-b}
        spec: {type: ExternalName, externalName: loop-a.default.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: sliced}
        spec: {clusterIP: None, ports: [{name: http, port: 80}, {name: admin, port: 81}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: sliced-1, labels: {kubernetes.io/service-name: sliced}}
        addressType: IPv4
        ports: [{name: http, port: 8080}, {name: admin, port: 8081}]
        endpoints:
          - {addresses: [10.1.0.1], hostname: one, conditions: {ready: true}}
          - {addresses: [10.1.0.2]}
          - {addresses: [10.1.0.3], conditions: {ready: false}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: sliced-2, labels: {kubernetes.io/service-name: sliced}}
        addressType: IPv6
        ports: [{name: http, port: 8080}]
        endpoints: [{addresses: ["fd00:1::5"]}]
        """

    static func objects(_ yaml: String) throws -> [ClusterObject] {
        var reader = ManifestReader(source: "test.yaml", namespace: "default")
        try reader.read(yaml)
        return reader.objects
    }

    static func state(_ yaml: String = shop) throws -> ClusterState {
        try ClusterState().applying(objects(yaml))
    }

    static func zone(_ state: ClusterState, ttl: UInt32 = 5) throws -> Zone {
        let domain = DomainName("cluster.local") ?? .root
        let external = DomainName("api.example.com") ?? .root
        let addresses = [IPAddress(ipv4: 0xCB00_7105), IPAddress(ipv6: 0x2001_0DB8 << 96 | 5)]
        return Zone(
            state,
            settings: Zone.Settings(domain: domain, ttl: ttl, externalNames: [external: addresses]),
            serial: 7
        )
    }
}

extension ZoneAnswer {
    /// The records as `name ttl type data`, one a line.
    func lines(_ section: KeyPath<ZoneAnswer, [Record]> = \.answers) -> [String] {
        self[keyPath: section].map(\.text)
    }
}

extension Record {
    var text: String {
        let data: String =
            switch data {
            case .address(let address): "\(address.family == .ipv4 ? "A" : "AAAA") \(address)"
            case .srv(let record): "SRV \(record.priority) \(record.weight) \(record.port) \(record.target)"
            case .cname(let target): "CNAME \(target)"
            case .ptr(let target): "PTR \(target)"
            case .soa(let soa): "SOA \(soa.primary) \(soa.mailbox) \(soa.serial) \(soa.minimum)"
            case .txt(let strings): "TXT \(strings.map { String(decoding: $0, as: UTF8.self) })"
            default: "other"
            }
        return "\(name) \(ttl) \(data)"
    }
}
