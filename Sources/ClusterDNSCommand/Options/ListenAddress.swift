internal import ArgumentParser
internal import ClusterDNS

/// `--listen`: where a name server listens, with UDP and TCP.
struct ListenAddress: Hashable, Sendable {
    var address = IPAddress(ipv4: 0x7F00_0001)
    var port: UInt16 = 10053

    init() {}

    init(parsing text: String) throws(ValidationError) {
        if let address = IPAddress(text) {
            self.address = address
            return
        }
        // A name server to ask has a port; one that is to listen may take any that is free.
        let takesFreePort = text.hasSuffix(":0")
        guard let given = try? AddressText(takesFreePort ? text.dropLast() + "1" : text) else {
            throw ValidationError("an address, with or without a port: 127.0.0.1, 127.0.0.1:10053, [::1]:10053")
        }
        guard given.zone == nil else { throw ValidationError("an address to listen on has no % in it") }
        address = given.address
        port = takesFreePort ? 0 : given.port ?? port
    }
}

extension ListenAddress: CustomStringConvertible {
    var description: String { NameServer(address: address, port: port).description }
}
