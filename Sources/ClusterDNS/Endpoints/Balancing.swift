/// How ``Peers/next(timeout:)`` chooses among the endpoints.
///
/// Only endpoints of the lowest priority are used (RFC 2782), and those of the next while all of the lowest are passed over.
/// Endpoints without a priority are one group.
public enum Balancing: Hashable, Sendable {
    /// In turn, from a random start: over many calls on one handle, from any tasks, each endpoint gets as many as the others.
    case roundRobin
    /// At random, all equally likely.
    case random
    /// At random by the weights of the SRV records (RFC 2782); without weights like ``random``.
    case weighted
}
