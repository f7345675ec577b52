/// The port of a service, by its number or by its name.
///
///     try await resolver.resolve("service-b", port: 8080)
///     try await resolver.resolve("service-b", port: "http")
///     try await resolver.resolve("dns", port: .named("dns", protocol: .udp))
///
/// A number, from 1, is only filled in; nothing is asked for it. A name is asked of DNS as an SRV record (RFC 2782): behind a
/// ClusterIP that is the *service's* port, for a headless service the *target* port of each pod, because there nothing
/// stands in between that could map one to the other.
///
/// In a file that imports Foundation, too, whose `Port` is something else, the type is written `ClusterDNS.Port`.
public struct Port: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case number(UInt16)
        case named(String, PortProtocol)
        case all
    }

    let value: Value

    /// The number of a port that was given by it.
    package var number: UInt16? {
        if case .number(let number) = value { number } else { nil }
    }

    /// The port of that number.
    public static func number(_ number: UInt16) -> Port {
        Port(value: .number(number))
    }

    /// The port of that name, as the Service or EndpointSlice calls it.
    public static func named(_ name: String, protocol: PortProtocol = .tcp) -> Port {
        Port(value: .named(name, `protocol`))
    }

    /// Every port of the service, named or not. CoreDNS tells them at the service's own name, other servers need not.
    /// Also for a name that begins with `_port._protocol` itself.
    public static let all = Port(value: .all)
}

extension Port: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    public init(integerLiteral number: UInt16) {
        self = .number(number)
    }

    public init(stringLiteral name: String) {
        self = .named(name)
    }
}

extension Port: CustomStringConvertible {
    /// `8080`, `http`, `dns/udp`; `all` for every port.
    public var description: String {
        switch value {
        case .number(let number): "\(number)"
        case .named(let name, .tcp): name
        case .named(let name, let `protocol`): "\(name)/\(`protocol`.rawValue)"
        case .all: "all"
        }
    }
}
