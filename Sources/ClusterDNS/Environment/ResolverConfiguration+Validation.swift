extension ResolverConfiguration {
    /// Checks that each setting is in its range. Names of static peers, and whether files can be read, are looked at when a
    /// resolver is made.
    ///
    /// - Throws: ``ClusterDNSError`` with the code `invalidConfiguration` for the first that is not; the message has
    ///   the setting, its value and the rule.
    public func validate() throws(ClusterDNSError) {
        try validate { $0 }
    }

    /// - Parameter origin: what the person who set it calls a setting: the name of an environment variable.
    package func validate(origin: @escaping (String) -> String) throws(ClusterDNSError) {
        let check = RangeCheck(origin: origin)
        try validateText(check)
        try check("lookupTimeout", lookupTimeout, in: .milliseconds(1) ... .seconds(300))
        try check("ednsPayload", ednsPayload, in: 512...4096)
        try retry.validate(check)
        try cache.validate(check)
        try limits.validate(check)
    }

    private func validateText(_ check: RangeCheck) throws(ClusterDNSError) {
        try check("namespace", namespace) { text throws(BrokenRule) in try Label.check(text.utf8) }
        try check("clusterDomain", clusterDomain) { text throws(BrokenRule) in _ = try DomainName(clusterDomain: text) }
        try check("nameServers", nameServers)
        for nameServer in nameServers {
            try check("nameServers.port", nameServer.port, in: 1...65535)
            try check("nameServers", nameServer.description) { _ throws(BrokenRule) in try nameServer.checkZone() }
        }
        for (setting, path) in [
            ("resolvConfPath", resolvConfPath), ("hostsPath", hostsPath),
            ("serviceAccountNamespacePath", serviceAccountNamespacePath),
        ] {
            try check(setting, path) { path throws(BrokenRule) in
                guard !path.isEmpty, !path.utf8.contains(0) else { throw BrokenRule("not a path") }
            }
        }
    }
}

extension ResolverConfiguration.Retry {
    fileprivate func validate(_ check: RangeCheck) throws(ClusterDNSError) {
        try check("retry.firstInterval", firstInterval, in: .milliseconds(1) ... .seconds(60))
        try check("retry.maximumInterval", maximumInterval, in: .milliseconds(1) ... .seconds(60))
        try check("retry.firstInterval", firstInterval, atMost: "retry.maximumInterval", maximumInterval)
    }
}

extension ResolverConfiguration.Cache {
    fileprivate func validate(_ check: RangeCheck) throws(ClusterDNSError) {
        let hour = Duration.seconds(3600)
        let day = hour * 24
        try check("cache.minimumTTL", minimumTTL, in: .seconds(1)...day)
        try check("cache.maximumTTL", maximumTTL, in: .seconds(1)...day)
        try check("cache.minimumTTL", minimumTTL, atMost: "cache.maximumTTL", maximumTTL)
        try check("cache.maximumNegativeTTL", maximumNegativeTTL, in: .zero...hour)
        try check("cache.negativeTTLWithoutSOA", negativeTTLWithoutSOA, in: .zero...hour)
        try check("cache.handleRefreshFloor", handleRefreshFloor, in: .seconds(1)...hour)
        try check("cache.failureBackoff", failureBackoff, in: .milliseconds(1) ... .seconds(300))
        for (setting, value) in [
            ("cache.maximumFailureBackoff", maximumFailureBackoff),
            ("cache.maximumFailureBackoffWithoutStale", maximumFailureBackoffWithoutStale),
        ] {
            try check(setting, value, in: .milliseconds(1) ... .seconds(300))
            try check("cache.failureBackoff", failureBackoff, atMost: setting, value)
        }
        try check("cache.refreshAhead", refreshAhead, in: 0...0.9)
        try check("cache.refreshJitter", refreshJitter, in: 0...0.5)
        try check("cache.staleWindow", staleWindow, in: .zero...day * 7)
        try check("cache.staleAnswerDelay", staleAnswerDelay, in: .zero ... .seconds(60))
        try check("cache.capacity", capacity, in: 1...1_048_576)
        try check("cache.negativeCapacity", negativeCapacity, in: 1...1_048_576)
        try check("cache.unusedLifetime", unusedLifetime, in: .seconds(1)...day * 7)
    }
}

extension ResolverConfiguration.Limits {
    fileprivate func validate(_ check: RangeCheck) throws(ClusterDNSError) {
        try check("limits.queriesInFlight", queriesInFlight, in: 1...1024)
        try check("limits.queueLength", queueLength, in: 1...1_048_576)
        try check("limits.sourcePortLifetime", sourcePortLifetime, in: .seconds(1) ... .seconds(3600))
        try check("limits.sourcePortQueries", sourcePortQueries, in: 1...10_000)
    }
}

/// Throws the error of a setting that breaks its rule.
private struct RangeCheck {
    let origin: (String) -> String

    func callAsFunction<Value: Comparable>(
        _ setting: String,
        _ value: Value,
        in range: ClosedRange<Value>
    ) throws(ClusterDNSError) {
        guard !range.contains(value) else { return }
        let rule = BrokenRule("it has to be from \(text(range.lowerBound)) to \(text(range.upperBound))")
        throw .invalidConfiguration(origin(setting), text(value), rule)
    }

    /// Either may be the one that was set: the rule names both.
    func callAsFunction(
        _ setting: String,
        _ value: Duration,
        atMost other: String,
        _ limit: Duration
    ) throws(ClusterDNSError) {
        guard value > limit else { return }
        let rule = BrokenRule("it must not exceed \(origin(other)), \(text(limit))")
        throw .invalidConfiguration(origin(setting), text(value), rule)
    }

    func callAsFunction(_ setting: String, _ nameServers: [NameServer]) throws(ClusterDNSError) {
        guard nameServers.count > 16 else { return }
        throw .invalidConfiguration(origin(setting), "\(nameServers.count) name servers", BrokenRule("16 is the most"))
    }

    /// As a person writes it.
    private func text(_ value: some Comparable) -> String {
        (value as? Duration)?.text ?? "\(value)"
    }

    func callAsFunction(
        _ setting: String,
        _ text: String?,
        by rule: (String) throws(BrokenRule) -> Void
    ) throws(ClusterDNSError) {
        guard let text else { return }
        do { try rule(text) } catch { throw .invalidConfiguration(origin(setting), text, error) }
    }
}
