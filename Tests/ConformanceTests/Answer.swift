import ClusterDNS
import Testing

/// What came of a case.
struct Answer: Sendable {
    var outcome: ConformanceCase.Outcome
    var absoluteName: String?
    /// Nothing where nothing expires.
    var timeToLive: Duration?

    /// Records an issue for each thing that is not as the case wants it.
    func check(against wanted: ConformanceCase, from respondent: Respondent) {
        switch (outcome, wanted.outcome(from: respondent)) {
        case (.endpoints(let endpoints, _), .count(let count)):
            #expect(endpoints.count == count)
            #expect(Set(endpoints).count == count)
        case (.endpoints(let endpoints, let name), .endpoints(let wantedEndpoints, let wantedName)):
            #expect(endpoints.sorted() == wantedEndpoints.sorted())
            #expect(name == wantedName)
        case (.text(let text), .text(let wantedText)):
            #expect(text.sorted() == wantedText.sorted())
        case (let outcome, let wantedOutcome):
            #expect(outcome == wantedOutcome)
        }
        switch wanted.absoluteName {
        case .lastAsked: #expect(absoluteName == wanted.asked.last)
        case .exactly(let name): #expect(absoluteName == name)
        }
        if let seconds = wanted.timeToLive {
            // No less than nothing: a forwarder may have held the answer for a while, and a busy machine the test. How
            // long an answer is kept exactly is shown where the test has the clock.
            #expect(timeToLive.map { $0 >= .zero && $0 <= .seconds(seconds) } == true)
        }
    }
}
