internal import ArgumentParser
internal import ClusterDNS

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this pod's DNS is, and what is wrong with it.",
        usage: "cluster-dns doctor [<name> ...] [<options>]",
        discussion: """
            Looks at the pod's files, asks each name server over UDP and TCP, and resolves the NAMEs.

            Exit status: 0 all is well, 1 there are warnings, 2 there are errors.
            """
    )

    @Argument(help: ArgumentHelp("Names that are to be found.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup
    var options: ResolverOptions

    func run() async throws {
        let report = try await examine()
        try Console.print(
            json ? [report.json.description] : report.lines,
            failure: ExitCode(Finding.Severity.error.exitStatus)
        )
        if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    }

    private func examine() async throws -> DoctorReport {
        do {
            let environment = try options.environment()
            let findings = try await Examination(environment: environment, names: names).findings()
            return DoctorReport(environment: environment, findings: findings)
        } catch let error as ClusterDNSError {
            let remedy = "set it right, or leave it out: an empty variable counts as not set"
            return DoctorReport(findings: [.error(.configuration, error.message, remedy: remedy)])
        }
    }
}
