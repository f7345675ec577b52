internal import ArgumentParser
internal import ClusterDNS

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this pod's DNS, and say what is wrong with it.",
        usage: "cluster-dns doctor [<name> ...] [<options>]",
        discussion: """
            Looks at the pod's files, asks each name server over UDP and TCP, and resolves the NAMEs.

            Exit status: 0 all is well, 1 there are warnings, 2 there are errors.
            """
    )

    @Argument(help: ArgumentHelp("Names that must resolve.", valueName: "name"))
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
        var environment: ResolvedEnvironment?
        do {
            let found = try options.environment()
            environment = found
            let findings = try await Examination(environment: found, names: names).findings()
            return DoctorReport(environment: found, findings: findings)
        } catch let error as ClusterDNSError {
            let remedy =
                error.code == .overloaded
                ? NameServerChecks.moreDescriptors : "correct or unset it: an empty variable counts as not set"
            let finding = Finding.error(.configuration, error.message, remedy: remedy)
            return DoctorReport(environment: environment, findings: [finding])
        }
    }
}
