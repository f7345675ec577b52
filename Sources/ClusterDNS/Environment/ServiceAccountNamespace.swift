/// The namespace that the kubelet puts into every pod that has a service account's token.
package struct ServiceAccountNamespace: Hashable, Sendable {
    /// In lower case; `nil` if the text is no namespace.
    package let namespace: String?
    /// What is wrong with the text, one line each.
    package let notes: [String]

    package init(parsing octets: [UInt8]) {
        // One label, with room for white space and for an error that is worth showing.
        let words = TextLines(octets, limit: 1024, comment: "", commentsCutWords: false).flatMap(\.words)
        do {
            guard let text = words.first, words.count == 1 else { throw BrokenRule("it is not one word") }
            namespace = try Label.folded(text)
            notes = []
        } catch {
            namespace = nil
            notes = ["\(words.joined(separator: " ").quoted) is not a namespace: \(error)"]
        }
    }
}
