import ClusterDNS

/// The name of an object in a namespace.
struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
    var name: String
    var namespace: String

    static func < (left: ObjectName, right: ObjectName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    var description: String { "\(name).\(namespace)" }
}

/// An object of a manifest, as far as DNS depends on it.
enum ClusterObject: Hashable, Sendable {
    case namespace(String)
    case service(Service)
    case endpointSlice(EndpointSlice)
    case endpoints(Endpoints)
    case workload(Workload)
    case pod(Pod)
}

struct Service: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// With the addresses that the manifest gives; a family without one gets an address of ours.
        case clusterIP([IPAddress])
        case headless
        case externalName(String)
    }

    struct Port: Hashable, Sendable {
        /// Empty for the only port of a service, which needs no name.
        var name: String
        var transport: PortProtocol
        var number: UInt16
        var target: TargetPort
    }

    enum TargetPort: Hashable, Sendable {
        case number(UInt16)
        case name(String)
    }

    var name: ObjectName
    var kind: Kind
    /// The families that it is reached by, the first one first.
    var families: [IPAddress.Family]
    var ports: [Port]
    /// Empty where nothing is selected and the endpoints come from EndpointSlices.
    var selector: [String: String]
    var publishNotReadyAddresses: Bool
}

struct EndpointSlice: Hashable, Sendable {
    struct Endpoint: Hashable, Sendable {
        var addresses: [IPAddress]
        var hostname: String?
        var isReady: Bool
    }

    /// A port without a number stands for all ports and has no SRV record.
    struct Port: Hashable, Sendable {
        var name: String
        var transport: PortProtocol
        var number: UInt16?
    }

    var name: ObjectName
    /// What Kubernetes has made a slice of.
    enum Origin: Hashable, Sendable {
        /// The pods of a service.
        case pods
        /// The Endpoints of a service without a selector.
        case endpoints
    }

    /// The service whose endpoints these are.
    var service: String
    /// `nil` for one that somebody has written.
    var origin: Origin?
    var endpoints: [Endpoint]
    var ports: [Port]
}

/// The endpoints of a service of the same name that selects none, as they were written before there were slices.
struct Endpoints: Hashable, Sendable {
    var name: ObjectName
    var slices: [EndpointSlice]
}

/// What all pods of a workload have in common.
struct PodTemplate: Hashable, Sendable {
    struct ContainerPort: Hashable, Sendable {
        var name: String
        var transport: PortProtocol
        var number: UInt16
    }

    var labels: [String: String]
    var hostname: String?
    var subdomain: String?
    /// The named ports of all containers.
    var ports: [ContainerPort]
}

/// What makes pods of a template.
struct Workload: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
        case replicaSet = "ReplicaSet"
        /// With one pod: the cluster has one node.
        case daemonSet = "DaemonSet"
    }

    struct Key: Hashable, Sendable {
        var kind: Kind
        var name: ObjectName
    }

    var key: Key
    var replicas: Int
    var template: PodTemplate
    /// The number of a StatefulSet's first pod.
    var firstOrdinal: Int
    /// The Deployment that makes a ReplicaSet.
    var controller: Key?
}

struct Pod: Hashable, Sendable {
    var name: ObjectName
    var template: PodTemplate
    /// The addresses that the manifest gives in its status; a family without one gets an address of ours.
    var addresses: [IPAddress]
    /// What its status says; ready without one.
    var isReady: Bool
    /// The workload that made it.
    var controller: Workload.Key?
}
