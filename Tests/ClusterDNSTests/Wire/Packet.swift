@testable import ClusterDNS

/// Octets from hexadecimal digits, in which anything between single quotes is a name: `'a.b'` is `01 61 01 62 00`.
func packet(_ parts: String...) -> [UInt8] {
    var octets: [UInt8] = []
    for part in parts {
        for (index, piece) in part.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
            octets += index % 2 == 1 ? wireName(String(piece)) : digits(piece)
        }
    }
    return octets
}

private func digits(_ text: Substring) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The name on the wire, its letter case kept.
func wireName(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

func name(_ text: String) -> DomainName {
    DomainName(text) ?? .root
}

func record(_ owner: String, ttl: UInt32 = 30, _ data: RecordData) -> Record {
    Record(name: name(owner), ttl: ttl, data: data)
}

func address(_ value: UInt32) -> RecordData {
    .address(IPAddress(ipv4: value))
}

func service(_ target: String, priority: UInt16 = 0, weight: UInt16 = 1, port: UInt16 = 80) -> RecordData {
    .srv(ServiceRecord(priority: priority, weight: weight, port: port, target: name(target)))
}

func startOfAuthority(minimum: UInt32) -> RecordData {
    .soa(
        StartOfAuthority(
            primary: name("ns.dns.cluster.local"),
            mailbox: name("hostmaster.cluster.local"),
            serial: 1,
            refresh: 7200,
            retry: 1800,
            expire: 86400,
            minimum: minimum
        )
    )
}

/// One message of each kind that a cluster's DNS sends.
enum Samples {
    static let addresses = Message(
        id: 0x1234,
        isResponse: true,
        isAuthoritative: true,
        question: Question(name: name("service-b.default.svc.cluster.local"), type: .a),
        answers: (1...3).map { record("service-b.default.svc.cluster.local", address(0x0A00_0000 + $0)) },
        udpPayloadSize: 1232
    )

    static let alias = Message(
        isResponse: true,
        recursionAvailable: true,
        question: Question(name: name("outside.default.svc.cluster.local"), type: .aaaa),
        answers: [
            record("outside.default.svc.cluster.local", ttl: 5, .cname(name("www.example.com"))),
            record("www.example.com", ttl: 300, .address(IPAddress(ipv6: 0xFD00 << 112 | 1))),
        ]
    )

    static let nameError = Message(
        isResponse: true,
        responseCode: .nameError,
        question: Question(name: name("nothing.default.svc.cluster.local"), type: .a),
        authorities: [record("cluster.local", ttl: 30, startOfAuthority(minimum: 5))],
        udpPayloadSize: 4096
    )

    static let texts = Message(
        isResponse: true,
        question: Question(name: name("dns-version.cluster.local"), type: .txt),
        answers: [record("dns-version.cluster.local", .txt([Array("1.1.0".utf8), [], [0xFF]]))]
    )

    static let pointer = Message(
        isResponse: true,
        question: Question(name: name("1.0.0.10.in-addr.arpa"), type: .ptr),
        answers: [
            record("1.0.0.10.in-addr.arpa", .ptr(name("pod-0.service-b.default.svc.cluster.local"))),
            record("1.0.0.10.in-addr.arpa", .ptr(name("10-0-0-1.service-b.default.svc.cluster.local"))),
        ]
    )

    /// SRV records of a headless service, with their targets' addresses.
    static func services(_ count: UInt32) -> Message {
        let question = Question(name: name("_http._tcp.service-b.default.svc.cluster.local"), type: .srv)
        let target = { (index: UInt32) in "pod-\(index).service-b.default.svc.cluster.local" }
        return Message(
            isResponse: true,
            question: question,
            answers: (0..<count).map { Record(name: question.name, ttl: 30, data: service(target($0))) },
            additionals: (0..<count).map { record(target($0), address($0)) },
            udpPayloadSize: 1232
        )
    }

    static let all = [addresses, alias, nameError, texts, pointer, services(4)]
}
