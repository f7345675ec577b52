/// How ``Peers/next(timeout:)`` chooses among the endpoints.
///
/// Only endpoints of the lowest priority are used (RFC 2782), and those of the next while all of the lowest are passed over.
/// Endpoints without a priority are one group.
public enum Balancing: Hashable, Sendable {
    /// One after the other, from any of them on: over many calls, from however many tasks, each endpoint gets as many as any other.
    case roundRobin
    /// Any, each as likely as any other.
    case random
    /// At random, as likely as the weight of its SRV record says (RFC 2782); without weights like ``random``.
    case weighted
}
