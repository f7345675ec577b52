internal import Configuration

/// What a configuration reader has for our keys, each as an environment variable would say it.
struct ConfigurationValues: Hashable, Sendable {
    /// By the name of the variable.
    private(set) var variables: [String: String] = [:]

    init(_ reader: ConfigSnapshotReader) {
        let reader = reader.scoped(to: ConfigKey(ConfigurationKey.prefix))
        for key in ConfigurationKey.all { variables[key.variable] = reader.text(of: key) }
    }

    /// The keys that have another value in `other`.
    func difference(from other: ConfigurationValues) -> [ConfigurationKey] {
        ConfigurationKey.all.filter { variables[$0.variable] != other.variables[$0.variable] }
    }
}

extension ConfigSnapshotReader {
    /// Files have numbers, switches and lists beside text. A value of a type that the key cannot have is read, too, so
    /// that the key's rule refuses it: what the reader cannot convert it passes over without a word.
    fileprivate func text(of key: ConfigurationKey) -> String? {
        let name = ConfigKey(key.name)
        if let text = string(forKey: name) { return text }
        // A file's switch can be read as a number, and its number as a switch.
        if key.isSwitch, let value = bool(forKey: name) { return value.description }
        return int(forKey: name)?.description ?? double(forKey: name)?.description ?? bool(forKey: name)?.description
            ?? parts(of: name)?.joined(separator: key.separator)
    }

    private func parts(of name: ConfigKey) -> [String]? {
        stringArray(forKey: name) ?? intArray(forKey: name)?.map(\.description)
            ?? doubleArray(forKey: name)?.map(\.description) ?? boolArray(forKey: name)?.map(\.description)
    }
}
