import TestProcesses

/// What a server answers, in the eyes of a program that is not ours.
public struct Kdig: Sendable {
    /// A record, with its data as in a zone file.
    public struct Record: Hashable, Sendable {
        public var name: String
        public var ttl: Int
        public var type: String
        public var data: String
    }

    /// `NOERROR`, `NXDOMAIN`…
    public var status = ""
    /// `aa`, `tc`, `ra`…
    public var flags: Set<String> = []
    public var answers: [Record] = []
    public var authorities: [Record] = []
    public var additionals: [Record] = []

    public static var isInstalled: Bool { Program.path(of: "kdig") != nil }

    /// Asks one question. A truncated answer is asked again over TCP, unless `options` has `+ignore`.
    public static func ask(_ server: TestServer, _ name: String, _ type: String, _ options: String...) async throws
        -> Kdig
    {
        try await ask(port: server.port, name, type, options)
    }

    /// As with a server, for whatever listens at a port of 127.0.0.1.
    public static func ask(port: UInt16, _ name: String, _ type: String, _ options: [String] = []) async throws -> Kdig
    {
        let fixed = ["@127.0.0.1", "-p", "\(port)", "+noidn", "+timeout=10", "+retry=2", "+edns", "+bufsize=1232"]
        let kdig = try await Program.run("kdig", fixed + options + ["-q", name, "-t", type])
        guard kdig.status == 0 else { throw ServerFailure("kdig \(name) \(type): \(kdig.output)\(kdig.errors)") }
        return Kdig(kdig.output)
    }

    init(_ output: String) {
        var section = ""
        for line in output.split(separator: "\n") {
            if line.hasPrefix(";; ->>HEADER<<-") {
                status = line.split(separator: "status: ").last?.split(separator: ";").first.map(String.init) ?? ""
            } else if line.hasPrefix(";; Flags: ") {
                flags = Set(line.dropFirst(10).prefix { $0 != ";" }.split(separator: " ").map(String.init))
            } else if line.hasPrefix(";; ") {
                section = String(line.dropFirst(3))
            } else if !line.hasPrefix(";"), let record = Record(line) {
                switch section {
                case "ANSWER SECTION:": answers.append(record)
                case "AUTHORITY SECTION:": authorities.append(record)
                case "ADDITIONAL SECTION:": additionals.append(record)
                default: break
                }
            }
        }
    }
}

extension Kdig.Record {
    init?(_ line: Substring) {
        let fields = line.split(maxSplits: 4, whereSeparator: \.isWhitespace)
        guard fields.count == 5, let ttl = Int(fields[1]) else { return nil }
        self.init(name: fields[0].lowercased(), ttl: ttl, type: String(fields[3]), data: String(fields[4]))
    }
}
