/// Why octets are not a DNS message, and where.
package struct WireError: Error, Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable {
        case cutShort = "the message ends too early"
        case manyQuestions = "more than one question (RFC 9619)"
        case badLabel = "a label of an unknown kind (RFC 6891 section 5)"
        case badPointer = "a compression pointer that does not point backwards to a name"
        case manyPointers = "a name of too many compression pointers"
        case longName = "a name over 255 octets"
        case badDataLength = "record data of another length than the record says"
        case badOPT = "an OPT record that is not the root's or not the only one (RFC 6891 section 6.1.1)"
    }

    package var reason: Reason
    /// The place in the message, counted in octets from 0.
    package var octet: Int

    package init(_ reason: Reason, at octet: Int) {
        self.reason = reason
        self.octet = octet
    }
}

extension WireError: CustomStringConvertible {
    package var description: String { "\(reason.rawValue), at octet \(octet)" }
}
