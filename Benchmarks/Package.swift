// swift-tools-version: 6.2
import PackageDescription

// A package of its own: whoever depends on the library never sees what the benchmarks need.
let package = Package(
    name: "swift-cluster-dns-benchmarks",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lookup-bench", targets: ["lookup-bench"]),
        .executable(name: "lookup-instructions", targets: ["lookup-instructions"]),
    ],
    // GRPC: grpc-swift's resolver beside ours. Most of what there is to build then is what its transport needs for TLS.
    traits: ["GRPC"],
    dependencies: [
        .package(name: "swift-cluster-dns", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    ],
    targets: [
        .executableTarget(
            name: "lookup-bench",
            dependencies: [
                "CFloor", "TestProcesses", "TestServers",
                .product(name: "ClusterDNS", package: "swift-cluster-dns"),
                .product(name: "LocalCluster", package: "swift-cluster-dns"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "GRPCCore", package: "grpc-swift-2", condition: .when(traits: ["GRPC"])),
                .product(
                    name: "GRPCNIOTransportHTTP2Posix",
                    package: "grpc-swift-nio-transport",
                    condition: .when(traits: ["GRPC"])
                ),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "lookup-instructions",
            dependencies: [.product(name: "ClusterDNS", package: "swift-cluster-dns")],
            swiftSettings: settings,
            // valgrind 3.19 gives up on the debug information of a program of that size.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-S"], .when(platforms: [.linux]))]
        ),
        .target(
            name: "CFloor",
            cSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("cares"), .linkedLibrary("pthread", .when(platforms: [.linux]))]
        ),
        // Sees what is public in the library's package alone: its names and messages.
        .executableTarget(
            name: "micro",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "ClusterDNS", package: "swift-cluster-dns"),
                .product(name: "LocalCluster", package: "swift-cluster-dns"),
            ],
            path: "micro",
            swiftSettings: settings + [
                .unsafeFlags(["-Xfrontend", "-disable-testable-attr-requires-testable-module"])
            ],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        // The name servers of the tests and what runs them, by symbolic links.
        .target(name: "TestServers", dependencies: ["TestProcesses"], swiftSettings: settings),
        .target(name: "TestProcesses", swiftSettings: settings),
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
