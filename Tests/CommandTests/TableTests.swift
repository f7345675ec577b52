import Testing

@testable import ClusterDNSCommand

struct TableTests {
    @Test func `columns are as wide as their widest cell, and no space ends a line`() {
        #expect(table([["A", "B"], ["long", "x"], ["", "y"]]) == ["A     B", "long  x", "      y"])
    }

    @Test func `a cell may have several lines`() {
        #expect(table([["a\nb", "1"], ["c", "2\n3\n4"]]) == ["a  1", "b", "c  2", "   3", "   4"])
    }

    @Test func `what is too long goes on in the next line, the widest column first`() {
        #expect(table([["abcdefghij", "xyz"]], within: 10) == ["abcde  xyz", "fghij"])
        #expect(table([["abc", "xyz"]], within: 8) == ["abc  xyz"])
    }

    @Test(arguments: 1...20) func `every character is there in lines that are short enough`(_ limit: Int) {
        let rows = [["service-b.payments", "10.0.0.1\nfd00:127:96::1"], ["b", "-"]]
        let lines = table(rows, within: limit)
        if limit > 3 { #expect(lines.allSatisfy { $0.count <= limit }) }
        #expect(lines.joined().filter { $0 != " " }.count == rows.joined().joined().filter { $0 != "\n" }.count)
    }
}
