public import ArgumentParser
public import ClusterDNS

/// `--port`: digits are a number, anything else is a name. Whether it is a valid name the library says, as for any name.
enum PortOption: Equatable, Sendable {
    case number(UInt16)
    case named(String)

    init(parsing text: String) throws(ValidationError) {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            self = .named(text)
            return
        }
        guard let number = UInt16(text), number > 0 else {
            throw ValidationError("a port is a number from 1 to 65535, or the name of one")
        }
        self = .number(number)
    }

    func port(protocol: PortProtocol?) -> Port {
        switch self {
        case .number(let number): .number(number)
        case .named(let name): .named(name, protocol: `protocol` ?? .tcp)
        }
    }
}

extension PortProtocol: ExpressibleByArgument {}

/// `--port` and the protocol of a named one.
struct PortOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A port: a number is only filled in, a name is asked of DNS (SRV).",
            valueName: "name|number"
        ),
        transform: PortOption.init(parsing:)
    )
    var port: PortOption?

    @Option(help: ArgumentHelp("The protocol of a named port. (default: tcp)", valueName: "protocol"))
    var `protocol`: PortProtocol?

    /// The port as the library has it.
    var value: Port? { port?.port(protocol: `protocol`) }

    func validate() throws {
        if `protocol` != nil, port == nil {
            throw ValidationError("--protocol needs --port: it says of which protocol the port is")
        }
    }
}
