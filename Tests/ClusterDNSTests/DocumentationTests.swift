import ClusterDNS
import Foundation
import Testing

/// The pages tell what the code does.
struct DocumentationTests {
    @Test func `the example of the README is one that compiles`() throws {
        let example = try #require(
            try Self.text("README.md").firstMatch(of: #/```swift\n(?<code>import [^`]*)```/#)?.code
        )
        let source = try Self.text("Tests/ClusterDNSTests/ReadmeExample.swift")
        #expect(Self.statements(source).contains(Self.statements(example)))
    }

    @Test func `every key is on its page, with its setting, its environment variable and its default`() throws {
        let page = try Self.text("Docs/Configuration.md")
        let rows = page.matches(
            of: #/\| `(?<setting>[^`]+)` \| `(?<key>[^`]+)` \| `(?<variable>[A-Z_]+)` \| (?<value>[^|]+) \|(?<rest>.*)/#
        )
        #expect(
            rows.map { "\($0.setting) \($0.key) \($0.variable) \($0.rest.contains("*live*"))" }.sorted()
                == ConfigurationKey.all.map { "\($0.setting) \($0.name) \($0.variable) \($0.isLive)" }.sorted()
        )
        for row in rows
        where !["nameServers", "namespace", "clusterDomain", "staticPeers"].contains(String(row.setting)) {
            let key = try #require(ConfigurationKey.all.first { $0.setting == String(row.setting) })
            var configuration = ResolverConfiguration()
            try key.apply(row.value.filter { $0 != "`" }, to: &configuration)
            #expect(configuration == ResolverConfiguration(), "\(row.setting) is \(row.value)")
        }
    }

    @Test func `every setting is on the page`() throws {
        let page = try Self.text("Docs/Configuration.md")
        let configuration = ResolverConfiguration()
        let groups = [
            "retry": configuration.retry as Any, "cache": configuration.cache, "limits": configuration.limits,
        ]
        let settings =
            Mirror(reflecting: configuration).children.compactMap(\.label).filter { groups[$0] == nil }
            + groups.flatMap { group, value in
                Mirror(reflecting: value).children.compactMap(\.label).map { "\(group).\($0)" }
            }
        #expect(settings.count > groups.count)
        for setting in settings { #expect(page.contains("| `\(setting)` |"), "\(setting)") }
    }

    @Test func `every error code is in the README`() throws {
        let page = try Self.text("README.md")
        let source = try Self.text("Sources/ClusterDNS/Resolver/ClusterDNSError.swift")
        let codes = source.matches(of: #/static let (?<code>[a-zA-Z]+) = Code\(/#).map(\.code)
        #expect(!codes.isEmpty)
        for code in codes { #expect(page.contains("| `\(code)` |"), "\(code)") }
    }

    private static let pages: [String] =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Docs/Examples/two-services/README.md"]
        + ((try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Docs").path)) ?? [])
        .filter { $0.hasSuffix(".md") }.map { "Docs/\($0)" }.sorted()

    @Test(arguments: pages)
    func `links between pages lead somewhere`(_ page: String) throws {
        for link in try Self.text(page).matches(of: #/\]\((?<path>[^):]+)\)/#) {
            let file = Self.root.appendingPathComponent(page).deletingLastPathComponent()
                .appendingPathComponent(String(link.path))
            #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(link.path)")
        }
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The lines without their indentation and without empty ones, imports left out.
    private static func statements(_ code: some StringProtocol) -> String {
        code.split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("import ") }
            .joined(separator: "\n")
    }
}
