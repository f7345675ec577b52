import NIOFileSystem

/// Kubernetes manifests: a file of YAML documents, or the text of one.
///
/// Read are Namespace, Service, Pod (v1), Deployment, StatefulSet (apps/v1), EndpointSlice (discovery.k8s.io/v1) and List
/// (v1) with any of them. Objects of other kinds are skipped with a note. A file has at most 4 MiB, and all manifests
/// that are applied together at most 10 000 objects.
public struct Manifest: Hashable, Sendable {
    fileprivate enum Content: Hashable, Sendable {
        case text(String)
        case file
    }

    fileprivate let source: String
    fileprivate let content: Content

    /// The YAML itself. Errors call it by the name.
    public static func yaml(_ text: String, name: String = "manifest") -> Manifest {
        Manifest(source: name, content: .text(text))
    }

    /// A file, read each time that the manifest is applied.
    public static func file(_ path: String) -> Manifest {
        Manifest(source: path, content: .file)
    }
}

/// The objects of manifests, and what was left out of them.
struct ManifestContents: Sendable {
    private(set) var objects: [ClusterObject] = []
    private(set) var notes: [String] = []

    init(_ manifests: [Manifest], namespace: String) async throws {
        for manifest in manifests {
            var reader = ManifestReader(source: manifest.source, namespace: namespace)
            try reader.read(try await manifest.text)
            objects += reader.objects
            notes += reader.notes
            guard objects.count <= ManifestReader.maximumObjects else {
                let message = "expected at most \(ManifestReader.maximumObjects) objects in all manifests"
                throw ManifestError(source: manifest.source, message: message)
            }
        }
    }
}

extension Manifest {
    fileprivate var text: String {
        get async throws {
            switch content {
            case .text(let text): text
            case .file: try await Self.contents(of: source)
            }
        }
    }

    /// Reads a file in a thread that is gone afterwards.
    private static func contents(of path: String) async throws -> String {
        do {
            return try await withFileSystem(numberOfThreads: 1) { files in
                let limit = ByteCount.bytes(Int64(ManifestReader.maximumLength))
                return try await String(contentsOf: FilePath(path), maximumSizeAllowed: limit, fileSystem: files)
            }
        } catch let error as FileSystemError {
            let reason = error.code == .notFound ? "there is none" : error.message
            throw ManifestError(source: path, message: "expected a file that can be read: \(reason)")
        }
    }
}
