import Testing

@testable import ClusterDNSCommand

struct JSONTests {
    @Test(arguments: [
        (JSON.null, "null"),
        (.bool(true), "true"),
        (.number(-7), "-7"),
        (.number(nil as UInt16?), "null"),
        (.decimal(0.017), "0.017"),
        (.decimal(4_812_330), "4812330.0"),
        (.string(nil), "null"),
        (.string("a"), #""a""#),
        (.array([]), "[]"),
        (.array([.number(1), .null]), "[1,null]"),
        (.object([]), "{}"),
        (.object([.init("b", .number(1)), .init("a", .array([.string("x")]))]), #"{"b":1,"a":["x"]}"#),
    ])
    func `a value is written on one line, its members in their order`(_ value: JSON, _ text: String) {
        #expect(value.description == text)
    }

    @Test(arguments: [
        (#"""#, #"\""#),
        (#"\"#, #"\\"#),
        ("/", "/"),
        ("\n\r\t", #"\n\r\t"#),
        ("\u{0}\u{1B}[31m\u{7F}\u{9B}", #"\u0000\u001b[31m\u007f\u009b"#),
        ("é\u{1F600}", "é\u{1F600}"),
        ("\r\n", #"\r\n"#),
    ])
    func `what JSON or a terminal would take for a sign of its own is escaped`(_ text: String, _ escaped: String) {
        #expect(text.jsonEscaped == escaped)
    }
}
