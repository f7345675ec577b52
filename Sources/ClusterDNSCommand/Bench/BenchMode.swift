/// The ways of looking a name up that are compared, in the order in which they are measured.
enum BenchMode: String, CaseIterable, Sendable {
    /// Reads the set of a live handle.
    case handle
    /// Resolves what is in the cache.
    case cached
    /// Resolves what is not.
    case uncached
    /// Asks the C library.
    case getaddrinfo
}
