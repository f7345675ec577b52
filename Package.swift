// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "swift-cluster-dns",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ClusterDNS", targets: ["ClusterDNS"]),
        .library(name: "ClusterDNSNIO", targets: ["ClusterDNSNIO"]),
        .library(name: "ClusterDNSGRPC", targets: ["ClusterDNSGRPC"]),
        .library(name: "ClusterDNSHTTPClient", targets: ["ClusterDNSHTTPClient"]),
        .library(name: "LocalCluster", targets: ["LocalCluster"]),
        .executable(name: "cluster-dns", targets: ["ClusterDNSCommand"]),
    ],
    // What stands behind a trait is resolved and compiled only where the trait is on: Docs/Clients.md.
    traits: [
        .trait(name: "GRPC", description: "The product ClusterDNSGRPC, on grpc-swift-2"),
        .trait(name: "HTTPClient", description: "The product ClusterDNSHTTPClient, on AsyncHTTPClient"),
        .trait(
            name: "Tests",
            description: "For this package's own tests: the rest, and the servers that they talk to",
            enabledTraits: ["GRPC", "HTTPClient"]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Of its providers none: those are for the user to choose.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"]), .brew(["c-ares"])]),
        // The only target with unsafe code; the others are compiled with strict memory safety.
        .target(name: "DNSTransport", dependencies: ["CAres"], swiftSettings: settings),
        .target(
            name: "ClusterDNS",
            dependencies: [
                "DNSTransport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings + safe
        ),
        .target(
            name: "ClusterDNSNIO",
            dependencies: ["ClusterDNS"] + nio("NIOCore", "NIOPosix"),
            swiftSettings: settings + safe
        ),
        .target(
            name: "ClusterDNSGRPC",
            dependencies: ["ClusterDNS"] + nio("NIOCore", "NIOPosix")
                + with("GRPC", ["GRPCCore": "grpc-swift-2", "GRPCNIOTransportHTTP2Posix": "grpc-swift-nio-transport"]),
            swiftSettings: settings + safe
        ),
        .target(
            name: "ClusterDNSHTTPClient",
            dependencies: [
                "ClusterDNS",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
                + nio("NIOCore", "NIOHTTP1", "NIOPosix")
                + with("HTTPClient", ["AsyncHTTPClient": "async-http-client", "NIOSSL": "swift-nio-ssl"]),
            swiftSettings: settings + safe
        ),
        .target(
            name: "LocalCluster",
            dependencies: [
                "ClusterDNS",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "_NIOFileSystem", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings + safe
        ),
        .executableTarget(
            name: "ClusterDNSCommand",
            dependencies: [
                "ClusterDNS",
                "DNSTransport",
                "LocalCluster",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            // In the executable itself, so that a copy of it has them too.
            resources: [.embedInCode("Demo/Manifests")],
            swiftSettings: settings + safe
        ),
        .testTarget(name: "DNSTransportTests", dependencies: ["DNSTransport"], swiftSettings: settings),
        .testTarget(
            name: "ClusterDNSTests",
            dependencies: [
                "ClusterDNS", "ProcessProbe", "TestProcesses",
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: ["ClusterDNSCommand", "ClusterDNS", "LocalCluster", "TestProcesses"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LocalClusterTests",
            dependencies: [
                "LocalCluster", "ClusterDNS", "ProcessProbe", "TestProcesses",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // The library as part of a service: its lifecycle, configuration, logs, metrics and traces.
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "ClusterDNS", "DNSTransport", "LocalCluster",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ClientTests",
            dependencies: ["ClusterDNSNIO", "ClusterDNSGRPC", "ClusterDNSHTTPClient", "ClusterDNS", "LocalCluster"]
                + nio("NIOCore", "NIOHTTP1", "NIOPosix")
                + with("Tests", ["FlyingFox": "FlyingFox", "FlyingSocks": "FlyingFox", "NIOSSL": "swift-nio-ssl"]),
            swiftSettings: settings
        ),
        // Real name servers for tests, which need them from Debian; nothing of the library.
        .target(
            name: "TestServers",
            dependencies: ["TestProcesses"],
            path: "Tests/TestServers",
            swiftSettings: settings
        ),
        // Looks names up in a network that `Scripts/faulty-network` has made.
        .executableTarget(
            name: "FaultProbe",
            dependencies: ["ClusterDNS"],
            path: "Tests/FaultProbe",
            swiftSettings: settings
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "ClusterDNS", "ClusterDNSCommand", "FaultProbe", "LocalCluster", "TestProcesses",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["ClusterDNS", "LocalCluster", "ProcessProbe", "TestProcesses", "TestServers"],
            swiftSettings: settings
        ),
        // The programs that tests run.
        .target(name: "TestProcesses", path: "Tests/TestProcesses", swiftSettings: settings),
        // A program that looks at itself while it uses the library, for what cannot be seen beside other tests.
        .executableTarget(
            name: "ProcessProbe",
            dependencies: ["ClusterDNS", "LocalCluster", "TestProcesses", "TestServers"],
            path: "Tests/ProcessProbe",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

var settings: [SwiftSetting] {
    [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}

var safe: [SwiftSetting] { [.strictMemorySafety()] }

func nio(_ products: String...) -> [Target.Dependency] {
    products.map { .product(name: $0, package: "swift-nio") }
}

/// Products, each with its package, that are resolved only with the trait.
func with(_ trait: String, _ products: KeyValuePairs<String, String>) -> [Target.Dependency] {
    products.map { .product(name: $0, package: $1, condition: .when(traits: [trait])) }
}
