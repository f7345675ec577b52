/// The lines of a file of settings, however they end, and only so much of the file as its reader is ready for.
struct TextLines: Sequence, IteratorProtocol {
    struct Line {
        /// From 1.
        let number: Int
        /// What spaces and tabs keep apart, up to the comment.
        let words: [String]
    }

    private var rest: ArraySlice<UInt8>
    private let comment: [UInt8]
    private let commentsCutWords: Bool
    private var number = 0
    /// Whether what is over the limit was left out, the line that the limit is in included: half of it could be read as
    /// something else.
    let isCut: Bool

    /// - Parameters:
    ///   - comment: the characters that begin a comment.
    ///   - commentsCutWords: whether they do so in the midst of a word, too.
    init(_ octets: [UInt8], limit: Int, comment: String, commentsCutWords: Bool) {
        let whole = octets.count > limit ? octets.prefix(limit).lastIndex(of: UInt8(ascii: "\n")) ?? 0 : octets.count
        self.rest = octets[..<whole]
        self.comment = Array(comment.utf8)
        self.commentsCutWords = commentsCutWords
        self.isCut = octets.count > limit
    }

    mutating func next() -> Line? {
        guard !rest.isEmpty else { return nil }
        let line = rest.prefix { $0 != UInt8(ascii: "\n") }
        rest = rest[line.endIndex...].dropFirst()
        number += 1
        let words = (commentsCutWords ? line.prefix { !comment.contains($0) } : line)
            .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            .prefix { word in !word.prefix(1).contains(where: comment.contains) }
        return Line(number: number, words: words.map { String(decoding: $0, as: UTF8.self) })
    }
}

/// What was strange about a file but not worth failing for, each in one line, for a person to read.
struct Notes {
    /// A file that is wrong everywhere does not fill the memory.
    static let limit = 32

    private(set) var lines: [String] = []

    mutating func add(_ note: @autoclosure () -> String) {
        guard lines.count <= Self.limit else { return }
        lines.append(lines.count < Self.limit ? note() : "and more of the kind")
    }
}
