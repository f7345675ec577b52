/// Why a ``LocalCluster`` could not do what it was asked. The cluster is unchanged.
public struct LocalClusterError: Error, Hashable, Sendable {
    /// What kind of failure it was. More codes may come in later versions: keep a `default` in a `switch`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case notFound, conflict, outOfBounds, invalidName, unavailable, stopped
        }

        private let value: Value

        /// The cluster has no such object.
        public static let notFound = Code(value: .notFound)
        /// Two objects would have one name, or several have a name.
        public static let conflict = Code(value: .conflict)
        /// A number is beyond what the cluster takes.
        public static let outOfBounds = Code(value: .outOfBounds)
        /// A name breaks a rule.
        public static let invalidName = Code(value: .invalidName)
        /// The address and port cannot be listened on.
        public static let unavailable = Code(value: .unavailable)
        /// The cluster was stopped.
        public static let stopped = Code(value: .stopped)

        public var description: String { value.rawValue }
    }

    public var code: Code
    /// What happened, in one line.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension LocalClusterError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
