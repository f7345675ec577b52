import NIOFileSystem

/// Kubernetes manifests: a file of YAML documents, or the text of one.
///
/// The kinds that are read: Namespace, Service, Endpoints, Pod (v1), Deployment, StatefulSet, ReplicaSet, DaemonSet
/// (apps/v1), EndpointSlice (discovery.k8s.io/v1), and lists of them (`List`, `ServiceList` …). Others are
/// skipped with a note, and so are pods owned by a workload among the objects, which gets pods of its own here. A file
/// has at most 16 MiB, and all manifests that are applied together at most 10 000 objects.
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

    /// A file, read each time that the manifest is applied. A pipe, which can be read only once, is refused.
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
        leaveOutMadeObjects()
    }

    /// Leaves out what a workload among the objects has made, as in what `kubectl get all` prints: it makes them here too.
    private mutating func leaveOutMadeObjects() {
        var workloads: Set<Workload.Key> = []
        for case .workload(let workload) in objects { workloads.insert(workload.key) }
        let all = objects.count
        objects.removeAll { $0.controllers.contains(where: workloads.contains) }
        let made = all - objects.count
        if made > 0 {
            notes.append("\(made) pods and ReplicaSets skipped: the workloads that own them are here")
        }
    }
}

extension ClusterObject {
    /// What it may have been made by.
    fileprivate var controllers: [Workload.Key] {
        switch self {
        case .workload(let workload): [workload.controller].compactMap(\.self)
        case .pod(let pod): [pod.controller, pod.controller?.deployment].compactMap(\.self)
        case .namespace, .service, .endpointSlice, .endpoints: []
        }
    }
}

extension Workload.Key {
    /// The Deployment of a ReplicaSet, which is named after it and its template's hash.
    fileprivate var deployment: Workload.Key? {
        guard kind == .replicaSet, let end = name.name.lastIndex(of: "-") else { return nil }
        let deployment = ObjectName(name: String(name.name[..<end]), namespace: name.namespace)
        return Workload.Key(kind: .deployment, name: deployment)
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
                let (file, limit) = (FilePath(path), Int64(ManifestReader.maximumLength))
                if let info = try await files.info(forFileAt: file) {
                    guard info.type != .directory else { throw ManifestError.isFolder(path) }
                    guard info.type == .regular else { throw ManifestError.notAFile(path) }
                    guard info.size <= limit else { throw ManifestError.tooLong(path) }
                }
                return try await String(contentsOf: file, maximumSizeAllowed: .bytes(limit), fileSystem: files)
            }
        } catch let error as FileSystemError {
            let reason = error.code == .notFound ? "there is none" : error.message
            throw ManifestError(source: path, message: "expected a file that can be read: \(reason)")
        }
    }
}

extension ManifestError {
    fileprivate static func isFolder(_ source: String) -> ManifestError {
        ManifestError(source: source, message: "expected a file, this is a folder: name its files")
    }

    fileprivate static func notAFile(_ source: String) -> ManifestError {
        ManifestError(source: source, message: "expected a file that can be read again: write a pipe's contents to one")
    }
}
