import NIOCore

/// Cuts a TCP stream into DNS messages, each behind its length in two octets (RFC 1035 section 4.2.2).
struct LengthFraming: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        guard let message = buffer.readLengthPrefixedSlice(as: UInt16.self) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(message))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) -> DecodingState {
        .needMoreData
    }

    /// A message behind its length.
    static func frame(_ octets: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(2 + octets.count)
        buffer.writeInteger(UInt16(truncatingIfNeeded: octets.count))
        buffer.writeBytes(octets)
        return buffer
    }
}
