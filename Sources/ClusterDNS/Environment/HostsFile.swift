/// The addresses of a hosts file (hosts(5)) by name. A pod's has its `hostAliases`. Nothing in it is an error: what can
/// not be read is left out and noted.
package struct HostsFile: Hashable, Sendable {
    private var addresses: [String: [IPAddress]] = [:]
    /// What was left out, one line each.
    package private(set) var notes: [String] = []

    /// A file without a line.
    package init() {}

    package init(parsing octets: [UInt8]) {
        var notes = Notes()
        var entries: Set<Entry> = []
        let lines = TextLines(octets, limit: Self.maximumSize, comment: "#", commentsCutWords: true)
        if lines.isCut { notes.add("only the first \(Self.maximumSize) octets are read") }
        for line in lines {
            guard let text = line.words.first else { continue }
            guard let address = IPAddress(text) else {
                notes.add("line \(line.number): \(text.quoted) is not an address")
                continue
            }
            if line.words.count == 1 { notes.add("line \(line.number): \(text.quoted) has no name") }
            for name in line.words.dropFirst() {
                let entry = Entry(name: NameExpansion.hostsKey(for: name), address: address)
                guard entries.count < Self.maximumEntries else {
                    notes.add("line \(line.number): only the first \(Self.maximumEntries) entries are used")
                    self.notes = notes.lines
                    return
                }
                if entries.insert(entry).inserted { addresses[entry.name, default: []].append(address) }
            }
        }
        self.notes = notes.lines
    }

    private struct Entry: Hashable {
        var name: String
        var address: IPAddress
    }

    static let maximumSize = 1_048_576
    private static let maximumEntries = 65_536

    /// The names, in lower case and in order.
    package var names: [String] { addresses.keys.sorted() }

    /// The addresses of a name, of both families, in the file's order and none twice; `nil` if the file does not have
    /// the name.
    ///
    /// - Parameter key: the name as in ``NameExpansion/hostsKey``.
    package func addresses(for key: String) -> [IPAddress]? {
        addresses[key]
    }
}
