import CFloor
import Foundation

/// The loops in C, see `floor.h`.
enum Floor {
    case socket
    case cares
    case caresTCP
    case caresThread
    case getaddrinfo

    /// Looks every name up once; the loops, which know nothing of namespaces, as an absolute name.
    ///
    /// - Parameters:
    ///   - addresses: how many each name has.
    ///   - unanswered: how many names may have no answer. That they had none is what they took.
    func ask(
        _ names: [String],
        at port: UInt16,
        inFlight: Int = 1,
        addresses: Int = 1,
        unanswered: Int = 0
    ) async throws -> Sample {
        let texts = names.map { strdup(self == .getaddrinfo ? $0 : Stage.absolute($0)) }
        defer { for text in texts { free(text) } }
        var latencies = [UInt64](repeating: 0, count: names.count)
        var span = floor_span()
        let found = latencies.withUnsafeMutableBufferPointer { latencies in
            texts.map { UnsafePointer($0) }.withUnsafeBufferPointer { texts in
                withUnsafeMutablePointer(to: &span) { span in
                    var work = floor_work(
                        port: port,
                        names: texts.baseAddress,
                        count: names.count,
                        in_flight: inFlight,
                        latencies: latencies.baseAddress,
                        span: span
                    )
                    return function(&work)
                }
            }
        }
        guard ((names.count - unanswered) * addresses...names.count * addresses).contains(found) else {
            throw BenchmarkFailure("\(self) had \(found) addresses")
        }
        return Sample(nanoseconds: latencies, seconds: Double(span.time) / 1e9, cpuSeconds: Double(span.cpu) / 1e9)
    }

    private var function: (UnsafePointer<floor_work>) -> Int {
        switch self {
        case .socket: floor_socket
        case .cares: floor_cares
        case .caresTCP: floor_cares_tcp
        case .caresThread: floor_cares_thread
        case .getaddrinfo: floor_getaddrinfo
        }
    }
}

/// The least that finding something by a name can cost in Swift.
final class DictionaryFloor {
    private let table: [String: AnyObject]

    init(_ names: [String]) {
        table = Dictionary(uniqueKeysWithValues: names.map { ($0, Entry()) })
    }

    @inline(never)
    func find(_ name: String) -> AnyObject? {
        table[name]
    }

    private final class Entry {}
}

/// Nanoseconds that it takes to count a reference to an object up and down.
func countOfReference(times: Int) -> Double {
    let object = DictionaryFloor([])
    return withExtendedLifetime(object) {
        Double(floor_count_reference(Unmanaged.passUnretained(object).toOpaque(), times)) / Double(times)
    }
}

/// Calls of malloc and its like, on all threads, while `body` runs.
func allocations(in body: () async throws -> Void) async rethrows -> Int {
    floor_count_allocations(1)
    defer { floor_count_allocations(0) }
    try await body()
    return Int(floor_allocations())
}

struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
