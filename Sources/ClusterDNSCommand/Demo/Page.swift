/// Where the demo is written: in steps, with everything but their titles indented.
final class Page {
    private static let width = Console.width
    private static let indentation = 3
    /// The characters that a line of what is shown may have.
    static let room = width - indentation - 2
    /// Those of a table, which is indented less.
    static let tableRoom = width - 2

    private let style: Style
    private let print: ([String]) throws -> Void
    private var steps = 0
    private var isAfterEmptyLine = true

    init(style: Style, print: @escaping ([String]) throws -> Void) {
        self.style = style
        self.print = print
    }

    func heading(_ text: String) throws {
        try write([style.title(text), ""])
    }

    func step(_ title: String) throws {
        steps += 1
        try paragraph([style.title("\(steps). \(title)"), ""])
    }

    func say(_ text: String) throws {
        try paragraph(indented(text.wrapped(at: Self.width - Self.indentation, hanging: 0)))
    }

    /// Lines of a service's source, or of a shell.
    func code(_ lines: String...) throws {
        try paragraph(indented(lines.map(style.code)))
    }

    /// What comes of it.
    func show(_ lines: [String]) throws {
        try write(indented(lines.map { "  " + $0 }))
    }

    func table(_ lines: [String]) throws {
        try paragraph(lines.map { "  " + $0 })
    }

    func note(_ text: String) throws {
        let lines = text.wrapped(at: Self.width - Self.indentation, hanging: 0)
        try paragraph(indented(lines.map(style.aside)))
    }

    private func paragraph(_ lines: [String]) throws {
        try write((isAfterEmptyLine ? [] : [""]) + lines)
    }

    private func write(_ lines: [String]) throws {
        try print(lines)
        isAfterEmptyLine = lines.last == ""
    }

    private func indented(_ lines: [String]) -> [String] {
        lines.map { String(repeating: " ", count: Self.indentation) + $0 }
    }
}
