import ClusterDNS

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Looks up one name after the other and says of each how long it took and what came of it: with our resolver, or with the
/// C library's, which is what everybody else does.
///
///     FaultProbe resolver|getaddrinfo COUNT NAME [PAUSE]
///     FaultProbe rate COUNT NAME CALLERS QUERIES
///
/// In the name `%` becomes the number of the lookup; the pause between two is in milliseconds. A line a lookup:
/// milliseconds, and the number of addresses or a word for the failure. `rate` has several callers, and so many queries
/// leave from one source port; it prints how many lookups there were in a second.
@main
struct FaultProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[2]) else {
            print("usage: FaultProbe resolver|getaddrinfo|rate COUNT NAME [PAUSE|CALLERS QUERIES]")
            exit(64)
        }
        if arguments[1] == "rate" {
            let numbers = arguments.dropFirst(4).compactMap { Int($0) }
            guard numbers.count == 2 else { exit(64) }
            return try await measureRate(count, arguments[3], callers: numbers[0], queriesPerPort: numbers[1])
        }
        let pause = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 0
        let resolver = arguments[1] == "resolver" ? try ClusterResolver() : nil
        for number in 0..<count {
            let name = name(number, of: arguments[3])
            let start = ContinuousClock.now
            let outcome = if let resolver { await look(name, resolver) } else { look(name) }
            let (seconds, attoseconds) = (ContinuousClock.now - start).components
            print("\(Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000) \(outcome)")
            fflush(nil)
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
        }
    }

    private static func name(_ number: Int, of pattern: String) -> String {
        String(pattern.flatMap { $0 == "%" ? String(number) : String($0) })
    }

    private static func measureRate(
        _ count: Int,
        _ pattern: String,
        callers: Int,
        queriesPerPort: Int
    ) async throws {
        var configuration = ResolverConfiguration()
        configuration.limits.sourcePortQueries = queriesPerPort
        let resolver = try ClusterResolver(configuration)
        let start = ContinuousClock.now
        let good = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var good = 0
                    for number in stride(from: caller, to: count, by: callers) {
                        if await look(name(number, of: pattern), resolver) == "1" { good += 1 }
                    }
                    return good
                }
            }
            return await group.reduce(0, +)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let processor = String(processorTime / Double(count) * 1e6).prefix(5)
        print(
            "\(Int(Double(good) / seconds)) lookups a second, \(processor) µs of processor each, \(count - good) failed"
        )
    }

    /// What the process has used, in seconds: it says more than the rate on a machine that does other things, too.
    private static var processorTime: Double {
        var ticks = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ticks)
        return Double(ticks.tv_sec) + Double(ticks.tv_nsec) / 1e9
    }

    private static func look(_ name: String, _ resolver: ClusterResolver) async -> String {
        do {
            return String(try await resolver.resolve(name).count)
        } catch let error as ClusterDNSError {
            return "\(error.code)"
        } catch {
            return "\(error)"
        }
    }

    /// As programs call it: both families, one kind of socket.
    private static func look(_ name: String) -> String {
        var hints = addrinfo()
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch status {
        case 0: break
        case EAI_AGAIN: return "EAI_AGAIN"
        case EAI_NONAME: return "EAI_NONAME"
        case EAI_FAIL: return "EAI_FAIL"
        default: return "error\(status)"
        }
        var count = 0
        var next = list
        while let entry = next?.pointee {
            count += 1
            next = entry.ai_next
        }
        return String(count)
    }
}
