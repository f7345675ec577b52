/// One place where a peer can be reached.
public struct Endpoint: Hashable, Sendable {
    /// The peer's address: of a pod, or of the service that stands in front of the pods.
    public var address: IPAddress
    /// The port to connect to; `nil` where neither the caller nor DNS gave one.
    public var port: UInt16?
    /// The absolute name that the address belongs to, ending in a dot, where DNS gave one: the target of an SRV record
    /// (RFC 2782).
    public var hostname: String?
    /// Lower is tried first (RFC 2782); `nil` without an SRV record.
    public var priority: UInt16?
    /// The share among endpoints of one priority (RFC 2782); `nil` without an SRV record.
    public var weight: UInt16?

    public init(
        address: IPAddress,
        port: UInt16? = nil,
        hostname: String? = nil,
        priority: UInt16? = nil,
        weight: UInt16? = nil
    ) {
        self.address = address
        self.port = port
        self.hostname = hostname
        self.priority = priority
        self.weight = weight
    }
}

extension Endpoint {
    /// What makes it this endpoint and no other. Priority and weight are what is said about it: CoreDNS gives each pod
    /// another weight whenever their number changes.
    package struct Identity: Hashable, Sendable {
        let address: IPAddress
        let port: UInt16?
        let hostname: String?
    }

    package var identity: Identity { Identity(address: address, port: port, hostname: hostname) }
}

extension Endpoint: CustomStringConvertible {
    /// `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80`.
    public var description: String {
        guard let port else { return address.description }
        return address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
