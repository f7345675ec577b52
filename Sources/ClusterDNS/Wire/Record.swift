/// The types of record that the library asks for or reads (RFC 1035 section 3.2.2, RFC 3596, RFC 2782, RFC 6891).
package struct RecordType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    package static let opt = RecordType(rawValue: 41)
    package static let any = RecordType(rawValue: 255)
}

extension RecordType: CustomStringConvertible {
    /// The mnemonic of the IANA registry, `TYPE<n>` for types that the library does not name (RFC 3597).
    package var description: String {
        switch self {
        case .a: "A"
        case .ns: "NS"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .ptr: "PTR"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .srv: "SRV"
        case .opt: "OPT"
        case .any: "ANY"
        default: "TYPE\(rawValue)"
        }
    }
}

/// What is asked: a name and a type, always of class IN.
package struct Question: Hashable, Prehashed, Sendable {
    package var name: DomainName
    package var type: RecordType

    package init(name: DomainName, type: RecordType) {
        self.name = name
        self.type = type
    }

    var hash: UInt64 { name.hash ^ UInt64(type.rawValue) }
}

/// A resource record (RFC 1035 section 3.2.1), always of class IN.
package struct Record: Hashable, Sendable {
    package var name: DomainName
    /// Seconds; a value with the first bit set is read as 0 (RFC 2181 section 8).
    package var ttl: UInt32
    package var data: RecordData

    package init(name: DomainName, ttl: UInt32, data: RecordData) {
        self.name = name
        self.ttl = ttl
        self.data = data
    }
}

/// The contents of a record.
package enum RecordData: Hashable, Sendable {
    /// A or AAAA.
    case address(IPAddress)
    case srv(ServiceRecord)
    case cname(DomainName)
    case ptr(DomainName)
    indirect case soa(StartOfAuthority)
    /// The character-strings of a TXT record, each at most 255 octets.
    case txt([[UInt8]])
    /// A record of a type that the library does not read, or of another class than IN: its contents are neither read nor
    /// written.
    case other(RecordType)

    package var type: RecordType {
        switch self {
        case .address(let address): address.family == .ipv4 ? .a : .aaaa
        case .srv: .srv
        case .cname: .cname
        case .ptr: .ptr
        case .soa: .soa
        case .txt: .txt
        case .other(let type): type
        }
    }
}

/// Where a service is offered (RFC 2782).
package struct ServiceRecord: Hashable, Sendable {
    package var priority: UInt16
    package var weight: UInt16
    package var port: UInt16
    package var target: DomainName

    package init(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// The start of a zone of authority (RFC 1035 section 3.3.13). All times are seconds.
package struct StartOfAuthority: Hashable, Sendable {
    package var primary: DomainName
    package var mailbox: DomainName
    package var serial: UInt32
    package var refresh: UInt32
    package var retry: UInt32
    package var expire: UInt32
    /// How long a negative answer may be kept (RFC 2308 section 4).
    package var minimum: UInt32

    package init(
        primary: DomainName,
        mailbox: DomainName,
        serial: UInt32,
        refresh: UInt32,
        retry: UInt32,
        expire: UInt32,
        minimum: UInt32
    ) {
        self.primary = primary
        self.mailbox = mailbox
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }
}
