import Yams

/// Reads the objects that DNS depends on from a text of YAML documents.
struct ManifestReader {
    /// Octets of one file.
    static let maximumLength = 16 << 20
    /// Objects in all manifests that are applied together.
    static let maximumObjects = 10_000

    /// The file or the text, as errors name it.
    let source: String
    /// Where objects go whose manifest names no namespace.
    let namespace: String

    private(set) var objects: [ClusterObject] = []
    /// What was left out, one line each.
    private(set) var notes: [String] = []

    init(source: String, namespace: String) {
        self.source = source
        self.namespace = namespace
    }

    mutating func read(_ text: String) throws(ManifestError) {
        guard text.utf8.count <= Self.maximumLength else { throw ManifestError.tooLong(source) }
        // A byte order mark is no part of the text; the parser, told the encoding, would take it for one.
        // Files that were put together have one in front of each document.
        let text = Self.withoutByteOrderMarks(text)
        var document = 0
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            while let root = try parser.nextRoot() {
                document += 1
                // An empty document, as a last `---` leaves one.
                guard root.tag != Tag(.null) else { continue }
                try read(Field(node: root, path: "", source: source, document: document), depth: 0)
            }
        } catch let error as ManifestError {
            throw error
        } catch {
            throw ManifestError(yaml: error, source: source, document: document + 1)
        }
    }

    private static func withoutByteOrderMarks(_ text: String) -> String {
        let mark: Unicode.Scalar = "\u{FEFF}"
        guard text.unicodeScalars.contains(mark) else { return text }
        var cleaned = String.UnicodeScalarView()
        var isLineStart = true
        for scalar in text.unicodeScalars where !(isLineStart && scalar == mark) {
            cleaned.append(scalar)
            isLineStart = scalar == "\n"
        }
        return String(cleaned)
    }

    /// Lists in lists.
    private static let mostLists = 8

    /// The versions of the kinds that are read.
    private static let versions = [
        "Namespace": "v1", "Service": "v1", "Pod": "v1", "Endpoints": "v1", "Deployment": "apps/v1",
        "StatefulSet": "apps/v1", "ReplicaSet": "apps/v1", "DaemonSet": "apps/v1",
        "EndpointSlice": "discovery.k8s.io/v1",
    ]

    /// Whether these groups are Kubernetes' own, in which a kind is what its name says: others have a Service, too.
    private static func isKubernetesOwn(_ version: String) -> Bool {
        guard let slash = version.firstIndex(of: "/") else { return true }
        return ["apps", "extensions", "discovery.k8s.io"].contains(version[..<slash])
    }

    /// - Parameter implied: the version and the kind of the items of a list that is of one kind: they need not say it again.
    private mutating func read(
        _ object: Field,
        depth: Int,
        implied: (version: String, kind: String)? = nil
    ) throws(ManifestError) {
        let version = try object.member("apiVersion")?.string() ?? implied?.version
        guard let version else { throw object.missing("apiVersion", "a version such as v1") }
        let kind = try object.member("kind")?.string() ?? implied?.kind
        guard let kind else { throw object.missing("kind", "a kind such as Service") }
        if kind.hasSuffix("List"), Self.isKubernetesOwn(version) {
            guard depth < Self.mostLists else {
                throw object.error("expected at most \(Self.mostLists) nested lists")
            }
            let itemKind = String(kind.dropLast("List".count))
            let implied = itemKind.isEmpty ? nil : (version: version, kind: itemKind)
            for item in try object.items("items") { try read(item, depth: depth + 1, implied: implied) }
            return
        }
        if Self.isKubernetesOwn(version),
            let known = Self.versions.first(where: { $0.key.lowercased() == kind.lowercased() }),
            known != (kind, version)
        {
            throw object.error("expected kind \(known.key) of apiVersion \(known.value), found \(kind) of \(version)")
        }
        let read: ClusterObject
        switch (version, kind) {
        case ("v1", "Namespace"): read = .namespace(try object.objectName(defaultNamespace: "").name)
        case ("v1", "Service"):
            read = .service(try object.service(defaultNamespace: namespace))
        case ("v1", "Pod"):
            if let reason = try object.reasonToSkipPod() { return skip(object, "a Pod", because: reason) }
            read = .pod(try object.pod(defaultNamespace: namespace))
        case ("v1", "Endpoints"):
            guard try object.isMirrored() else {
                return skip(object, "Endpoints", because: "Kubernetes makes no EndpointSlices of them")
            }
            read = .endpoints(try object.endpoints(defaultNamespace: namespace))
        case ("apps/v1", _):
            guard let workload = Workload.Kind(rawValue: kind) else { return skip(object, "\(version) \(kind)") }
            read = .workload(try object.workload(workload, defaultNamespace: namespace))
        case ("discovery.k8s.io/v1", "EndpointSlice"):
            guard try object.isOfService() else {
                return skip(object, "an EndpointSlice", because: "it has no label that says of which service it is")
            }
            guard let slice = try object.endpointSlice(defaultNamespace: namespace) else {
                return skip(object, "EndpointSlice of domain names")
            }
            read = .endpointSlice(slice)
        case ("v1", "ReplicationController"), ("batch/v1", "Job"), ("batch/v1", "CronJob"):
            return skip(object, "\(version) \(kind)", because: "its pods are not simulated")
        default:
            return skip(object, "\(version) \(kind)")
        }
        for field in try object.unknownFields(of: kind) {
            note(field, "\(kind) has no field \(field.path)")
        }
        guard objects.count < Self.maximumObjects else {
            throw object.error("expected at most \(Self.maximumObjects) objects")
        }
        objects.append(read)
    }

    private mutating func skip(
        _ object: Field,
        _ what: String,
        because reason: String = "cluster DNS does not depend on it"
    ) {
        note(object, "\(what) skipped: \(reason)")
    }

    private mutating func note(_ field: Field, _ text: String) {
        let line = field.node.mark.map { ":\($0.line)" } ?? ""
        notes.append("\(source)\(line): document \(field.document): \(text)")
    }
}

extension ManifestError {
    static func tooLong(_ source: String) -> ManifestError {
        let limit = ManifestReader.maximumLength >> 20
        return ManifestError(
            source: source,
            message:
                "expected at most \(limit) MiB: leave out what DNS does not depend on, such as definitions of kinds"
        )
    }

    /// An error of the YAML itself.
    init(yaml error: any Error, source: String, document: Int) {
        var (line, message): (Int?, String) = (nil, "\(error)")
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (line, message) = (mark.line, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            line = context.mark.line
            message = "expected each field once, found more than one " + keys.joined(separator: ", ")
        case .reader(let problem, _, _, _):
            message = problem
        default:
            break
        }
        self.init(source: source, document: document, line: line, message: "expected YAML: \(message)")
    }
}
