#if HTTPClient
    internal import AsyncHTTPClient
    internal import NIOCore

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
        case let error as IOError:
            // No connection in use is refused. It can be reset or lose its route, as one can that is being made.
            error.errnoCode == ECONNREFUSED
                || ["connect(", "finishing a non-blocking connect"].contains { error.description.hasPrefix($0) }
        default:
            false
        }
    }
#endif
