internal import ClusterDNS

/// What a pod's DNS is, and what is wrong with it.
struct DoctorReport {
    /// `nil` where it could not be put together.
    var environment: ResolvedEnvironment?
    var findings: [Finding]

    var exitStatus: Int32 { findings.map(\.severity).max()?.exitStatus ?? 0 }

    // MARK: JSON

    var json: JSON {
        .object([
            JSON.Member(
                "environment",
                .object([
                    JSON.Member("namespace", .string(namespace)),
                    JSON.Member("clusterDomain", .string(clusterDomain)),
                    JSON.Member("nameServers", .array(nameServers.map { .string($0.description) })),
                    JSON.Member("search", .array(search.map(JSON.string))),
                    JSON.Member("ndots", .number(environment?.resolvConf.options.ndots)),
                ])
            ),
            JSON.Member("findings", .array(findings.map(\.json))),
        ])
    }

    // MARK: Text

    var lines: [String] {
        let place = table(
            [
                ["namespace", namespace ?? "-"],
                ["cluster domain", clusterDomain ?? "-"],
                ["name servers", nameServers.isEmpty ? "-" : nameServers.map(\.description).joined(separator: "\n")],
                ["search", search.isEmpty ? "-" : search.joined(separator: "\n")],
                ["ndots", environment?.resolvConf.options.ndots.map(String.init) ?? "-"],
            ],
            within: Console.width
        )
        return place + [""] + findingLines + ["", summary]
    }

    private var findingLines: [String] {
        let severities = findings.map(\.severity.rawValue)
        let room = Console.width - 2 - (severities.map(\.count).max() ?? 0)
        return table(
            findings.map { finding in
                let message = "\(finding.check.rawValue): \(finding.message)".wrapped(at: room)
                let remedy = finding.remedy.map { "  -> \($0)".wrapped(at: room, hanging: 3) } ?? []
                return [finding.severity.rawValue, (message + remedy).joined(separator: "\n")]
            }
        )
    }

    private var summary: String {
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count { $0.severity == .warning }
        let counts =
            (errors > 0 ? [counted(errors, "error")] : []) + (warnings > 0 ? [counted(warnings, "warning")] : [])
        return counts.isEmpty ? "all is well" : counts.joined(separator: ", ")
    }

    // MARK: What something has told, rather than what is taken where nothing does

    private var namespace: String? {
        environment.flatMap { $0.namespaceOrigin == .default ? nil : $0.namespace }
    }

    private var clusterDomain: String? {
        environment.flatMap {
            $0.clusterDomainOrigin == .default ? nil : $0.clusterDomain.withoutLastDot
        }
    }

    private var nameServers: [NameServer] { environment.map { $0.hasNameServers ? $0.nameServers : [] } ?? [] }

    private var search: [String] { environment?.resolvConf.search ?? [] }
}

extension ResolvedEnvironment {
    /// Whether something names the servers to ask.
    var hasNameServers: Bool { !configuration.nameServers.isEmpty || !resolvConf.nameServers.isEmpty }
}
