import ClusterDNS
import Yams

/// A place in a document: what is there, and how to say where it is.
struct Field {
    let node: Node
    let path: String
    let source: String
    let document: Int

    func error(_ message: String) -> ManifestError {
        ManifestError(
            source: source,
            document: document,
            line: node.mark?.line,
            field: path.isEmpty ? nil : path,
            message: message
        )
    }

    func expected(_ what: String) -> ManifestError {
        error("expected \(what), found \(found)")
    }

    private var found: String {
        switch node {
        case .scalar(let scalar) where node.tag == Tag(.str): scalar.string.quoted
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
        case .mapping: "an object"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    private func at(_ node: Node, _ path: String) -> Field {
        Field(node: node, path: path, source: source, document: document)
    }

    /// The fields of an object: its own, and behind them those of the objects that a merge key (`<<`, YAML 1.1) names,
    /// without those that are there already.
    func members() throws(ManifestError) -> [(name: String, field: Field)] {
        var members: [(name: String, field: Field)] = []
        var names: Set<String> = []
        for object in try withMerged() {
            guard case .mapping(let mapping) = object.node else { throw object.expected("an object") }
            for (key, value) in mapping where !key.isMerge {
                guard case .scalar(let name) = key else { throw object.expected("field names that are strings") }
                guard names.insert(name.string).inserted else { continue }
                members.append((name.string, at(value, path.isEmpty ? name.string : "\(path).\(name.string)")))
            }
        }
        return members
    }

    /// The field of an object; `nil` if it is missing or null.
    func member(_ name: String) throws(ManifestError) -> Field? {
        for object in try withMerged() {
            guard case .mapping(let mapping) = object.node else { throw object.expected("an object") }
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key, scalar.string == name, !key.isMerge else { continue }
                return value.tag == Tag(.null) ? nil : at(value, path.isEmpty ? name : "\(path).\(name)")
            }
        }
        return nil
    }

    /// The same, and `nil` as well for an empty string: where a name may be left out, Kubernetes takes it for left out.
    func optional(_ name: String) throws(ManifestError) -> Field? {
        guard let field = try member(name) else { return nil }
        if case .scalar(let scalar) = field.node, scalar.string.isEmpty { return nil }
        return field
    }

    /// An object and those that its merge keys name, and theirs, the first of all before the others.
    private func withMerged() throws(ManifestError) -> [Field] {
        var objects: [Field] = []
        var rest = [self]
        while let object = rest.popLast() {
            guard objects.count <= Self.mostMerged else {
                throw error("expected at most \(Self.mostMerged) merged objects")
            }
            objects.append(object)
            guard case .mapping(let mapping) = object.node else { continue }
            var merged: [Field] = []
            for (key, value) in mapping where key.isMerge {
                if case .sequence(let items) = value {
                    merged += items.map { at($0, path) }
                } else {
                    merged.append(at(value, path))
                }
            }
            rest += merged.reversed()
        }
        return objects
    }

    /// Objects that name each other twice over become very many in a few lines.
    private static let mostMerged = 64

    /// The field of an object that must be there.
    func required(_ name: String, _ what: String) throws(ManifestError) -> Field {
        guard let field = try member(name) else { throw missing(name, what) }
        return field
    }

    func missing(_ name: String, _ what: String) -> ManifestError {
        at(node, path.isEmpty ? name : "\(path).\(name)").error("expected \(what), found nothing")
    }

    /// The items of the list in a field of an object; none if it is missing or null.
    func items(_ name: String) throws(ManifestError) -> [Field] {
        guard let list = try member(name) else { return [] }
        guard case .sequence(let items) = list.node else { throw list.expected("a list") }
        return items.enumerated().map { at($0.element, "\(list.path)[\($0.offset)]") }
    }

    func string(_ what: String = "a string") throws(ManifestError) -> String {
        guard case .scalar(let scalar) = node, ![Tag(.null), Tag(.int), Tag(.float), Tag(.bool)].contains(node.tag)
        else { throw expected(isPlainValue ? "\(what) (in quotes)" : what) }
        return scalar.string
    }

    private var isPlainValue: Bool {
        if case .scalar = node { node.tag != Tag(.null) } else { false }
    }

    /// A string that keeps a rule, said in `what`.
    func string(_ what: String, where rule: (String) -> Bool) throws(ManifestError) -> String {
        let text = try string(what)
        guard rule(text) else { throw expected(what) }
        return text
    }

    func integer(in range: ClosedRange<Int>) throws(ManifestError) -> Int {
        guard let value = integer, range.contains(value) else {
            throw expected("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The number of a port.
    func port() throws(ManifestError) -> UInt16 {
        UInt16(truncatingIfNeeded: try integer(in: 1...65535))
    }

    /// The value where it is a whole number.
    var integer: Int? {
        guard case .scalar(let scalar) = node, node.tag == Tag(.int) else { return nil }
        return Int(scalar.string)
    }

    func bool() throws(ManifestError) -> Bool {
        guard case .scalar(let scalar) = node, node.tag == Tag(.bool) else { throw expected("true or false") }
        return ["true", "yes", "on", "y"].contains(scalar.string.lowercased())
    }

    /// One of the values of an enumeration, as the manifest spells them.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ type: Choice.Type = Choice.self
    ) throws(ManifestError) -> Choice {
        guard let choice = Choice(rawValue: try string()) else {
            throw expected(Choice.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return choice
    }

    /// A port's protocol, TCP unless said otherwise.
    func transport() throws(ManifestError) -> PortProtocol {
        switch try optional("protocol")?.choice(ProtocolName.self) {
        case .tcp, nil: .tcp
        case .udp: .udp
        case .sctp: .sctp
        }
    }

    private enum ProtocolName: String, CaseIterable {
        case tcp = "TCP"
        case udp = "UDP"
        case sctp = "SCTP"
    }

    /// An object whose values are strings: labels, a selector.
    func strings() throws(ManifestError) -> [String: String] {
        var strings: [String: String] = [:]
        for (name, field) in try members() { strings[name] = try field.string() }
        return strings
    }
}

extension Node {
    /// Whether it is a merge key; in quotes it is a name as any other.
    fileprivate var isMerge: Bool {
        if case .scalar(let scalar) = self { scalar.string == "<<" && scalar.style == .plain } else { false }
    }
}
