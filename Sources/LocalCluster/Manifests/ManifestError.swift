/// What is wrong with a manifest, and where. Nothing of that call's manifests is in force.
public struct ManifestError: Error, Hashable, Sendable {
    /// The file as it was named, or the name that was given to a text.
    public var source: String
    /// The document in the file, counted from 1; `nil` where the file as a whole is meant.
    public var document: Int?
    /// The line in the file, counted from 1, where one is known.
    public var line: Int?
    /// The field, as a path from the document's root: `spec.ports[1].port`.
    public var field: String?
    /// What was expected there, and what was found.
    public var message: String

    init(source: String, document: Int? = nil, line: Int? = nil, field: String? = nil, message: String) {
        self.source = source
        self.document = document
        self.line = line
        self.field = field
        self.message = message
    }
}

extension ManifestError: CustomStringConvertible {
    /// `k8s.yaml:12: document 2: spec.ports[1].port: expected a number from 1 to 65535, found "http"`.
    public var description: String {
        var text = source
        if let line { text += ":\(line)" }
        if let document { text += ": document \(document)" }
        if let field { text += ": \(field)" }
        return text + ": " + message
    }
}
