internal import ArgumentParser
internal import ClusterDNS
internal import DNSTransport

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure lookups here, beside the C library's.",
        usage: "cluster-dns bench <name> ... [<options>]",
        discussion: """
            Looks the names up in turn, in four modes one after another: by a live handle; from the cache; uncached, which \
            is one exchange with the name server each time; and with getaddrinfo, as programs without this library do. \
            The next lookup begins when the one before is over.

            For uncached each concurrent lookup has a resolver of its own, which forgets the name before each \
            lookup; what was answered without a query does not count, unless there is nothing to ask. getaddrinfo uses \
            the system's own resolv.conf, whatever the options say, except --family.

            Lookups that fail are errors, as is one at the end of a mode that has waited for half of its time; the other \
            figures are about those that succeeded. Times are less what reading the clock takes. Ctrl-C ends it and \
            prints what there is.

            --json has the times in microseconds, and null for them where no lookup succeeded.
            """
    )

    @Argument(help: ArgumentHelp("The names to look up, as for resolve.", valueName: "name"))
    var names: [String]

    @Option(
        help: ArgumentHelp("How long all modes take together, a quarter each. (default: 10s)", valueName: "duration"),
        transform: BenchDuration.init(parsing:)
    )
    var duration: BenchDuration?

    @Option(help: ArgumentHelp("How many lookups are under way at a time, up to 128.", valueName: "n"))
    var concurrency = 1

    @Flag(help: "Print one JSON object a mode, each on a line of its own.")
    var json = false

    @OptionGroup
    var options: ResolverOptions

    func validate() throws {
        guard (1...128).contains(concurrency) else {
            throw ValidationError("--concurrency is \(concurrency), not from 1 to 128")
        }
        guard names.count <= 1024 else {
            throw ValidationError(
                "\(names.count) names are too many: 1024 at the most, or the cache would not keep them"
            )
        }
    }

    func run() async throws {
        try await Interrupt.ends {
            let duration = (duration ?? BenchDuration()).duration
            let bench = try makeBench(duration)
            let progress = BenchProgress(duration)
            try await withThrowingTaskGroup { group in
                group.addTask { await progress.run() }
                try await measure(bench, progress)
                group.cancelAll()
            }
        }
    }

    private func makeBench(_ duration: Duration) throws -> Bench {
        do {
            let environment = try options.environment()
            let system = SystemFacts.contents(of: "/etc/resolv.conf", limit: 64 * 1024).map(ResolvConf.init(parsing:))
            if environment.nameServers != system?.nameServers {
                Console.printError(["getaddrinfo asks the name servers of /etc/resolv.conf, which are others"])
            }
            return try Bench(
                names,
                concurrency: concurrency,
                duration: duration,
                environment: environment,
                family: options.family?.systemFamily ?? .any
            )
        } catch let error as ClusterDNSError {
            Console.printError([error.description])
            throw ExitCode.failure
        }
    }

    private func measure(_ bench: Bench, _ progress: BenchProgress) async throws {
        var report = BenchReport(names: names)
        try await bench.run {
            progress.begin($0)
        } end: { row in
            progress.end()
            report.rows.append(row)
            guard json else { return }
            try Console.print([row.json.description])
            Console.printError(row.errorLines)
        }
        if json { return }
        try Console.print(report.lines(.output))
        Console.printError(report.rows.flatMap(\.errorLines))
    }
}

/// `--duration`
struct BenchDuration: Hashable, Sendable {
    var duration = Duration.seconds(10)

    init() {}

    init(parsing text: String) throws(ValidationError) {
        do { duration = try Duration(text: text) } catch { throw ValidationError(error.description) }
        guard (.milliseconds(100) ... .seconds(86_400)).contains(duration) else {
            throw ValidationError("a benchmark takes from 100ms to 24h")
        }
    }
}

extension FamilyOption {
    fileprivate var systemFamily: SystemResolver.Family {
        switch self {
        case .any: .any
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        }
    }
}
