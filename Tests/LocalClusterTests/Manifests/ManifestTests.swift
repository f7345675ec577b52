import ClusterDNS
import Testing

@testable import LocalCluster

@Suite("Manifests that are read")
struct ManifestTests {
    private func service(_ spec: String) throws -> Service {
        let yaml = "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: \(spec)}"
        let first = try #require(Fixtures.objects(yaml).first)
        guard case .service(let service) = first else { throw Wrong() }
        return service
    }

    private struct Wrong: Error {}

    @Test("A service has its ports, its selector and its namespace")
    func service() throws {
        let yaml = """
            apiVersion: v1
            kind: Service
            metadata:
              name: service-b
              namespace: payments
            spec:
              type: NodePort
              selector: {app: b}
              publishNotReadyAddresses: true
              clusterIP: 10.0.0.1
              ports:
                - {name: http, port: 80, targetPort: web}
                - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
                - {name: sctp, port: 9, protocol: SCTP}
            """
        let expected = Service(
            name: ObjectName(name: "service-b", namespace: "payments"),
            kind: .clusterIP([IPAddress(ipv4: 0x0A00_0001)]),
            families: [.ipv4],
            ports: [
                Service.Port(name: "http", transport: .tcp, number: 80, target: .name("web")),
                Service.Port(name: "dns", transport: .udp, number: 53, target: .number(5353)),
                Service.Port(name: "sctp", transport: .sctp, number: 9, target: .number(9)),
            ],
            selector: ["app": "b"],
            publishNotReadyAddresses: true
        )
        #expect(try Fixtures.objects(yaml) == [.service(expected)])
    }

    @Test(
        "A service's families are those it lists, else those of its addresses, else IPv4",
        arguments: [
            ("{ports: [{port: 1}]}", [IPAddress.Family.ipv4]),
            ("{ports: [{port: 1}], ipFamilyPolicy: PreferDualStack}", [.ipv4]),
            ("{ports: [{port: 1}], ipFamilyPolicy: RequireDualStack}", [.ipv4, .ipv6]),
            ("{ports: [{port: 1}], ipFamilies: [IPv6, IPv4]}", [.ipv6, .ipv4]),
            ("{ports: [{port: 1}], clusterIP: 'fd00::1'}", [.ipv6]),
            ("{ports: [{port: 1}], clusterIP: 'fd00::1', clusterIPs: ['fd00::1', 10.0.0.1]}", [.ipv6, .ipv4]),
            ("{clusterIP: None, ipFamilies: [IPv6]}", [.ipv6]),
        ]
    )
    func families(_ spec: String, _ families: [IPAddress.Family]) throws {
        #expect(try service(spec).families == families)
    }

    @Test("A service is headless, an alias, or has an address that may be ours to choose")
    func kinds() throws {
        #expect(try service("{clusterIP: None}").kind == .headless)
        #expect(try service("{clusterIP: None, clusterIPs: [None]}").kind == .headless)
        #expect(try service("{clusterIP: '', ports: [{port: 1}]}").kind == .clusterIP([]))
        #expect(try service("{type: ExternalName, externalName: a.example.com}").kind == .externalName("a.example.com"))
    }

    @Test("Several documents, lists, empty documents and other kinds go together")
    func documents() throws {
        let yaml = """
            ---
            # nothing here
            ---
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Namespace, metadata: {name: one}}
              - {apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {}}
            ---
            {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: y}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: two}}
            ---
            """
        var reader = ManifestReader(source: "k8s.yaml", namespace: "default")
        try reader.read(yaml)
        #expect(reader.objects == [.namespace("one"), .namespace("two")])
        #expect(
            reader.notes == [
                "k8s.yaml:8: document 2: v1 ConfigMap skipped: cluster DNS does not depend on it",
                "k8s.yaml:10: document 3: serving.knative.dev/v1 Service skipped: cluster DNS does not depend on it",
            ]
        )
    }

    @Test("A merge key brings the fields that an object does not have itself; in quotes it is a field")
    func merged() throws {
        let yaml = """
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            common:
              - &headless {clusterIP: None, selector: {app: a, tier: "1"}}
              - &ports {<<: *headless, selector: {app: b}, ports: [{port: 80}]}
            spec:
              <<: [*ports, {selector: {app: c}, publishNotReadyAddresses: true}]
              selector: {<<: {app: d, x: "1"}, app: e, "<<": f}
            """
        guard case .service(let service)? = try Fixtures.objects(yaml).first else { throw Wrong() }
        #expect(service.kind == .headless)
        #expect(service.ports.map(\.number) == [80])
        #expect(service.publishNotReadyAddresses)
        #expect(service.selector == ["app": "e", "x": "1", "<<": "f"])
    }

    @Test("Pods, Deployments and EndpointSlices may have dots in their names")
    func dots() throws {
        let yaml = """
            {apiVersion: v1, kind: Pod, metadata: {name: api-ip-10-0-1-5.ec2.internal}, spec: {containers: []}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a.b}
            spec: {selector: {}, template: {spec: {containers: []}}}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: s.1, labels: {kubernetes.io/service-name: s}}
            addressType: IPv4
            """
        #expect(try Fixtures.objects(yaml).count == 3)
    }

    @Test("Names that are empty, and target ports of 0, count as left out")
    func emptyNames() throws {
        let yaml = """
            apiVersion: v1
            kind: Service
            metadata: {name: s, namespace: ""}
            spec: {type: "", ports: [{name: "", port: 80, protocol: "", targetPort: ""}]}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: t}, spec: {ports: [{port: 81, targetPort: 0}]}}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: w}
            spec:
              serviceName: ""
              selector: {matchLabels: {app: w}}
              template:
                metadata: {labels: {app: w}}
                spec: {hostname: "", subdomain: "", containers: [{ports: [{name: "", containerPort: 1}]}]}
            """
        let objects = try Fixtures.objects(yaml)
        guard case .service(let s) = objects[0], case .service(let t) = objects[1], case .workload(let w) = objects[2]
        else { throw Wrong() }
        #expect(s.name == ObjectName(name: "s", namespace: "default"))
        #expect(s.ports == [Service.Port(name: "", transport: .tcp, number: 80, target: .number(80))])
        #expect(t.ports.map(\.target) == [.number(81)])
        #expect(w.template == PodTemplate(labels: ["app": "w"], hostname: nil, subdomain: nil, ports: []))
    }

    @Test("A byte order mark is no part of the text", arguments: ["", "---\n"])
    func byteOrderMark(begin: String) throws {
        let yaml = "\u{FEFF}\(begin)apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n"
        #expect(try Fixtures.objects(yaml) == [.namespace("one")])
    }

    @Test("An init container that goes on running has ports as any other")
    func sidecar() throws {
        let yaml = """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              initContainers:
                - {ports: [{name: setup, containerPort: 1}]}
                - {restartPolicy: Always, ports: [{name: metrics, containerPort: 2}]}
              containers: [{ports: [{name: http, containerPort: 3}]}]
            """
        guard case .pod(let pod) = try Fixtures.objects(yaml)[0] else { throw Wrong() }
        #expect(pod.template.ports.map(\.name) == ["http", "metrics"])
    }

    @Test("A workload has one replica unless it says how many")
    func replicas() throws {
        let yaml = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              selector: {matchLabels: {app: d}}
              template: {metadata: {labels: {app: d}}, spec: {containers: []}}
            """
        let first = try #require(Fixtures.objects(yaml).first)
        guard case .workload(let workload) = first else { throw Wrong() }
        #expect(workload.replicas == 1)
        #expect(workload.key.kind == .deployment)
    }
}

@Suite("Manifests that are refused")
struct BadManifestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var yaml: String
        var error: String
        var testDescription: String { error }

        init(_ yaml: String, _ error: String) {
            (self.yaml, self.error) = (yaml, error)
        }

        init(service spec: String, _ error: String) {
            self.init("{apiVersion: v1, kind: Service, metadata: {name: s}, spec: \(spec)}", error)
        }

        init(workload spec: String, _ error: String) {
            self.init("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: \(spec)}", error)
        }

        init(slice body: String, _ error: String) {
            self.init(
                """
                {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
                 metadata: {name: s, labels: {kubernetes.io/service-name: s}}, \(body)}
                """,
                error
            )
        }
    }

    static let port = "expected a number from 1 to 65535"
    static let cases = [
        Case("hello", "t:1: document 1: expected an object, found \"hello\""),
        Case("kind: Service", "t:1: document 1: apiVersion: expected a version such as v1, found nothing"),
        Case("apiVersion: v1", "t:1: document 1: kind: expected a kind such as Service, found nothing"),
        Case(
            "a: &a {x: 1}\nb: &b {<<: [*a, *a, *a, *a]}\nc: &c {<<: [*b, *b, *b, *b]}\n<<: [*c, *c, *c, *c]",
            "t:1: document 1: expected at most 64 merged objects"
        ),
        Case("a: [", "t:2: document 1: expected YAML: did not find expected node content"),
        Case("a: 1\na: 2", "t:1: document 1: expected YAML: expected each field once, found more than one a"),
        Case(
            "{apiVersion: v1, kind: Service}",
            "t:1: document 1: metadata: expected an object with a name, found nothing"
        ),
        Case(
            "{apiVersion: v1, kind: Service, metadata: {name: A}}",
            "t:1: document 1: metadata.name: expected \(NameRules.label), found \"A\""
        ),
        Case(
            "{apiVersion: v1, kind: Service, metadata: {name: 17}}",
            "t:1: document 1: metadata.name: expected \(NameRules.label) (in quotes), found 17"
        ),
        Case(
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Namespace}",
            "t:4: document 2: metadata: expected an object with a name, found nothing"
        ),
        Case(
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: -}}]}",
            "t:1: document 1: items[0].metadata.name: expected \(NameRules.label), found \"-\""
        ),
        Case(service: "{}", "t:1: document 1: spec: expected at least one port in ports"),
        Case(service: "{ports: 80}", "t:1: document 1: spec.ports: expected a list, found 80"),
        Case(service: "{ports: [{port: 0}]}", "t:1: document 1: spec.ports[0].port: \(port), found 0"),
        Case(service: "{ports: [{port: http}]}", "t:1: document 1: spec.ports[0].port: \(port), found \"http\""),
        Case(service: "{ports: [{port: '80'}]}", "t:1: document 1: spec.ports[0].port: \(port), found \"80\""),
        Case(service: "{ports: [{name: a}]}", "t:1: document 1: spec.ports[0].port: \(port), found nothing"),
        Case(
            service: "{ports: [{port: 99999999999999999999}]}",
            "t:1: document 1: spec.ports[0].port: \(port), found 99999999999999999999"
        ),
        Case(
            service: "{ports: [{name: a, port: 1}, {port: 2}]}",
            "t:1: document 1: spec.ports[1].name: expected a name: a service with several ports names each, found nothing"
        ),
        Case(
            service: "{ports: [{name: a, port: 1}, {name: a, port: 2}]}",
            "t:1: document 1: spec.ports[1]: expected each name once, found \"a\" twice"
        ),
        Case(
            service: "{ports: [{port: 1, protocol: tcp}]}",
            "t:1: document 1: spec.ports[0].protocol: expected TCP or UDP or SCTP, found \"tcp\""
        ),
        Case(
            service: "{ports: [{port: 1, targetPort: 1-}]}",
            "t:1: document 1: spec.ports[0].targetPort: \(port) or \(NameRules.portName), found \"1-\""
        ),
        Case(
            service: "{type: Nope}",
            "t:1: document 1: spec.type: expected ClusterIP or NodePort or LoadBalancer or ExternalName, found \"Nope\""
        ),
        Case(
            service: "{type: ExternalName}",
            "t:1: document 1: spec.externalName: expected \(NameRules.subdomain), found nothing"
        ),
        Case(
            service: "{clusterIP: 10.0.0}",
            "t:1: document 1: spec.clusterIP: expected an IPv4 or IPv6 address or None, found \"10.0.0\""
        ),
        Case(
            service: "{clusterIPs: [10.0.0.1, 10.0.0.2]}",
            "t:1: document 1: spec.clusterIPs[1]: expected at most one address of each family"
        ),
        Case(
            service: "{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]}",
            "t:1: document 1: spec.clusterIPs[0]: expected the same as spec.clusterIP"
        ),
        Case(
            service: "{clusterIP: 10.0.0.1, ipFamilies: [IPv6], ports: [{port: 1}]}",
            "t:1: document 1: spec.ipFamilies: expected the family of the address 10.0.0.1 among them"
        ),
        Case(
            service: "{clusterIP: None, selector: {version: 2}}",
            "t:1: document 1: spec.selector.version: expected a string (in quotes), found 2"
        ),
        Case(
            service: "{clusterIP: None, publishNotReadyAddresses: 'yes'}",
            "t:1: document 1: spec.publishNotReadyAddresses: expected true or false, found \"yes\""
        ),
        Case(workload: "{}", "t:1: document 1: spec.template: expected a pod template, found nothing"),
        Case(
            workload: "{replicas: -1, selector: {}, template: {spec: {}}}",
            "t:1: document 1: spec.replicas: expected a number from 0 to 10000, found -1"
        ),
        Case(
            workload: "{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}, spec: {}}}",
            """
            t:1: document 1: spec.selector: expected spec.template.metadata.labels to match, a differs
            """
        ),
        Case(
            workload:
                "{selector: {}, template: {spec: {containers: [{ports: [{name: long-name-of-a-port, containerPort: 1}]}]}}}",
            "t:1: document 1: spec.template.spec.containers[0].ports[0].name: expected \(NameRules.portName), found \"long-name-of-a-port\""
        ),
        Case(
            slice: "addressType: IPv4, endpoints: [{}]",
            "t:2: document 1: endpoints[0]: expected at least one address"
        ),
        Case(
            slice: "addressType: IPv4, endpoints: [{addresses: ['::1']}]",
            "t:2: document 1: endpoints[0].addresses[0]: expected an address of the slice's addressType"
        ),
        Case(
            "{apiVersion: v1, kind: Deployment, metadata: {name: a}}",
            "t:1: document 1: expected kind Deployment of apiVersion apps/v1, found Deployment of v1"
        ),
        Case(
            "{apiVersion: v1, kind: service, metadata: {name: a}}",
            "t:1: document 1: expected kind Service of apiVersion v1, found service of v1"
        ),
        Case(
            service: "{type: LoadBalancer, clusterIP: None, ports: [{port: 1}]}",
            "t:1: document 1: spec.type: expected ClusterIP: clusterIP is None"
        ),
        Case(
            service: "{ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack, ports: [{port: 1}]}",
            "t:1: document 1: spec.ipFamilyPolicy: expected RequireDualStack or PreferDualStack for two families"
        ),
        Case(
            service: "{ports: [{name: a, port: 1}, {name: b, port: 1}]}",
            "t:1: document 1: spec.ports[1]: expected each port once, found 1/TCP twice"
        ),
    ]

    @Test("Lists of all kinds are opened, in each other too, and what says nothing to DNS is skipped with the reason")
    func listsAndReasons() throws {
        var reader = ManifestReader(source: "t", namespace: "default")
        try reader.read(
            """
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: NamespaceList, items: [{metadata: {name: one}}]}
              - {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: None, selectors: {}, ports: [{port: 1, targetport: 2}]}}
              - {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: s}}
              - {apiVersion: v1, kind: Endpoints, metadata: {name: e, labels: {endpointslice.kubernetes.io/skip-mirror: "true"}}}
              - {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}, status: {phase: Pending}}
              - {apiVersion: v1, kind: Pod, metadata: {name: q, lables: {}}, spec: {containers: [{ports: [{containerPort: 1, nmae: a}]}]}}
              - apiVersion: apps/v1
                kind: Deployment
                metadata: {name: d, namspace: x}
                spec:
                  replica: 5
                  selector: {matchLabels: {}}
                  template: {metadata: {label: {}}, spec: {containers: [{ports: [{containerPort: 1, protocl: UDP}]}]}}
            ---
            \u{FEFF}{apiVersion: v1, kind: Namespace, metadata: {name: two}}
            """
        )
        #expect(reader.objects.count == 5)
        #expect(reader.objects.first == .namespace("one") && reader.objects.last == .namespace("two"))
        let reasons = [
            "Service has no field items[1].spec.selectors", "Service has no field items[1].spec.ports[0].targetport",
            "of which service it is", "makes no EndpointSlices of them", "it has no address yet",
            "Pod has no field items[5].metadata.lables", "Pod has no field items[5].spec.containers[0].ports[0].nmae",
            "Deployment has no field items[6].metadata.namspace", "Deployment has no field items[6].spec.replica",
            "Deployment has no field items[6].spec.template.metadata.label",
            "Deployment has no field items[6].spec.template.spec.containers[0].ports[0].protocl",
        ]
        #expect(reader.notes.count == reasons.count)
        for (note, reason) in zip(reader.notes, reasons) { #expect(note.contains(reason)) }
        let deep = (0..<10).reduce("{apiVersion: v1, kind: Namespace, metadata: {name: x}}") { item, _ in
            "{apiVersion: v1, kind: List, items: [\(item)]}"
        }
        #expect(throws: ManifestError.self) { try reader.read(deep) }
    }

    @Test("The error says the document, the field, and what was expected", arguments: cases)
    func error(_ bad: Case) throws {
        let error = #expect(throws: ManifestError.self) {
            var reader = ManifestReader(source: "t", namespace: "default")
            try reader.read(bad.yaml)
        }
        #expect(error?.description == bad.error)
    }

    @Test("Nesting without end is refused, and so is a text that is too long")
    func bounds() {
        #expect(throws: ManifestError.self) { try Fixtures.objects(String(repeating: "[", count: 100_000)) }
        #expect(throws: ManifestError.self) {
            try Fixtures.objects(String(repeating: " ", count: ManifestReader.maximumLength + 1))
        }
        let many = String(repeating: "---\n{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n", count: 10_001)
        #expect(throws: ManifestError.self) { try Fixtures.objects(many) }
    }
}
