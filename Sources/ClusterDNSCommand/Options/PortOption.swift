public import ArgumentParser
public import ClusterDNS

/// `--port`: digits are a number, anything else is a name. Whether it is a valid name the library says, as for any name.
enum PortOption: Equatable, ExpressibleByArgument {
    case number(UInt16)
    case named(String)

    init?(argument text: String) {
        guard !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            self = .named(text)
            return
        }
        guard let number = UInt16(text), number > 0 else { return nil }
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
