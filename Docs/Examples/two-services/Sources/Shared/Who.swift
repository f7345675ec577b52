public import GRPCCore

/// The gRPC method of `service-b`: which pod are you? Its messages are plain text, so that the example needs no code
/// generation. A service of yours has its methods and messages from a `.proto` file.
public enum Who {
    public static let method = MethodDescriptor(fullyQualifiedService: "two_services.ServiceB", method: "Who")
}

public struct Text: MessageSerializer, MessageDeserializer {
    public init() {}

    public func serialize<Bytes: GRPCContiguousBytes>(_ message: String) -> Bytes {
        Bytes(message.utf8)
    }

    public func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
