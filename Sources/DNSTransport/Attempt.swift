/// One message to send to one name server.
package struct Attempt: Sendable {
    package enum Transport: Hashable, Sendable {
        case udp
        case tcp
    }

    /// Comes back with the completion; never used twice by one client.
    package var id: UInt64
    /// The question that the attempt is for; its attempts never share a source port.
    package var query: UInt64
    package var server: ServerAddress
    package var transport: Transport
    /// Attempts of different lanes never share a source port: A and AAAA of one name go out on different ones, or the
    /// kernel's connection tracking may drop one of the two (kubernetes #56903).
    package var lane: UInt8
    /// A whole query, header included. The identifier in its first two octets is replaced.
    package var message: [UInt8]

    package init(
        id: UInt64,
        query: UInt64,
        server: ServerAddress,
        transport: Transport,
        lane: UInt8,
        message: [UInt8]
    ) {
        self.id = id
        self.query = query
        self.server = server
        self.transport = transport
        self.lane = lane
        self.message = message
    }
}

extension Attempt {
    /// Whether the message ends in an OPT record (RFC 6891): in a query nothing else stands in the additional section.
    var hasEDNS: Bool {
        message.count >= 12 && (message[10] != 0 || message[11] != 0)
    }
}

/// How an attempt ended.
package struct Completion: Sendable {
    package enum Outcome: Sendable {
        /// A message with the attempt's identifier and question.
        case message([UInt8])
        case failed(AttemptFailure)
    }

    package var attempt: UInt64
    package var outcome: Outcome
    /// How often the message was sent again: c-ares does so by itself after a FORMERR, without EDNS.
    package var repeats: Int

    package init(attempt: UInt64, outcome: Outcome, repeats: Int = 0) {
        self.attempt = attempt
        self.outcome = outcome
        self.repeats = repeats
    }
}

/// Why an attempt brought no message.
package enum AttemptFailure: Hashable, Sendable {
    /// Nothing came for as long as an attempt is kept.
    case noResponse
    /// The name server's machine says that nobody listens on the port (ICMP port unreachable, TCP reset).
    case refused
    /// The network says that there is no way, or the local firewall forbids it.
    case unreachable
    /// The connection was closed before an answer came; over UDP, the attempt ended because of another's answer.
    case closed
    /// The answer is a message that cannot be read.
    case malformed
    /// The attempt could not be made, for want of memory or sockets; the text is the system's.
    case failed(String)
}
