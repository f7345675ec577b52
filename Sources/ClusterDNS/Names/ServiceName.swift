/// A service and the namespace that it is in: the form of a name that has one meaning only.
///
/// Use it where a part of the name comes from outside, such as a request: a plain text could be an address, or any name in
/// DNS.
public struct ServiceName: Hashable, Sendable {
    /// The service's name, in lower case.
    public let service: String
    /// The service's namespace, in lower case; `nil` for the namespace of the caller.
    public let namespace: String?

    /// A service by its name.
    ///
    /// - Parameters:
    ///   - service: one label: 1 to 63 ASCII letters, digits and hyphens, no hyphen at either end (RFC 1123).
    ///   - namespace: a label like `service`; `nil` for the namespace of the caller.
    /// - Throws: ``ClusterDNSError`` with the code `invalidName` if either is not such a label, as any with a dot.
    public init(service: String, namespace: String? = nil) throws(ClusterDNSError) {
        self.service = try Self.label(service, of: "service")
        if let namespace {
            self.namespace = try Self.label(namespace, of: "namespace")
        } else {
            self.namespace = nil
        }
    }

    private static func label(_ text: String, of role: String) throws(ClusterDNSError) -> String {
        do {
            return try Label.folded(text)
        } catch {
            throw ClusterDNSError(
                code: .invalidName,
                message: "\(text.quoted) is not a valid name of a \(role): \(error)",
                name: text
            )
        }
    }
}

extension ServiceName: CustomStringConvertible {
    /// `service-b`, `service-b.payments`.
    public var description: String {
        namespace.map { "\(service).\($0)" } ?? service
    }
}
