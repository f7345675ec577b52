import ClusterDNS

/// Something that goes wrong between a name server and its clients, on purpose.
///
/// A plan is a list of faults: `[.drop(.all, probability: 0.01), .responseCode(.serverFailure, for: "service-b")]`. All
/// that apply to a query take effect. Chance depends on the seed, the name, the type and how often these were asked for
/// under this plan, so that runs repeat, in whatever order names are asked for.
public struct Fault: Hashable, Sendable {
    /// The queries that a fault applies to.
    public struct Scope: Hashable, Sendable, ExpressibleByStringLiteral {
        var name: String?
        var type: LocalCluster.QueryType?

        /// Every query.
        public static let all = Scope()

        /// The queries for a name and all names below it, of any type or of one. A name of one label is a service of the
        /// cluster's default namespace, one of two is a service and its namespace; any other, or one that ends in a dot, is
        /// absolute.
        public static func name(_ name: String, type: LocalCluster.QueryType? = nil) -> Scope {
            Scope(name: name, type: type)
        }

        /// The queries of a type.
        public static func type(_ type: LocalCluster.QueryType) -> Scope {
            Scope(type: type)
        }

        private init(name: String? = nil, type: LocalCluster.QueryType? = nil) {
            self.name = name
            self.type = type
        }

        public init(stringLiteral name: String) {
            self.init(name: name)
        }
    }

    /// The response codes of answers without records (RFC 1035 section 4.1.1).
    public enum FailureCode: Hashable, Sendable {
        /// FORMERR, 1.
        case formatError
        /// SERVFAIL, 2.
        case serverFailure
        /// NXDOMAIN, 3.
        case nameError
        /// NOTIMP, 4.
        case notImplemented
        /// REFUSED, 5.
        case refused

        var responseCode: ResponseCode {
            switch self {
            case .formatError: .formatError
            case .serverFailure: .serverFailure
            case .nameError: .nameError
            case .notImplemented: .notImplemented
            case .refused: .refused
            }
        }
    }

    enum Effect: Hashable, Sendable {
        case drop
        case delay(Duration)
        case duplicate
        case reorder
        case truncate
        case wrongID
        case wrongQuestion
        case cnameLoop
        case responseCode(FailureCode)
        case garbage(octets: Int)
        case closeTCP
        case refuseTCP
    }

    var effect: Effect
    var scope: Scope
    var probability: Double
    var transport: LocalCluster.Transport?
    var limit: Int?

    private init(_ effect: Effect, _ scope: Scope, _ probability: Double) {
        self.effect = effect
        self.scope = scope
        self.probability = probability
    }

    /// The fault, for queries over that transport only.
    public func over(_ transport: LocalCluster.Transport) -> Fault {
        var fault = self
        fault.transport = transport
        return fault
    }

    /// The fault, for the first `count` queries of each name and type only, over any transport.
    public func first(_ count: Int) -> Fault {
        var fault = self
        fault.limit = count
        return fault
    }
}

extension Fault {
    /// No answer; a TCP connection stays open until it has been idle for 10 s.
    public static func drop(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.drop, scope, probability)
    }

    /// The answer comes later, by an hour at most. At most 4096 answers wait; those beyond are lost.
    public static func delay(_ scope: Scope = .all, by delay: Duration, probability: Double = 1) -> Fault {
        Fault(.delay(delay), scope, probability)
    }

    /// The answer comes twice.
    public static func duplicate(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.duplicate, scope, probability)
    }

    /// The answer comes after the next one, or 100 ms later if there is none.
    public static func reorder(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.reorder, scope, probability)
    }

    /// The answer over UDP has TC set and no records (RFC 1035 section 4.1.1).
    public static func truncate(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.truncate, scope, probability).over(.udp)
    }

    /// The answer has an ID that is not the query's.
    public static func wrongID(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.wrongID, scope, probability)
    }

    /// The answer is to a question that was not asked.
    public static func wrongQuestion(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.wrongQuestion, scope, probability)
    }

    /// The answer is two aliases that are each other's target.
    public static func cnameLoop(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.cnameLoop, scope, probability)
    }

    /// The answer is a failure, without any record.
    public static func responseCode(
        _ code: FailureCode,
        for scope: Scope = .all,
        probability: Double = 1
    ) -> Fault {
        Fault(.responseCode(code), scope, probability)
    }

    /// The answer is `octets` long, at most 65 507: the query's ID and question, then random octets.
    public static func garbage(_ scope: Scope = .all, octets: Int = 512, probability: Double = 1) -> Fault {
        Fault(.garbage(octets: octets), scope, probability)
    }

    /// The connection that the query came over is closed without an answer.
    public static func closeTCP(_ scope: Scope = .all, probability: Double = 1) -> Fault {
        Fault(.closeTCP, scope, probability).over(.tcp)
    }

    /// Nothing listens on the TCP port for as long as the fault is in the plan; connections that are open are closed.
    public static let refuseTCP = Fault(.refuseTCP, .all, 1)
}
