internal import DNSTransport

/// The endpoints that a name stands for, as last learned.
///
/// A set is a value that never changes; ask again, or hold a handle, for what is there later. Copying one copies a
/// reference.
///
/// ``first`` is the same endpoint for as long as the answer is cached: to spread calls, use ``Peers/next(timeout:)``, or
/// `randomElement()`.
public struct EndpointSet: Sendable {
    /// What was learned; shared by all copies.
    @usableFromInline final class Contents: Sendable {
        /// Text is made of a name only for who asks for it.
        enum AbsoluteName {
            case name(DomainName)
            /// A literal address, or a name of which only the text is at hand. Neither stands in the front table.
            case text(String)
        }

        @usableFromInline let endpoints: [Endpoint]
        let absoluteName: AbsoluteName
        let canonicalName: String?
        let text: [String]
        /// When the answer's TTL ends; `nil` for what does not expire.
        let expires: MonotonicTime?
        private let padding = CacheLine()

        init(
            endpoints: [Endpoint],
            absoluteName: AbsoluteName,
            canonicalName: String? = nil,
            text: [String] = [],
            expires: MonotonicTime? = nil
        ) {
            self.endpoints = endpoints
            self.absoluteName = absoluteName
            self.canonicalName = canonicalName
            self.text = text
            self.expires = expires
        }

        /// The same in memory of its own, for a thread that is not to share even the counts of references.
        convenience init(copying other: Contents) {
            self.init(
                endpoints: other.endpoints.map { $0 },
                absoluteName: other.absoluteName,
                canonicalName: other.canonicalName,
                text: other.text,
                expires: other.expires
            )
        }
    }

    @usableFromInline let contents: Contents
    /// Stands in for the port of every endpoint that has none.
    @usableFromInline var port: UInt16?

    /// A set for tests of code that takes one; it does not expire.
    public init(_ endpoints: [Endpoint], absoluteName: String = "test.") {
        self.init(Contents(endpoints: endpoints, absoluteName: .text(absoluteName)))
    }

    @inlinable init(_ contents: Contents, port: UInt16? = nil) {
        self.contents = contents
        self.port = port
    }

    /// The name that answered, ending in a dot; for a literal address, the literal.
    public var absoluteName: String { contents.absoluteName.description }

    /// The end of the chain of CNAME records (RFC 1034 section 3.6.2), ending in a dot; `nil` without one.
    public var canonicalName: String? { contents.canonicalName }

    /// The endpoints' addresses, in their order.
    public var addresses: [IPAddress] { contents.endpoints.map(\.address) }

    /// The TXT records of a set that was asked for these.
    package var text: [String] { contents.text }

    /// How long the set may be used without asking again: zero when stale, `nil` where nothing expires (a literal, the
    /// hosts file, static peers).
    public var timeToLive: Duration? {
        contents.expires.map { Swift.max(.zero, $0 - .now) }
    }

    /// Whether the TTL has passed. Lookups return such a set only while DNS fails (RFC 8767) and, with
    /// `cache.hidesDeletionsWithStale`, for a name that is gone; a handle has one also where the TTL is shorter
    /// than the time between its questions (`cache.handleRefreshFloor`).
    public var isStale: Bool {
        contents.expires.map { $0 <= .now } ?? false
    }

    /// How long ago the TTL passed: zero for a fresh set.
    public var staleness: Duration {
        contents.expires.map { Swift.max(.zero, .now - $0) } ?? .zero
    }
}

extension EndpointSet.Contents.AbsoluteName: CustomStringConvertible {
    var description: String {
        switch self {
        case .name(let name): name.description
        case .text(let text): text
        }
    }

    /// `nil` where it is text.
    var name: DomainName? {
        if case .name(let name) = self { name } else { nil }
    }
}

extension EndpointSet: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { contents.endpoints.count }
    @inlinable public var count: Int { contents.endpoints.count }
    @inlinable public var isEmpty: Bool { contents.endpoints.isEmpty }

    @inlinable public subscript(position: Int) -> Endpoint {
        var endpoint = contents.endpoints[position]
        if endpoint.port == nil { endpoint.port = port }
        return endpoint
    }
}

extension EndpointSet: CustomStringConvertible {
    /// The absolute name and the endpoints.
    public var description: String {
        "\(absoluteName) [\(map(\.description).joined(separator: ", "))]"
    }
}
