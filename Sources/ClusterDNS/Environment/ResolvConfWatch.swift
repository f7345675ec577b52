internal import DNSTransport

/// Notices that `resolv.conf` has become another: when the file is written, or a link to it is turned.
struct ResolvConfWatch {
    private let path: String
    private let version: (String) -> FileVersion?
    private let read: (String) -> [UInt8]?
    /// `nil` before the first look: the file may have changed since the name servers were read from it.
    private var lastVersion: FileVersion?
    private var nameServers: [NameServer]

    /// - Parameters:
    ///   - nameServers: those that the file has named so far.
    ///   - version: what changes with the file at a path, `nil` if there is none.
    ///   - read: the octets of the file at a path, `nil` if it cannot be read.
    init(
        path: String,
        nameServers: [NameServer],
        version: @escaping (String) -> FileVersion?,
        read: @escaping (String) -> [UInt8]?
    ) {
        self.path = path
        self.nameServers = nameServers
        self.version = version
        self.read = read
    }

    /// The name servers, if they are others than the last time. A file that is gone, or names none, is one that is just
    /// being written: what was known stays.
    mutating func change() -> [NameServer]? {
        guard let current = version(path), current != lastVersion else { return nil }
        guard let octets = read(path) else { return nil }
        lastVersion = current
        let found = ResolvConf(parsing: octets).nameServers
        guard !found.isEmpty, found != nameServers else { return nil }
        nameServers = found
        return found
    }
}
