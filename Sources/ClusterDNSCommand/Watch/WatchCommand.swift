internal import ArgumentParser
internal import ClusterDNS
internal import DNSTransport

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print the endpoints of a name whenever they change.",
        usage: "cluster-dns watch <name> [<options>]",
        discussion: """
            A line for each change: the seconds since the start, how many endpoints there are, and what was added (+) and \
            removed (-); first for the endpoints that are there. A failure is told when it begins and when it is over; \
            only Ctrl-C ends the watch.
            """
    )

    @Argument(help: "The name to watch, as for resolve.")
    var name: String

    @OptionGroup
    var port: PortOptions

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @OptionGroup
    var options: ResolverOptions

    func run() async throws {
        do {
            try await Interrupt.ends {
                try await watch(try options.makeResolver().peers(name, port: port.value))
            }
        } catch let error as ClusterDNSError {
            Console.printError([error.description])
            throw ExitCode.failure
        }
    }

    private func watch(_ peers: Peers) async throws {
        let output = WatchOutput(name: name, json: json)
        try await withThrowingTaskGroup { group in
            group.addTask {
                for try await change in peers.changes { try output.tell(change, error: peers.lastError) }
            }
            group.addTask {
                while true {
                    // The handle does not say when a lookup fails; it is asked twice a second.
                    try await Task.sleep(for: .milliseconds(500))
                    // Nor does a pipe whose reader has gone, before something is written to it.
                    guard !StandardStream.output.isReaderGone else { throw ExitCode.success }
                    try output.tell(peers.current, error: peers.lastError)
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
