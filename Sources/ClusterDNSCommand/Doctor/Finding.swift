/// What a check has found.
struct Finding: Equatable {
    enum Severity: String, Comparable {
        case ok, warning, error

        static func < (left: Severity, right: Severity) -> Bool { left.exitStatus < right.exitStatus }

        /// What `doctor` exits with if it is the worst.
        var exitStatus: Int32 {
            switch self {
            case .ok: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    enum Check: String {
        case configuration, files, searchList, namespace, clusterDomain, ndots, families, nameServerUDP, nameServerTCP
        case dnsVersion, kubernetesService, negativeAnswers, hosts, name
    }

    var severity: Severity
    var check: Check
    /// What was found.
    var message: String
    /// What to do about it; `nil` where all is well.
    var remedy: String?

    static func ok(_ check: Check, _ message: String) -> Finding {
        Finding(severity: .ok, check: check, message: message)
    }

    static func warning(_ check: Check, _ message: String, remedy: String) -> Finding {
        Finding(severity: .warning, check: check, message: message, remedy: remedy)
    }

    static func error(_ check: Check, _ message: String, remedy: String) -> Finding {
        Finding(severity: .error, check: check, message: message, remedy: remedy)
    }

    var json: JSON {
        .object([
            JSON.Member("severity", .string(severity.rawValue)),
            JSON.Member("check", .string(check.rawValue)),
            JSON.Member("message", .string(message)),
            JSON.Member("remedy", .string(remedy)),
        ])
    }
}
