import Testing

@testable import ClusterDNSCommand

struct WrappingTests {
    @Test(arguments: [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three", ["one two", "  three"]),
        ("  one two three four", ["  one two", "    three", "    four"]),
        ("averyverylongword and on", ["averyverylongword", "  and on"]),
    ])
    func `a text is broken at spaces and indented behind its first line`(_ text: String, _ lines: [String]) {
        #expect(text.wrapped(at: 10) == lines)
    }
}
