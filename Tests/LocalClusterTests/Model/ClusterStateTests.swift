import ClusterDNS
import Testing

@testable import LocalCluster

@Suite("The state of the cluster")
struct ClusterStateTests {
    private func name(_ name: String, _ namespace: String = "default") -> ObjectName {
        ObjectName(name: name, namespace: namespace)
    }

    private func endpoints(_ service: ObjectName, _ state: ClusterState) throws -> [EndpointGroup] {
        let service = try #require(state.services[service])
        return EndpointIndex(state).endpoints(of: service)
    }

    private func addresses(_ state: ClusterState) -> [IPAddress] {
        state.runningPods.compactMap { state.address(.ipv4, of: $0) }
    }

    @Test("A selector finds pods by their labels, a port by its name")
    func selectors() throws {
        let state = try Fixtures.state()
        let groups = try endpoints(name("service-b", "payments"), state)
        #expect(groups.count == 1)
        #expect(groups.first?.addresses.count == 3)
        #expect(
            groups.first?.ports == [
                EndpointSlice.Port(name: "http", transport: .tcp, number: 8080),
                EndpointSlice.Port(name: "metrics", transport: .udp, number: 9090),
            ]
        )
    }

    @Test("Pods that are not ready are no endpoints, unless the service wants them")
    func readiness() throws {
        let state = try Fixtures.state().settingReady(false, pod: name("db-1"))
        #expect(try endpoints(name("db"), state).flatMap(\.addresses).map(\.hostname) == ["db-0"])
        var service = try #require(state.services[name("db")])
        service.publishNotReadyAddresses = true
        let published = try state.applying([.service(service)])
        #expect(try endpoints(name("db"), published).flatMap(\.addresses).map(\.hostname) == ["db-0", "db-1"])
        let again = try state.settingReady(true, pod: name("db-1"))
        #expect(try endpoints(name("db"), again).flatMap(\.addresses).count == 2)
    }

    @Test("Endpoints are those of a service that selects none; of one that does, its pods are")
    func endpointsObject() throws {
        let endpoints = """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: db}
            subsets:
              - addresses: [{ip: 10.1.0.1, hostname: one}, {ip: "fd00::1"}]
                notReadyAddresses: [{ip: 10.1.0.2}]
                ports: [{name: sql, port: 5433}]
            """
        let service = "{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {clusterIP: None}}"
        let alone = try Fixtures.state(endpoints + "\n---\n" + service)
        let groups = try self.endpoints(name("db"), alone).filter { !$0.addresses.isEmpty }
        #expect(groups.flatMap(\.addresses).map(\.address.description) == ["10.1.0.1", "fd00::1"])
        #expect(groups.flatMap(\.addresses).map(\.hostname) == ["one", nil])
        #expect(groups.allSatisfy { $0.ports == [EndpointSlice.Port(name: "sql", transport: .tcp, number: 5433)] })
        let both = try Fixtures.state().applying(Fixtures.objects(endpoints))
        #expect(try self.endpoints(name("db"), both).flatMap(\.addresses).map(\.hostname) == ["db-0", "db-1"])
    }

    @Test(
        "A ReplicaSet has pods as a Deployment has, a DaemonSet one",
        arguments: [("ReplicaSet", 3), ("DaemonSet", 1)]
    )
    func otherWorkloads(kind: String, pods: Int) throws {
        let state = try Fixtures.state(
            """
            apiVersion: apps/v1
            kind: \(kind)
            metadata: {name: agent}
            spec:
              replicas: 3
              selector: {matchLabels: {app: agent}}
              template: {metadata: {labels: {app: agent}}, spec: {containers: []}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: agent}, spec: {clusterIP: None, selector: {app: agent}}}
            """
        )
        #expect(try endpoints(name("agent"), state).flatMap(\.addresses).count == pods)
    }

    @Test("What a cluster prints of itself has each pod once, and those that are ready alone are endpoints")
    func exported() async throws {
        func pod(_ name: String, _ owner: String, _ status: String) -> String {
            """
            - apiVersion: v1
              kind: Pod
              metadata: {name: \(name), labels: {app: web}, ownerReferences: [\(owner)]}
              spec: {containers: [{name: main}]}
              status: \(status)
            """
        }
        let workload = "{selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {}}}"
        let items = [
            pod("web-7d9f-abcde", "{kind: ReplicaSet, name: web-7d9f, controller: true}", "{podIP: 10.1.0.1}"),
            pod("other-x", "{kind: Job, name: other, controller: true}", "{phase: Succeeded, podIP: 10.1.0.2}"),
            pod("ready", "", "{podIP: 10.1.0.3, conditions: [{type: Ready, status: 'True'}]}"),
            pod("unready", "", "{podIP: 10.1.0.4, conditions: [{type: Ready, status: 'False'}]}"),
            pod("pending", "", "{phase: Pending}"),
            "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: \(workload)}",
            "- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-7d9f, ownerReferences: "
                + "[{kind: Deployment, name: web, controller: true}]}, spec: \(workload)}",
            "- {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: None, selector: {app: web}}}",
        ]
        let list = Manifest.yaml("apiVersion: v1\nkind: List\nitems:\n" + items.joined(separator: "\n"))
        let contents = try await ManifestContents([list], namespace: "default")
        let state = try ClusterState().applying(contents.objects)
        #expect(state.runningPods.map(\.name.name) == ["ready", "unready", "web-0"])
        let endpoints = try endpoints(name("web"), state).flatMap(\.addresses).map(\.address.description)
        #expect(endpoints.count == 2)
        #expect(endpoints.contains("10.1.0.3"))
        #expect(contents.notes.count == 3)
    }

    @Test("A service whose port leads to none of its pods' ports is noted")
    func portToNowhere() throws {
        let state = try ClusterState().applying(
            Fixtures.objects(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p, labels: {app: a}}
                spec: {containers: [{ports: [{name: web, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: a}
                spec:
                  selector: {app: a}
                  ports:
                    - {name: http, port: 80, targetPort: web}
                    - {name: other, port: 81, targetPort: wbe}
                    - {name: dns, port: 53, targetPort: dns}
                    - {name: number, port: 82, targetPort: 9}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: nobody}
                spec: {selector: {app: nobody}, ports: [{port: 80, targetPort: web}]}
                """
            )
        )
        #expect(
            EndpointIndex(state).notes == [
                "service a.default: none of its pods has the port wbe/TCP that port 81 leads to",
                "service a.default: none of its pods has the port dns/TCP that port 53 leads to",
            ]
        )
    }

    @Test("Each pod of a StatefulSet can be selected alone")
    func podLabels() throws {
        let state = try Fixtures.state().applying(
            Fixtures.objects(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: first}
                spec: {clusterIP: None, selector: {statefulset.kubernetes.io/pod-name: db-0}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: second}
                spec: {clusterIP: None, selector: {app: db, apps.kubernetes.io/pod-index: "1"}}
                """
            )
        )
        let both = try endpoints(name("db"), state).flatMap(\.addresses).map(\.address)
        let alone = try ["first", "second"].map { try endpoints(name($0), state).flatMap(\.addresses).map(\.address) }
        #expect(alone.map(\.count) == [1, 1])
        #expect(alone.flatMap(\.self) == both)
    }

    @Test("Workloads of one name have pods of different names, where these are ours to give")
    func podNames() throws {
        let pods =
            "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}"
        let state = try ClusterState().applying(
            Fixtures.objects(
                [("Deployment", "web"), ("StatefulSet", "web"), ("DaemonSet", "web"), ("Deployment", "deployment-web")]
                    .map { "apiVersion: apps/v1\nkind: \($0)\nmetadata: {name: \($1)}\n\(pods)\n" }
                    .joined(separator: "---\n")
            )
        )
        let names = ["deployment-web-0", "daemonset-web-0", "deployment-deployment-web-0", "web-0"]
        #expect(state.runningPods.map(\.name.name) == names)
    }

    @Test("What Kubernetes has made of objects that are here is not there twice")
    func madeSlices() throws {
        func slice(_ service: String, _ manager: String) -> String {
            """
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: \(service)-1
              labels: {kubernetes.io/service-name: \(service), endpointslice.kubernetes.io/managed-by: \(manager)}
            addressType: IPv4
            endpoints: [{addresses: [10.244.0.7]}]

            """
        }
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: alone}\nspec: {clusterIP: None}\n"
        let endpoints = """
            ---
            apiVersion: v1
            kind: Endpoints
            metadata: {name: alone}
            subsets: [{addresses: [{ip: 10.244.0.7}]}]

            """
        let mirror = slice("alone", "endpointslicemirroring-controller.k8s.io")
        func count(_ service: String, _ yaml: String) throws -> Int {
            let state = try Fixtures.state().applying(Fixtures.objects(yaml))
            return try self.endpoints(name(service), state).flatMap(\.addresses).count
        }
        #expect(try count("db", slice("db", "endpointslice-controller.k8s.io")) == 2)
        #expect(try count("db", slice("db", "mine")) == 3)
        let none = try Fixtures.state().applying(Fixtures.objects(slice("db", "endpointslice-controller.k8s.io")))
            .scaling(name("db"), to: 0)
        #expect(try self.endpoints(name("db"), none).isEmpty)
        #expect(try count("alone", service + mirror) == 1)
        #expect(try count("alone", service + endpoints + mirror) == 1)
    }

    @Test("A pod that is going, or has no address of the family, is no endpoint; nor has an alias any")
    func noEndpoints() throws {
        let state = try ClusterState().applying(
            Fixtures.objects(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: going, deletionTimestamp: "2026-01-01T00:00:00Z", labels: {app: a}}
                spec: {containers: []}
                status: {phase: Running, podIP: 10.1.1.1}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: there, labels: {app: b}}
                spec: {containers: []}
                status: {phase: Running, podIP: 10.1.1.2}
                ---
                {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: None, selector: {app: a}}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: b}
                spec: {clusterIP: None, ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, selector: {app: b}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: c}
                spec: {type: ExternalName, externalName: example.com, selector: {app: b}}
                """
            )
        )
        let found = try ["a", "b", "c"].map {
            try endpoints(name($0), state).flatMap(\.addresses).map(\.address.description)
        }
        #expect(found == [[], ["10.1.1.2"], []])
    }

    @Test("A pod's manifest counts for its readiness where it says something new, else what was said since")
    func readinessOfManifest() throws {
        func pod(_ isReady: Bool) throws -> [ClusterObject] {
            let condition = "{type: Ready, status: '\(isReady ? "True" : "False")'}"
            return try Fixtures.objects(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec: {containers: []}
                status: {conditions: [\(condition)]}
                """
            )
        }
        let begun = try ClusterState().applying(pod(false))
        #expect(begun.runningPods.map(\.isReady) == [false])
        let said = try begun.settingReady(true, pod: name("p"))
        for next in [try said.applying(pod(false)), try said.replacing(with: pod(false))] {
            #expect(next.runningPods.map(\.isReady) == [true])
        }
        for next in [try begun.applying(pod(true)), try begun.replacing(with: pod(true))] {
            #expect(next.runningPods.map(\.isReady) == [true])
            #expect(try next.replacing(with: pod(false)).runningPods.map(\.isReady) == [false])
        }
    }

    @Test("Workloads scale by their own name and by that of the service in front")
    func scaling() throws {
        let state = try Fixtures.state()
        #expect(try state.scaling(name("service-b", "payments"), to: 5).runningPods.count == 7)
        #expect(try state.scaling(name("service-b-pods", "payments"), to: 0).runningPods.count == 2)
        for (name, replicas) in [(name("nothing"), 1), (name("sliced"), 1), (name("db"), -1), (name("db"), 10_001)] {
            #expect(throws: LocalClusterError.self) { try state.scaling(name, to: replicas) }
        }
    }

    @Test("Addresses depend on names alone, differ, and stay when others come and go")
    func addressesAreStable() throws {
        let state = try Fixtures.state()
        let first = addresses(state)
        #expect(Set(first).count == first.count)
        #expect(first == addresses(try Fixtures.state()))
        #expect(first.allSatisfy { $0.ipv4Value.map { $0 >> 16 } == 0x7FF4 })
        let grown = try state.scaling(name("db"), to: 500).scaling(name("service-b", "payments"), to: 500)
        #expect(Set(addresses(grown)).count == 1000)
        #expect(Set(first).isSubset(of: addresses(grown)))
        #expect(addresses(try grown.scaling(name("db"), to: 2).scaling(name("service-b", "payments"), to: 3)) == first)
    }

    @Test("An address that a manifest gives is nobody else's")
    func givenAddresses() throws {
        let state = try Fixtures.state()
        let taken = try #require(addresses(state).first)
        let yaml = """
            apiVersion: v1
            kind: Pod
            metadata: {name: alone, labels: {app: db}}
            spec: {containers: []}
            status: {podIPs: [{ip: \(taken)}]}
            """
        let next = try state.applying(Fixtures.objects(yaml))
        #expect(Set(addresses(next)).count == 6)
        #expect(addresses(next).count { $0 == taken } == 1)
    }

    @Test("A service that asks for both families has an address of both, its own first")
    func dualStack() throws {
        let yaml = """
            apiVersion: v1
            kind: Service
            metadata: {name: both}
            spec: {clusterIP: 10.0.0.9, ipFamilies: [IPv4, IPv6], ports: [{port: 1}]}
            """
        let state = try Fixtures.state(yaml)
        let service = try #require(state.services[name("both")])
        let addresses = state.addresses(of: service)
        #expect(addresses.first == IPAddress("10.0.0.9"))
        #expect(addresses.last?.description.hasPrefix("fd00:127:96::") == true)
    }

    @Test("Objects that do not fit together are refused as a whole")
    func conflicts() throws {
        let state = try Fixtures.state()
        let yaml = """
            {apiVersion: v1, kind: Namespace, metadata: {name: new}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: db-1}, spec: {containers: []}}
            """
        let error = #expect(throws: LocalClusterError.self) { try state.applying(Fixtures.objects(yaml)) }
        #expect(error?.code == .conflict)
    }

    @Test("Replacing all objects keeps pods that are not ready and drops what is gone")
    func replacing() throws {
        let state = try Fixtures.state().settingReady(false, pod: name("db-0")).scaling(name("db"), to: 1)
        let next = try state.replacing(with: Fixtures.objects(Fixtures.shop))
        #expect(next.runningPods.count == 5)
        #expect(next.runningPods.filter { !$0.isReady }.map(\.name) == [name("db-0")])
        #expect(addresses(next) == addresses(try Fixtures.state()))
        #expect(try state.replacing(with: []).services.isEmpty)
    }

    @Test("Deleting what is not there is an error")
    func deleting() throws {
        let state = try Fixtures.state()
        #expect(try state.deleting(service: name("db")).services[name("db")] == nil)
        #expect(throws: LocalClusterError.self) { try state.deleting(service: name("dbb")) }
        #expect(throws: LocalClusterError.self) { try state.settingReady(true, pod: name("db-9")) }
    }
}
