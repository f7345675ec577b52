internal import ArgumentParser
internal import ClusterDNS
internal import DNSTransport

/// Where a command's words go: results to standard output, everything else to standard error.
enum Console {
    /// The columns of a terminal that has not been made wider.
    static let width = 80
    /// The characters that a line of a table may have: what nobody looks at as it is written is kept whole.
    static var tableWidth: Int { StandardStream.output.isTerminal ? width : .max }

    /// The command as it was called, to be called again, where that is short enough to be shown.
    static var command: String {
        let name = CommandLine.arguments.first ?? ""
        return (1...30).contains(name.count) ? name : "cluster-dns"
    }

    /// - Parameter failure: what ends the command if the lines cannot be written.
    static func print(_ lines: [String], failure: ExitCode = .failure) throws(ExitCode) {
        switch StandardStream.output.writeAll(lines.text) {
        case .written: return
        // Whoever read has seen enough.
        case .readerIsGone: throw ExitCode.success
        case .failed(let reason):
            printError(["the results cannot be written: \(reason)"])
            throw failure
        }
    }

    /// A message stays one line, for logs; only a terminal gets it in lines that it can show.
    static func printError(_ messages: [String]) {
        let lines = StandardStream.error.isTerminal ? messages.flatMap { $0.wrapped(at: width) } : messages
        // Where it cannot be written there is nobody to tell.
        _ = StandardStream.error.writeAll(lines.text)
    }
}

extension [String] {
    fileprivate var text: String { map { $0 + "\n" }.joined() }
}
