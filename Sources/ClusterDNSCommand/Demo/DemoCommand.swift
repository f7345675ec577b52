internal import ArgumentParser
internal import ClusterDNS

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show in a few seconds what the library does, on this machine alone.",
        discussion: "Serves a few manifests of its own on a free loopback port, and resolves their services."
    )

    @Flag(help: "Print the manifests instead, to serve or to change them.")
    var printManifests = false

    func run() async throws {
        if printManifests {
            try Console.print([DemoManifests.text])
            return
        }
        do {
            try await Demo.run(on: Page(style: .output) { try Console.print($0) })
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Console.printError(["the demo failed: \(error)"])
            throw ExitCode.failure
        }
    }
}
