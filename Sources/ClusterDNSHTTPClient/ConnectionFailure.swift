#if HTTPClient
    internal import AsyncHTTPClient
    internal import NIOCore
    internal import NIOSSL

    #if canImport(Darwin)
        internal import Darwin
    #elseif canImport(Musl)
        internal import Musl
    #else
        internal import Glibc
    #endif

    /// Whether a request failed because there was no connection to send it over, so that it may be sent elsewhere.
    ///
    /// AsyncHTTPClient 1.37, told not to retry by itself, fails the requests that wait for a connection with the error that
    /// connecting ended in. Nothing in it says so: it is told from what a connection in use can end in by its kind, and by
    /// the words of NIO for the call that failed. An error that could be either is taken for one of a connection in use.
    func isConnectionFailure(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError:
            error == .connectTimeout || error == .tlsHandshakeTimeout
        // The other end has closed, as what stands in front of a pod may do while the pod does not serve yet.
        case NIOSSLError.handshakeFailed(.sslError(let stack)):
            stack.contains(.eofDuringHandshake)
        case let error as IOError:
            // The last of these ends connections that are being made: of one in use the error is found by reading. That it
            // was reset says neither. Nor does a refusal, which the network may send at any time.
            ["connect(", "finishing a non-blocking connect"].contains { error.description.hasPrefix($0) }
                || error.description.hasPrefix("connection reset (error set)") && error.errnoCode != ECONNRESET
        default:
            false
        }
    }

    /// Whether a request failed because all connections to an endpoint were in use for as long as it might wait for one.
    func isBusy(_ error: any Error) -> Bool {
        error as? HTTPClientError == .getConnectionFromPoolTimeout
    }
#endif
