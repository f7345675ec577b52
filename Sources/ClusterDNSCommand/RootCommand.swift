internal import ArgumentParser
internal import DNSTransport

/// `cluster-dns`: what the library does, from a shell in a pod.
@main
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-dns",
        abstract: "Finds the peers of Kubernetes services by the cluster's DNS.",
        discussion: """
            What the options leave open comes from the environment variables CLUSTER_DNS_…, then from the pod's own \
            files, then from the defaults.
            """,
        subcommands: [
            ResolveCommand.self, WatchCommand.self, DoctorCommand.self, BenchCommand.self, ServeCommand.self,
            DemoCommand.self,
        ]
    )

    static func main() async {
        StandardStream.ignoreLostReaders()
        await main(nil)
    }
}
