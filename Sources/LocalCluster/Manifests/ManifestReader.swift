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
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        var document = 0
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            while let root = try parser.nextRoot() {
                document += 1
                // An empty document, as a last `---` leaves one.
                guard root.tag != Tag(.null) else { continue }
                try read(Field(node: root, path: "", source: source, document: document), isItem: false)
            }
        } catch let error as ManifestError {
            throw error
        } catch {
            throw ManifestError(yaml: error, source: source, document: document + 1)
        }
    }

    private mutating func read(_ object: Field, isItem: Bool) throws(ManifestError) {
        let version = try object.required("apiVersion", "a version such as v1").string()
        let kind = try object.required("kind", "a kind such as Service").string()
        if version == "v1", kind == "List", !isItem {
            for item in try object.items("items") { try read(item, isItem: true) }
            return
        }
        let read: ClusterObject
        switch (version, kind) {
        case ("v1", "Namespace"): read = .namespace(try object.objectName(defaultNamespace: "").name)
        case ("v1", "Service"): read = .service(try object.service(defaultNamespace: namespace))
        case ("v1", "Pod"):
            guard let pod = try object.pod(defaultNamespace: namespace) else {
                return skip(object, "a Pod", because: "it has ended")
            }
            read = .pod(pod)
        case ("v1", "Endpoints"): read = .endpoints(try object.endpoints(defaultNamespace: namespace))
        case ("apps/v1", _):
            guard let workload = Workload.Kind(rawValue: kind) else { return skip(object, "\(version) \(kind)") }
            read = .workload(try object.workload(workload, defaultNamespace: namespace))
        case ("discovery.k8s.io/v1", "EndpointSlice"):
            guard let slice = try object.endpointSlice(defaultNamespace: namespace) else {
                return skip(object, "EndpointSlice of domain names")
            }
            read = .endpointSlice(slice)
        case ("v1", "ReplicationController"), ("batch/v1", "Job"), ("batch/v1", "CronJob"):
            return skip(object, "\(version) \(kind)", because: "its pods are not simulated")
        default:
            return skip(object, "\(version) \(kind)")
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
        let line = object.node.mark.map { ":\($0.line)" } ?? ""
        notes.append("\(source)\(line): document \(object.document): \(what) skipped: \(reason)")
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
