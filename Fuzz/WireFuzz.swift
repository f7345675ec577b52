// What libFuzzer calls with its inputs: see the Makefile beside it. It ends the process where a message that can be
// decoded is another one after encoding and decoding again, or leads to another answer.

/// Whether the encoder has the contents: not for `.other`, which it leaves empty, and so malformed for a type that is read.
private func isEncodable(_ record: Record) -> Bool {
    guard case .other(let type) = record.data else { return true }
    return ![.a, .aaaa, .srv, .cname, .ptr, .soa, .txt].contains(type)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(start: UnsafePointer<UInt8>?, count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    guard var message = try? Message(decoding: octets) else { return 0 }
    if let question = message.question {
        precondition(Answer(octets, to: question) == Answer(message, to: question))
    }
    // The encoder writes that of its own EDNS.
    message.ednsVersion = 0
    let encoded = message.encoded(echoing: octets)
    guard encoded.count < 60_000,
        (message.answers + message.authorities + message.additionals).allSatisfy(isEncodable)
    else { return 0 }
    do {
        let again = try Message(decoding: encoded)
        precondition(again == message, "\(message) became \(again)")
    } catch {
        preconditionFailure("\(message) became unreadable: \(error)")
    }
    return 0
}
