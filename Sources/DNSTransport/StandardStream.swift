#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The streams that a program writes to, without a buffer between: what is written to both keeps its order.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    package enum Outcome: Equatable, Sendable {
        case written
        /// The pipe or connection has no reader any more.
        case readerIsGone
        /// In the system's own words.
        case failed(String)
    }

    /// Makes a reader that has gone an outcome of writing to it, and not the end of the process by SIGPIPE.
    package static func ignoreLostReaders() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether a person reads it as it is written.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Whether the pipe or connection has lost its reader, so that there is no point in going on.
    package var isReaderGone: Bool {
        var stream = pollfd(fd: rawValue, events: 0, revents: 0)
        // Sound: the system writes to the one structure that it is given, during the call.
        return poll(&stream, 1, 0) > 0 && Int32(stream.revents) & POLLERR != 0
    }

    package func writeAll(_ text: String) -> Outcome {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Sound: the buffer is only read, within its bounds, during the call.
            let count = rest.withUnsafeBytes { write(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitForRoom()
            case EPIPE, ECONNRESET: return .readerIsGone
            case let number: return .failed(String(cString: strerror(number)))
            }
        }
        return .written
    }

    /// Somebody else may have made the stream non-blocking.
    private func waitForRoom() {
        var stream = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        _ = poll(&stream, 1, -1)
    }
}
