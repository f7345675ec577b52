internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The C library's own resolver, to be compared with. The resolver of this package never uses it.
package enum SystemResolver {
    package enum Family: Sendable {
        case any, ipv4, ipv6
    }

    /// Looks a name up with `getaddrinfo`, as most programs do. Blocks the thread for as long as the C library likes,
    /// which no caller can cut short.
    ///
    /// - Returns: why there is no address, in the C library's words; `nil` if there is one.
    package static func failure(lookingUp name: String, family: Family) -> String? {
        var hints = addrinfo()
        hints.ai_family =
            switch family {
            case .any: AF_UNSPEC
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            }
        // One record an address, as for a connection, not one for each type of socket.
        #if canImport(Darwin) || canImport(Musl)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        // Sound: the name and the hints are only read during the call, and the list, which is valid after a success
        // alone, is freed without having been looked into.
        let status = getaddrinfo(name, nil, &hints, &found)
        guard status != 0 else {
            freeaddrinfo(found)
            return nil
        }
        // Sound: a text that lives as long as the process.
        return String(cString: gai_strerror(status))
    }
}
