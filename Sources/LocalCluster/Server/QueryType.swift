import ClusterDNS

extension LocalCluster {
    /// A type of record that is asked for, by its number in the registry of IANA (RFC 6895 section 3.1).
    public struct QueryType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: UInt16

        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        public static let a = QueryType(.a)
        public static let aaaa = QueryType(.aaaa)
        public static let srv = QueryType(.srv)
        public static let ptr = QueryType(.ptr)
        public static let txt = QueryType(.txt)
        public static let cname = QueryType(.cname)
        public static let soa = QueryType(.soa)

        init(_ type: RecordType) {
            self.init(rawValue: type.rawValue)
        }

        /// The type's mnemonic, `TYPE<n>` (RFC 3597) for one without a name here.
        public var description: String {
            switch self {
            case .a: "A"
            case .aaaa: "AAAA"
            case .srv: "SRV"
            case .ptr: "PTR"
            case .txt: "TXT"
            case .cname: "CNAME"
            case .soa: "SOA"
            default: "TYPE\(rawValue)"
            }
        }
    }

    /// How a query came.
    public enum Transport: String, Hashable, Sendable {
        case udp = "UDP"
        case tcp = "TCP"
    }

    /// A query, and what became of it.
    public struct Query: Hashable, Sendable {
        /// The absolute name, in lower case, with its last dot.
        public var name: String
        public var type: QueryType
        public var transport: Transport
        /// The response code of the answer, as in the registry of IANA: `NXDOMAIN`; `nil` where a fault kept an answer
        /// back.
        public var responseCode: String?
        /// How many records the answer to the question has.
        public var answerCount: Int
    }
}
