import Foundation

/// A Kubernetes service, as far as DNS shows it.
public struct Service: Sendable {
    /// What stands behind the service's name.
    public enum Kind: Sendable {
        case clusterIP([String])
        case headless([Pod])
        case externalName(String)
    }

    public struct Port: Sendable {
        public var name: String?
        public var transport: String
        /// The service port of a ClusterIP service, the target port of a headless one.
        public var number: Int

        public init(_ name: String?, _ number: Int, _ transport: String = "tcp") {
            self.name = name
            self.number = number
            self.transport = transport
        }
    }

    /// A ready endpoint of a headless service.
    public struct Pod: Sendable {
        public var hostname: String
        public var addresses: [String]

        /// A pod without a hostname of its own goes by its address, with dashes.
        public init(_ addresses: String..., hostname: String? = nil) {
            let dashed = addresses.first?.map { ".:".contains($0) ? "-" : String($0) }.joined()
            self.hostname = hostname ?? dashed ?? ""
            self.addresses = addresses
        }
    }

    public var name: String
    public var namespace: String
    public var kind: Kind
    public var ports: [Port]
    /// Seconds.
    public var ttl: Int

    /// A ClusterIP service has at least one port: without any told, 80 without a name.
    public init(_ name: String, in namespace: String = "default", _ kind: Kind, _ ports: [Port] = [], ttl: Int = 30) {
        self.name = name
        self.namespace = namespace
        self.kind = kind
        if case .clusterIP = kind, ports.isEmpty {
            self.ports = [Port(nil, 80)]
        } else {
            self.ports = ports
        }
        self.ttl = ttl
    }

    /// The records that the Kubernetes DNS specification 1.1.0 wants for the service, and those that CoreDNS adds to
    /// them: SRV at the bare name for all ports, the weights, PTR for every endpoint.
    public func records(in domain: String) -> [ZoneRecord] {
        let name = "\(name).\(namespace).svc.\(domain)"
        switch kind {
        case .externalName(let target):
            return [ZoneRecord(name, ttl, "CNAME", target)]
        case .clusterIP(let addresses):
            return addresses.flatMap { addressRecords($0, at: [name], pointer: name) }
                + portRecords(name, targets: [name], addresses: addresses.count)
        case .headless(let pods):
            return pods.flatMap { pod in
                let podName = "\(pod.hostname).\(name)"
                return pod.addresses.flatMap { addressRecords($0, at: [name, podName], pointer: podName) }
            }
                + portRecords(
                    name,
                    targets: pods.map { "\($0.hostname).\(name)" },
                    addresses: pods.reduce(0) { $0 + $1.addresses.count }
                )
        }
    }

    private func addressRecords(_ address: String, at names: [String], pointer: String) -> [ZoneRecord] {
        names.map { ZoneRecord($0, ttl, address.contains(":") ? "AAAA" : "A", address) }
            + [ZoneRecord(reverseName(of: address), ttl, "PTR", pointer)]
    }

    private func portRecords(_ name: String, targets: [String], addresses: Int) -> [ZoneRecord] {
        let named = ports.flatMap { port in
            port.name.map { serviceRecords("_\($0)._\(port.transport).\(name)", [port.number], targets, addresses) }
                ?? []
        }
        return named + serviceRecords(name, ports.map(\.number), targets, addresses)
    }

    /// CoreDNS divides 100 by the number of address and port pairs, and then leaves out records that say the same twice.
    private func serviceRecords(_ owner: String, _ ports: [Int], _ targets: [String], _ addresses: Int) -> [ZoneRecord]
    {
        let weight = max(1, 100 / max(1, ports.count * addresses))
        return targets.flatMap { target in
            Set(ports).sorted().map { ZoneRecord(owner, ttl, "SRV", "0 \(weight) \($0) \(target)") }
        }
    }
}

/// The name at which the names of an address stand: under `in-addr.arpa` (RFC 1035 section 3.5) or `ip6.arpa`
/// (RFC 3596 section 2.5).
public func reverseName(of address: String) -> String {
    if !address.contains(":") {
        return address.split(separator: ".").reversed().joined(separator: ".") + ".in-addr.arpa."
    }
    var octets = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, address, &octets) == 1 else { return "" }
    let digits = octets.flatMap { [$0 >> 4, $0 & 15] }.reversed()
    return digits.map { String($0, radix: 16) + "." }.joined() + "ip6.arpa."
}
