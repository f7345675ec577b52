/// Why a lookup failed, with what a person needs to act on it.
///
/// Calls that can be cancelled throw `any Error`: this, or `CancellationError`. All others throw this type.
public struct ClusterDNSError: Error, Sendable, Hashable {
    /// What kind of failure it was. More codes may come in later versions: keep a `default` in a `switch`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, CaseIterable {
            case invalidName, noSuchService, noRecords, timedOut, unreachable, serverFailure, truncated
            case malformedResponse, overloaded, shutDown, invalidConfiguration
        }

        private let value: Value

        /// The name breaks a rule; nothing was asked.
        public static let invalidName = Code(value: .invalidName)
        /// The name does not exist (NXDOMAIN, RFC 8020). A headless service without a ready endpoint looks the same.
        public static let noSuchService = Code(value: .noSuchService)
        /// The name exists, but has no record of the type asked (NODATA, RFC 2308 section 2.2), the service has no such port, or
        /// the hosts file no address of a family in use.
        public static let noRecords = Code(value: .noRecords)
        /// No name server answered before the deadline, or the query was still queued. What became of the attempt over TCP is in
        /// the message.
        public static let timedOut = Code(value: .timedOut)
        /// The name server is out of reach (closed port, no route, firewall); where only TCP is used also one that closes
        /// connections unanswered.
        public static let unreachable = Code(value: .unreachable)
        /// The name server answered with an error such as SERVFAIL or REFUSED; see ``ClusterDNSError/responseCode``.
        public static let serverFailure = Code(value: .serverFailure)
        /// The answer does not fit UDP and TCP port 53 is blocked.
        public static let truncated = Code(value: .truncated)
        /// The name server answered our question with a message that cannot be read, or that has more aliases, SRV targets or
        /// endpoints than are allowed.
        public static let malformedResponse = Code(value: .malformedResponse)
        /// Too many lookups wait already, or the process is out of threads or file descriptors.
        public static let overloaded = Code(value: .overloaded)
        /// The resolver was shut down.
        public static let shutDown = Code(value: .shutDown)
        /// A setting breaks a rule; the message names both.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)

        static let all = Value.allCases.map { Code(value: $0) }

        /// Whether DNS has said that there is no such name or record, rather than nothing.
        package var isNegative: Bool { self == .noSuchService || self == .noRecords }

        public var description: String { value.rawValue }
    }

    public var code: Code
    /// What happened and what can be done about it, in one line.
    public var message: String
    /// The message without the name and who was asked.
    package private(set) var reason: String
    /// The name as it was given; for `invalidConfiguration` the setting, for a wrong URL or port name these.
    public var name: String
    /// The absolute name that was asked last, ending in a dot; `nil` if none was asked.
    public var absoluteName: String?
    /// The end of that name's chain of CNAME records, ending in a dot; `nil` without a chain, and where it is not
    /// known.
    public var canonicalName: String?
    /// The name server that answered or did not, as `address:port`; `nil` if none was asked.
    public var nameServer: String?
    /// The response code of the name server's answer, as in the IANA registry: `SERVFAIL`; `nil` without one.
    public var responseCode: String?
    /// DNS messages sent for its questions, before it joined them, too; 0 from the cache.
    public var attempts: Int
    /// From the call to the failure; zero where nobody waited, as in ``Peers/lastError``.
    public var elapsed: Duration
    /// For how long the failure was to be kept when it came; `nil` for one out of the cache.
    package var timeToLive: Duration?

    public init(
        code: Code,
        message: String,
        name: String,
        absoluteName: String? = nil,
        canonicalName: String? = nil,
        nameServer: String? = nil,
        responseCode: String? = nil,
        attempts: Int = 0,
        elapsed: Duration = .zero
    ) {
        self.code = code
        self.message = message
        self.reason = message
        self.name = name
        self.absoluteName = absoluteName
        self.canonicalName = canonicalName
        self.nameServer = nameServer
        self.responseCode = responseCode
        self.attempts = attempts
        self.elapsed = elapsed
    }
}

extension ClusterDNSError {
    /// - Parameters:
    ///   - name: as the caller gave it.
    ///   - absoluteName: the name asked last.
    ///   - canonicalName: the end of its CNAME chain, if it has one.
    init(_ failure: QueryFailure, name: String, absoluteName: DomainName, canonicalName: DomainName? = nil) {
        // What is wrong may be that name's, of which the reason often tells more.
        let alias =
            canonicalName.flatMap { failure.reason.contains($0.description) ? nil : ", an alias for \($0)" } ?? ""
        let server = failure.nameServer.map { ", asked of \($0)" } ?? ""
        self.init(
            code: failure.code,
            message: "\(name.quoted) (\(absoluteName)\(alias)\(server)): \(failure.reason)",
            name: name,
            absoluteName: absoluteName.description,
            canonicalName: canonicalName?.description,
            nameServer: failure.nameServer?.description,
            responseCode: failure.responseCode?.description
        )
        reason = failure.reason
    }
}

extension ClusterDNSError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
