internal import CAres

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What the resolver reads of the machine that it runs on.
package enum SystemFacts {
    /// The octets of a file, at most `limit`; `nil` if it cannot be read or is no regular file.
    package static func contents(of path: String, limit: Int) -> [UInt8]? {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var contents: [UInt8] = []
        while contents.count < limit {
            let wanted = min(64 * 1024, limit - contents.count)
            var count = 0
            // Sound: the closure writes at most `wanted` octets into the room that was asked for, and says how many.
            let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
                repeat { count = read(descriptor, buffer.baseAddress, wanted) } while count < 0 && errno == EINTR
                initialized = max(0, count)
            }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            contents += chunk
        }
        return contents
    }

    /// What changes when a file is written or replaced, a mounted ConfigMap's symbolic links included; `nil` if it
    /// is not there.
    package static func version(of path: String) -> FileVersion? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        return FileVersion(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            file: UInt64(truncatingIfNeeded: status.st_ino),
            size: Int64(status.st_size),
            seconds: Int64(modified.tv_sec),
            nanoseconds: Int64(modified.tv_nsec)
        )
    }

    /// The number of an interface, for the scope of a link-local address: `eth0`, or a number as it is.
    package static func interfaceIndex(of name: String) -> UInt32? {
        let index = if_nametoindex(name)
        return index != 0 ? index : UInt32(name)
    }

    /// The families of which an interface other than loopback has an address, link-local IPv6 addresses left aside:
    /// every interface has one, and no peer can be reached by it.
    package static func addressFamilies() -> (ipv4: Bool, ipv6: Bool) {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return (true, true) }
        defer { freeifaddrs(first) }
        var families = (ipv4: false, ipv6: false)
        var next = first
        // Sound: the list is valid until it is freed on return, and ends with a null pointer.
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard let address = interface.ifa_addr, interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                interface.ifa_flags & UInt32(IFF_UP) != 0
            else { continue }
            switch Int32(address.pointee.sa_family) {
            case AF_INET:
                families.ipv4 = true
            case AF_INET6:
                // Sound: the system gives a `sockaddr_in6` behind the pointer of an address of that family.
                let octets = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
                }
                if !(octets[0] == 0xFE && octets[1] & 0xC0 == 0x80) { families.ipv6 = true }
            default:
                continue
            }
        }
        return families
    }

    /// The process' environment variables; the last one wins where a name stands twice.
    package static func environmentVariables() -> [String: String] {
        var variables: [String: String] = [:]
        // Sound: `environ` is null or a list of C strings that ends with a null pointer. A program that changes its
        // environment from another thread at this moment has the same race with `getenv` itself.
        guard var next = shim_environment() else { return variables }
        while let entry = next.pointee {
            let pair = String(cString: entry)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }
}

/// Changes whenever the file behind a path does.
package struct FileVersion: Hashable, Sendable {
    var device: UInt64
    var file: UInt64
    package let size: Int64
    var seconds: Int64
    var nanoseconds: Int64
}

extension FileVersion {
    /// A version that differs from that of any other number.
    package init(testing number: Int64) {
        self.init(device: 0, file: 0, size: number, seconds: 0, nanoseconds: 0)
    }
}
