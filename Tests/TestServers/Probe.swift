import Foundation

/// A question sent over UDP until it is answered as expected.
struct Probe {
    var name: String
    var type: UInt16
    /// Octets that must be somewhere in the answer.
    var expected: String

    private let id = UInt16.random(in: .min ... .max)

    init(name: String, type: UInt16, expected: String = "") {
        self.name = name
        self.type = type
        self.expected = expected
    }

    /// Asks until the answer is the one expected, or the deadline has passed, or `goOn` no longer holds. Waits on the socket
    /// for 20 ms after each question; it is not connected, so a port that is not open yet is silence and not an error.
    func succeeds(at port: UInt16, until deadline: ContinuousClock.Instant, while goOn: () -> Bool) -> Bool {
        let descriptor = socket(AF_INET, datagram, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        while ContinuousClock.now < deadline, goOn() {
            let sent = withLoopbackAddress(port) { sendto(descriptor, query, query.count, 0, $0, $1) }
            guard sent == query.count else { return false }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&wait, 1, 20) == 1 {
                var answer = [UInt8](repeating: 0, count: 1500)
                let count = recv(descriptor, &answer, answer.count, 0)
                if count > 0, accepts(answer.prefix(count)) { return true }
            }
        }
        return false
    }

    private var query: [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return octets(id) + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0] + octets(type) + [0, 1]
    }

    /// Our ID, NOERROR, at least one answer, and the octets expected.
    private func accepts(_ answer: ArraySlice<UInt8>) -> Bool {
        answer.count > 12 && answer.starts(with: octets(id)) && answer[2] & 0x80 != 0 && answer[3] & 0x0F == 0
            && (answer[6] != 0 || answer[7] != 0)
            && (expected.isEmpty || answer.contains(Array(expected.utf8)))
    }

    private func octets(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
}
