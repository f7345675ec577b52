/// A DNS message (RFC 1035 section 4.1).
package struct Message: Hashable, Sendable {
    package var id: UInt16
    package var isResponse: Bool
    /// AA: the name server is an authority for the name.
    package var isAuthoritative: Bool
    /// TC: records are missing for want of room.
    package var isTruncated: Bool
    /// RD.
    package var recursionDesired: Bool
    /// RA.
    package var recursionAvailable: Bool
    package var opcode: UInt8
    package var responseCode: ResponseCode
    /// The first question; a message with more than one is malformed (RFC 9619).
    package var question: Question?
    package var answers: [Record]
    package var authorities: [Record]
    /// Without the OPT pseudo-record, which is in `udpPayloadSize`.
    package var additionals: [Record]
    /// What the OPT record says that the sender can take over UDP, in octets; `nil` without EDNS (RFC 6891).
    package var udpPayloadSize: UInt16?
    /// That of the sender's EDNS; ours is 0.
    package var ednsVersion: UInt8 = 0

    package init(
        id: UInt16 = 0,
        isResponse: Bool = false,
        isAuthoritative: Bool = false,
        isTruncated: Bool = false,
        recursionDesired: Bool = true,
        recursionAvailable: Bool = false,
        opcode: UInt8 = 0,
        responseCode: ResponseCode = .noError,
        question: Question? = nil,
        answers: [Record] = [],
        authorities: [Record] = [],
        additionals: [Record] = [],
        udpPayloadSize: UInt16? = nil
    ) {
        self.id = id
        self.isResponse = isResponse
        self.isAuthoritative = isAuthoritative
        self.isTruncated = isTruncated
        self.recursionDesired = recursionDesired
        self.recursionAvailable = recursionAvailable
        self.opcode = opcode
        self.responseCode = responseCode
        self.question = question
        self.answers = answers
        self.authorities = authorities
        self.additionals = additionals
        self.udpPayloadSize = udpPayloadSize
    }
}

/// How a name server says that it went (RFC 1035 section 4.1.1, RFC 6895 section 2.3), the upper bits from the OPT
/// record included (RFC 6891 section 6.1.3).
package struct ResponseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let noError = ResponseCode(rawValue: 0)
    package static let formatError = ResponseCode(rawValue: 1)
    package static let serverFailure = ResponseCode(rawValue: 2)
    package static let nameError = ResponseCode(rawValue: 3)
    package static let notImplemented = ResponseCode(rawValue: 4)
    package static let refused = ResponseCode(rawValue: 5)
    package static let badVersion = ResponseCode(rawValue: 16)

    /// The mnemonic of the IANA registry, `RCODE<n>` where it has none.
    package var description: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        default: "RCODE\(rawValue)"
        }
    }
}
