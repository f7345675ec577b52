import Testing

@testable import ClusterDNS

@Suite("Quoted text")
struct QuotedTextTests {
    @Test(
        "What could upset a line of a log is escaped",
        arguments: [
            ("service-b", #""service-b""#), ("", #""""#), ("a\"b\\c", #""a\"b\\c""#),
            ("a\r\nb\0", #""a\u{d}\u{a}b\u{0}""#),
            ("\u{1B}[31m", #""\u{1b}[31m""#), ("é\u{202E}", #""\u{e9}\u{202e}""#), ("\u{7F}~ ", #""\u{7f}~ ""#),
        ]
    )
    func escapes(_ text: String, quoted: String) {
        #expect(text.quoted == quoted)
    }

    @Test("Only the first 80 characters are shown")
    func isBounded() {
        let text = String(repeating: "a", count: 80)
        #expect(text.quoted == "\"\(text)\"")
        #expect((text + "b").quoted == "\"\(text)...\"")
    }
}
