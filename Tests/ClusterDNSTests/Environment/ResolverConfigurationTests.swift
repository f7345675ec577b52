import Testing

@testable import ClusterDNS

@Suite("Resolver configuration")
struct ResolverConfigurationTests {
    private struct Change: Sendable, CustomTestStringConvertible {
        let setting: String
        let apply: @Sendable (inout ResolverConfiguration) -> Void
        var testDescription: String { setting }

        init<Value: Sendable>(
            _ setting: String,
            _ property: any WritableKeyPath<ResolverConfiguration, Value> & Sendable,
            _ value: Value
        ) {
            self.setting = setting
            self.apply = { $0[keyPath: property] = value }
        }
    }

    @Test("The defaults are valid")
    func defaults() throws {
        try ResolverConfiguration().validate()
    }

    @Test(
        "A setting out of its range is named",
        arguments: [
            Change("namespace", \.namespace, "a.b"), Change("namespace", \.namespace, ""),
            Change("clusterDomain", \.clusterDomain, ""), Change("clusterDomain", \.clusterDomain, "."),
            Change("clusterDomain", \.clusterDomain, "a_b.c"), Change("clusterDomain", \.clusterDomain, "a..b"),
            Change(
                "nameServers",
                \.nameServers,
                Array(repeating: NameServer(address: IPAddress(ipv4: 1)), count: 17)
            ),
            Change("nameServers.port", \.nameServers, [NameServer(address: IPAddress(ipv4: 1), port: 0)]),
            Change("nameServers", \.nameServers, [NameServer(address: IPAddress(ipv6: 0xFE80 << 112 | 1))]),
            Change("resolvConfPath", \.resolvConfPath, ""), Change("hostsPath", \.hostsPath, "a\0b"),
            Change("serviceAccountNamespacePath", \.serviceAccountNamespacePath, ""),
            Change("lookupTimeout", \.lookupTimeout, .zero), Change("lookupTimeout", \.lookupTimeout, .seconds(-5)),
            Change("lookupTimeout", \.lookupTimeout, .seconds(Int64.max)),
            Change("ednsPayload", \.ednsPayload, 511), Change("ednsPayload", \.ednsPayload, 4097),
            Change("retry.firstInterval", \.retry.firstInterval, .zero),
            Change("retry.maximumInterval", \.retry.maximumInterval, .zero),
            Change("retry.firstInterval", \.retry.maximumInterval, .milliseconds(249)),
            Change("cache.minimumTTL", \.cache.minimumTTL, .milliseconds(999)),
            Change("cache.minimumTTL", \.cache.minimumTTL, .seconds(Int64.max)),
            Change("cache.maximumTTL", \.cache.maximumTTL, .milliseconds(999)),
            Change("cache.maximumNegativeTTL", \.cache.maximumNegativeTTL, .seconds(-1)),
            Change("cache.minimumTTL", \.cache.minimumTTL, .seconds(31)),
            Change("cache.negativeTTLWithoutSOA", \.cache.negativeTTLWithoutSOA, .seconds(3601)),
            Change("cache.failureBackoff", \.cache.failureBackoff, .zero),
            Change("cache.maximumFailureBackoff", \.cache.maximumFailureBackoff, .zero),
            Change("cache.failureBackoff", \.cache.maximumFailureBackoff, .milliseconds(999)),
            Change("cache.maximumFailureBackoffWithoutStale", \.cache.maximumFailureBackoffWithoutStale, .zero),
            Change("cache.refreshAhead", \.cache.refreshAhead, 1),
            Change("cache.refreshAhead", \.cache.refreshAhead, .nan),
            Change("cache.refreshJitter", \.cache.refreshJitter, -0.1),
            Change("cache.staleWindow", \.cache.staleWindow, .seconds(-1)),
            Change("cache.staleAnswerDelay", \.cache.staleAnswerDelay, .seconds(61)),
            Change("cache.capacity", \.cache.capacity, 0),
            Change("cache.negativeCapacity", \.cache.negativeCapacity, .max),
            Change("cache.unusedLifetime", \.cache.unusedLifetime, .zero),
            Change("limits.queriesInFlight", \.limits.queriesInFlight, 0),
            Change("limits.queueLength", \.limits.queueLength, -1),
            Change("limits.sourcePortLifetime", \.limits.sourcePortLifetime, .zero),
            Change("limits.sourcePortQueries", \.limits.sourcePortQueries, 0),
        ]
    )
    private func outOfRange(_ change: Change) throws {
        var configuration = ResolverConfiguration()
        change.apply(&configuration)
        let error = try #require(throws: ClusterDNSError.self) { try configuration.validate() }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.hasPrefix("\(change.setting) is "), "\(error.message)")
    }

    @Test(
        "What is off is in range",
        arguments: [
            Change("cache.staleWindow", \.cache.staleWindow, .zero),
            Change("cache.maximumNegativeTTL", \.cache.maximumNegativeTTL, .zero),
            Change("cache.refreshAhead", \.cache.refreshAhead, 0),
            Change("cache.staleAnswerDelay", \.cache.staleAnswerDelay, .zero),
            Change("namespace", \.namespace, "Payments"),
            Change("clusterDomain", \.clusterDomain, "prod.example.com."),
        ]
    )
    private func inRange(_ change: Change) throws {
        var configuration = ResolverConfiguration()
        change.apply(&configuration)
        try configuration.validate()
    }

    @Test(
        "A duration is a whole number and a unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("0s", .zero),
            ("1000000000h", .seconds(3_600_000_000_000)),
        ]
    )
    func durations(_ text: String, duration: Duration) throws {
        #expect(try Duration(text: text) == duration)
    }

    @Test(
        "A duration is written as it is read",
        arguments: [
            (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(1500), "1500ms"), (.seconds(59), "59s"),
            (.seconds(300), "5m"), (.seconds(86400), "24h"), (.seconds(3601), "3601s"),
            (.microseconds(1), "1e-06 seconds"),
        ]
    )
    func durationText(_ duration: Duration, text: String) {
        #expect(duration.text == text)
    }

    @Test(
        "Other text is no duration",
        arguments: [
            "", "5", "s", "ms", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "5.5s", "05s", "5sec", "1000000001s", "٥s",
            "99999999999999999999s",
        ]
    )
    func notDurations(_ text: String) {
        #expect(throws: BrokenRule.self) { try Duration(text: text) }
    }
}

@Suite("Configuration keys")
struct ConfigurationKeyTests {
    /// A valid value for each, other than its default.
    static let texts = [
        "CLUSTER_DNS_SERVERS": "10.0.0.1, [fd00::1]:5353", "CLUSTER_DNS_NAMESPACE": "Payments",
        "CLUSTER_DNS_CLUSTER_DOMAIN": "example.org", "CLUSTER_DNS_FAMILIES": "ipv6", "CLUSTER_DNS_TIMEOUT": "2m",
        "CLUSTER_DNS_RESOLV_CONF": "/r", "CLUSTER_DNS_HOSTS": "/h", "CLUSTER_DNS_EDNS_PAYLOAD": "4096",
        "CLUSTER_DNS_ALLOWS_SHORT_NAMES_OUTSIDE": "true", "CLUSTER_DNS_RETRY_FIRST_INTERVAL": "100ms",
        "CLUSTER_DNS_RETRY_MAXIMUM_INTERVAL": "2s", "CLUSTER_DNS_CACHE_MINIMUM_TTL": "2s",
        "CLUSTER_DNS_CACHE_MAXIMUM_TTL": "1m", "CLUSTER_DNS_CACHE_MAXIMUM_NEGATIVE_TTL": "10s",
        "CLUSTER_DNS_CACHE_STALE_WINDOW": "0s", "CLUSTER_DNS_CACHE_STALE_ANSWER_DELAY": "1s",
        "CLUSTER_DNS_CACHE_HIDES_DELETIONS_WITH_STALE": "true", "CLUSTER_DNS_CACHE_CAPACITY": "10",
        "CLUSTER_DNS_CACHE_NEGATIVE_CAPACITY": "20", "CLUSTER_DNS_STATIC_PEERS": "b=10.0.0.0",
        "CLUSTER_DNS_LIMITS_QUERIES_IN_FLIGHT": "8", "CLUSTER_DNS_LIMITS_QUEUE_LENGTH": "16",
        "CLUSTER_DNS_LIMITS_SOURCE_PORT_LIFETIME": "1m", "CLUSTER_DNS_LIMITS_SOURCE_PORT_QUERIES": "1",
    ]

    @Test(
        "Every key sets its setting from its environment variable, unless the setting has another value than its default"
    )
    func everyKey() throws {
        let texts = Self.texts
        #expect(Set(ConfigurationKey.all.map(\.variable)) == Set(texts.keys))
        var configuration = ResolverConfiguration()
        for key in ConfigurationKey.all {
            let before = configuration
            let text = try #require(texts[key.variable])
            try key.apply(text, to: &configuration)
            #expect(configuration != before, "\(key.name)")
            let set = configuration
            try key.apply(text == "true" ? "false" : text.replacing("1", with: "3"), to: &configuration)
            #expect(configuration == set, "\(key.name)")
        }
        try configuration.validate()
        #expect(configuration.nameServers.map(\.description) == ["10.0.0.1:53", "[fd00::1]:5353"])
        #expect(configuration.namespace == "payments")
        #expect(configuration.families == .ipv6)
        #expect(configuration.lookupTimeout == .seconds(120))
    }

    @Test("No variable can be one that Kubernetes sets for a Service called cluster-dns")
    func serviceLinks() {
        for key in ConfigurationKey.all {
            #expect(!key.variable.hasPrefix("CLUSTER_DNS_PORT") && !key.variable.hasPrefix("CLUSTER_DNS_SERVICE"))
        }
    }

    @Test(
        "A wrong value is refused with its variable",
        arguments: [
            ("CLUSTER_DNS_SERVERS", "10.0.0.1,,10.0.0.2"), ("CLUSTER_DNS_SERVERS", "kube-dns"),
            ("CLUSTER_DNS_NAMESPACE", "a.b"),
            ("CLUSTER_DNS_CLUSTER_DOMAIN", "."), ("CLUSTER_DNS_FAMILIES", "IPv4"), ("CLUSTER_DNS_TIMEOUT", "5"),
            ("CLUSTER_DNS_TIMEOUT", "0s"), ("CLUSTER_DNS_EDNS_PAYLOAD", "12x"), ("CLUSTER_DNS_EDNS_PAYLOAD", "100"),
            ("CLUSTER_DNS_CACHE_CAPACITY", "-1"), ("CLUSTER_DNS_ALLOWS_SHORT_NAMES_OUTSIDE", "yes"),
            ("CLUSTER_DNS_CACHE_MAXIMUM_TTL", "999h"), ("CLUSTER_DNS_HOSTS", "a\0"),
            ("CLUSTER_DNS_RESOLV_CONF", "/missing"),
        ]
    )
    func wrongValue(_ variable: String, text: String) throws {
        let error = try #require(throws: ClusterDNSError.self) {
            try ResolvedEnvironment(
                configuration: ResolverConfiguration(),
                variables: [variable: text],
                hasFamily: [.ipv4],
                read: { _ in nil }
            )
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.hasPrefix("\(variable) is "), "\(error.message)")
    }
}
