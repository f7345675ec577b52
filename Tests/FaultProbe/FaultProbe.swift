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
///
/// In the name `%` becomes the number of the lookup; the pause between two is in milliseconds. A line a lookup:
/// milliseconds, and the number of addresses or a word for the failure.
@main
struct FaultProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[2]) else {
            print("usage: FaultProbe resolver|getaddrinfo COUNT NAME [PAUSE]")
            exit(64)
        }
        let pause = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 0
        let resolver = arguments[1] == "resolver" ? try ClusterResolver() : nil
        for number in 0..<count {
            let name = String(arguments[3].flatMap { $0 == "%" ? String(number) : String($0) })
            let start = ContinuousClock.now
            let outcome = if let resolver { await look(name, resolver) } else { look(name) }
            let (seconds, attoseconds) = (ContinuousClock.now - start).components
            print("\(Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000) \(outcome)")
            fflush(nil)
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
        }
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
