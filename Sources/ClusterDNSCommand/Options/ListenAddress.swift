internal import ArgumentParser
internal import ClusterDNS

/// `--listen`: where a name server listens, with UDP and TCP.
struct ListenAddress: Hashable, Sendable {
    var address = IPAddress(ipv4: 0x7F00_0001)
    var port: UInt16 = 10053

    init() {}

    init(parsing text: String) throws(ValidationError) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if let address = IPAddress(isBracketed ? text.dropFirst().dropLast() : text[...]) {
            guard !isBracketed || address.family == .ipv6 else { throw Self.wrong }
            self.address = address
            return
        }
        // A name server to ask has a port; one that is to listen may take any that is free.
        let takesFreePort = text.hasSuffix(":0")
        do {
            let server = try NameServer(takesFreePort ? text.dropLast() + "1" : text)
            guard server.scope == nil else { throw ValidationError("an address to listen on has no % in it") }
            self.address = server.address
            self.port = takesFreePort ? 0 : server.port
        } catch let error as ValidationError {
            throw error
        } catch {
            throw Self.wrong
        }
    }

    private static var wrong: ValidationError {
        ValidationError("an address, with or without a port: 127.0.0.1, 127.0.0.1:10053, [::1]:10053")
    }
}

extension ListenAddress: CustomStringConvertible {
    var description: String { NameServer(address: address, port: port).description }
}
