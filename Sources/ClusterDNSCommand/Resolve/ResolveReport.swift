internal import ClusterDNS

/// What came of one NAME.
struct ResolveReport {
    enum Outcome {
        case found(Found)
        case failed(ClusterDNSError)
    }

    struct Found {
        var absoluteName: String
        var endpoints: [Endpoint]
        var canonicalName: String?
        /// What is left of the TTL; `nil` where nothing expires.
        var timeToLive: Duration?
        var isStale: Bool
    }

    /// As it was given.
    var name: String
    var outcome: Outcome
    /// The TXT records, where they were asked for.
    var text: [String]?
    /// DNS messages sent.
    var queries: Int
}

extension ResolveReport.Found {
    init(_ set: EndpointSet) {
        self.init(
            absoluteName: set.absoluteName,
            endpoints: Array(set),
            canonicalName: set.canonicalName,
            timeToLive: set.timeToLive,
            isStale: set.isStale
        )
    }

    /// Whole seconds, rounded up.
    var ttl: Int64? {
        timeToLive.map(\.wholeSeconds)
    }
}

extension ResolveReport {
    var found: Found? {
        if case .found(let found) = outcome { found } else { nil }
    }

    var error: ClusterDNSError? {
        if case .failed(let error) = outcome { error } else { nil }
    }

    /// What `resolve` exits with on account of this name.
    var exitStatus: Int32 {
        switch error?.code {
        case nil: 0
        case .invalidName: 2
        case .noSuchService: 3
        case .noRecords: 4
        case .timedOut, .unreachable: 5
        default: 6
        }
    }
}
