extension ConformanceCase {
    /// The whole table.
    static let all =
        localCases + refusedCases + expansionCases + addressCases + timeToLiveCases + portCases + aliasCases
        + reverseCases
        + textCases

    /// The cases that send something.
    static let sent = all.filter { !$0.asked.isEmpty }
}
