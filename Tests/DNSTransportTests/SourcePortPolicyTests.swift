import Testing

@testable import DNSTransport

@Suite("How long a source port is used")
struct SourcePortPolicyTests {
    @Test(
        "A port takes queries for 30 s, and a hundred of them",
        arguments: [(0, 0, true), (29_999, 99, true), (30_000, 0, false), (0, 100, false)]
    )
    func allows(milliseconds: Int, queries: Int, isAllowed: Bool) {
        let opened = MonotonicTime(nanoseconds: 0)
        let now = opened + .milliseconds(milliseconds)
        #expect(SourcePortPolicy().allows(opened: opened, queries: queries, now: now) == isAllowed)
    }
}
