import Configuration
import Testing

@testable import ClusterDNS

@Suite("The values of a configuration reader")
struct ConfigurationValuesTests {
    private func values(_ values: [AbsoluteConfigKey: ConfigValue]) -> [String: String] {
        ConfigurationValues(ConfigReader(provider: InMemoryProvider(values: values)).snapshot()).variables
    }

    @Test("Every key is that of its environment variable, as swift-configuration spells it")
    func environment() {
        let texts = ConfigurationKeyTests.texts
        let provider = EnvironmentVariablesProvider(environmentVariables: texts)
        #expect(ConfigurationValues(ConfigReader(provider: provider).snapshot()).variables == texts)
    }

    @Test("A value may have the type that it would have in a file")
    func types() {
        let values = values([
            "cluster.dns.cache.capacity": 100, "cluster.dns.allowsShortNamesOutside": true,
            "cluster.dns.servers": ConfigValue(.stringArray(["10.0.0.1", "10.0.0.2:5353"]), isSecret: false),
            "cluster.dns.staticPeers": ConfigValue(.stringArray(["b=10.0.0.1", "c=10.0.0.2"]), isSecret: false),
            "cluster.dns.timeout": "2s", "other.namespace": "payments",
        ])
        #expect(
            values == [
                "CLUSTER_DNS_CACHE_CAPACITY": "100", "CLUSTER_DNS_ALLOWS_SHORT_NAMES_OUTSIDE": "true",
                "CLUSTER_DNS_SERVERS": "10.0.0.1,10.0.0.2:5353", "CLUSTER_DNS_STATIC_PEERS": "b=10.0.0.1;c=10.0.0.2",
                "CLUSTER_DNS_TIMEOUT": "2s",
            ]
        )
    }

    @Test(
        "A value that breaks its rule is refused with its key, whatever its type",
        arguments: [
            ("timeout", "5", "5"), ("timeout", 5, "5"), ("timeout", 0.5, "0.5"), ("timeout", true, "true"),
            ("timeout", "0s", "0s"), ("namespace", "a.b", "a.b"), ("cache.capacity", 1.5, "1.5"),
            ("cache.capacity", 0, "0"), ("cache.capacity", true, "true"), ("allowsShortNamesOutside", "yes", "yes"),
            ("servers", ConfigValue(.intArray([10, 11]), isSecret: false), "10,11"),
            ("staticPeers", ConfigValue(.boolArray([true, false]), isSecret: false), "true;false"),
            ("staticPeers", "10.0.0.1=10.0.0.2", "10.0.0.1"), ("limits.queueLength", 0, "0"), ("hosts", "/missing", ""),
        ] as [(String, ConfigValue, String)]
    )
    func wrong(_ key: String, value: ConfigValue, text: String) throws {
        let provider = InMemoryProvider(values: [AbsoluteConfigKey(ConfigKey("cluster.dns.\(key)")): value])
        let error = try #require(throws: ClusterDNSError.self) {
            try ClusterResolver(config: ConfigReader(provider: provider))
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.hasPrefix("cluster.dns.\(key) is \"\(text)"), "\(error.message)")
    }
}
