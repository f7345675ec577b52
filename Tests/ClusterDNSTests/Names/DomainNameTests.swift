import Testing

@testable import ClusterDNS

@Suite("Domain names")
struct DomainNameTests {
    @Test("Letter case makes no difference")
    func caseIsFolded() throws {
        let name = try #require(DomainName("Service-B.Default"))
        #expect(name == DomainName("service-b.default."))
    }
}
