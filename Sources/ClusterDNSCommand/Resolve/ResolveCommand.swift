internal import ArgumentParser
internal import ClusterDNS
internal import InMemoryTracing
internal import Tracing

struct ResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Resolve names and say what they stand for.",
        usage: "cluster-dns resolve <name> ... [<options>]",
        discussion: """
            A NAME is a service (service-b, service-b.payments), a pod of a headless service (web-0.nginx), an absolute \
            name (example.com.) or an address. All names go through one resolver, in order, so that a name given twice \
            shows the cache.

            Exit status: 0 all found, 2 invalid name, 3 no such service, 4 no records, 5 timed out or unreachable, 6 any \
            other failure; with several names, that of the first that failed.
            """
    )

    /// Any failure that has no exit status of its own.
    static let otherFailure = ExitCode(6)

    enum RecordTypeOption: String, CaseIterable, ExpressibleByArgument {
        case srv, ptr, txt
    }

    @Argument(help: ArgumentHelp("The names to resolve; addresses with --type ptr.", valueName: "name"))
    var names: [String]

    @OptionGroup
    var port: PortOptions

    @Option(help: "The type of record to ask for instead of addresses.")
    var type: RecordTypeOption?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @OptionGroup
    var options: ResolverOptions

    func validate() throws {
        if port.value != nil, type != nil {
            throw ValidationError("--port and --type do not go together: their records differ")
        }
    }

    func run() async throws {
        let tracer = InMemoryTracer()
        let resolver = try makeResolver(tracer)
        var status: Int32 = 0
        for name in names {
            let report = try await report(on: name, from: resolver, tracer)
            try Console.print(json ? [report.json.description] : report.lines, failure: Self.otherFailure)
            if !json { Console.printError(report.errorLines) }
            if status == 0 { status = report.exitStatus }
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// - Throws: the exit status, behind an object for each name where these are wanted, if there can be no resolver: an environment variable is wrong.
    private func makeResolver(_ tracer: InMemoryTracer) throws -> ClusterResolver {
        do {
            return try ClusterResolver(environment: options.environment(), tracer: tracer)
        } catch let error as ClusterDNSError {
            Console.printError([error.description])
            for name in names where json {
                let report = ResolveReport(name: name, outcome: .failed(error), text: emptyText, queries: 0)
                try Console.print([report.json.description], failure: Self.otherFailure)
            }
            throw Self.otherFailure
        }
    }

    /// What there is of text where there is none.
    private var emptyText: [String]? { type == .txt ? [] : nil }

    /// Looks one name up.
    ///
    /// - Parameter tracer: the resolver's. It tells the messages for this name from those that may still be sent for the one
    ///   before, where a part of its answer does not come.
    private func report(
        on name: String,
        from resolver: ClusterResolver,
        _ tracer: InMemoryTracer
    ) async throws -> ResolveReport {
        var text = emptyText
        let outcome: ResolveReport.Outcome
        do {
            let set = try await look(up: name, in: resolver)
            if type == .txt { text = set.text }
            outcome = .found(ResolveReport.Found(set))
        } catch let error as ClusterDNSError {
            outcome = .failed(error)
        }
        return ResolveReport(
            name: name,
            outcome: outcome,
            text: text,
            queries: tracer.popFinishedSpans().reduce(0) { $0 + $1.messages }
        )
    }

    private func look(up name: String, in resolver: ClusterResolver) async throws -> EndpointSet {
        switch type {
        case nil: return try await resolver.resolve(name, port: port.value)
        case .srv: return try await resolver.resolve(name, port: .all)
        case .txt: return try await resolver.textSet(of: name)
        case .ptr:
            guard let address = IPAddress(name) else {
                throw ClusterDNSError.invalidName(name, BrokenRule("--type ptr takes an address"))
            }
            return try await resolver.nameSet(of: address)
        }
    }
}

extension FinishedInMemorySpan {
    /// The messages that were sent for a question.
    fileprivate var messages: Int {
        guard case .int64(let count)? = attributes["cluster_dns.attempts"]?.toSpanAttribute() else { return 0 }
        return Int(count)
    }
}
