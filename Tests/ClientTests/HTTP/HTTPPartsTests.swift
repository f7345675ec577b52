#if HTTPClient
    import AsyncHTTPClient
    import ClusterDNS
    import Foundation
    import NIOCore
    import Testing

    @testable import ClusterDNSHTTPClient

    @Suite("The URL of a request")
    struct ServiceURLTests {
        @Test(
            arguments: [
                ("http://service-b", "service-b", nil, "", "service-b"),
                ("http://service-b:80/", "service-b", 80, "/", "service-b"),
                ("http://service-b:8080/a:b@c?d=/e#f", "service-b", 8080, "/a:b@c?d=/e#f", "service-b:8080"),
                ("https://service-b.:443?x=1", "service-b.", 443, "?x=1", "service-b"),
                ("HTTPS://user:word@Service-B:80/", "Service-B", 80, "/", "Service-B:80"),
                ("http://[fd00::1]:8080/", "fd00::1", 8080, "/", "[fd00::1]:8080"),
                ("http://[fd00::1]", "fd00::1", nil, "", "[fd00::1]"),
                ("http://10.0.0.1:/", "10.0.0.1", nil, "/", "10.0.0.1"),
            ] as [(String, String, UInt16?, String, String)]
        )
        func `is split at its host`(_ text: String, host: String, port: UInt16?, rest: String, field: String) throws {
            let url = try #require(try ServiceURL(text))
            #expect(url.host == host)
            #expect(url.port == port)
            #expect(url.rest == rest)
            #expect(url.hostField == field)
        }

        @Test(arguments: ["", "service-b", "ftp://x/", "http+unix://%2Fsocket/"])
        func `is left to AsyncHTTPClient where it is none of ours`(_ text: String) throws {
            #expect(try ServiceURL(text) == nil)
        }

        @Test(arguments: [
            ("http://", "it has no host"), ("http:///path", "it has no host"), ("http://:80/", "it has no host"),
            ("http://a:b/", "a port is a number"), ("http://a:65536/", "a port is a number from 0 to 65535"),
            ("http://10.0.0.1:70000/", "a port is a number"), ("http://a:+80/", "a port is a number"),
            ("http://a:80:80/", "a port is a number"), ("http://[fd00::1/", "[address]:port"),
            ("https://[fd00::1]x/", "[address]:port"),
        ])
        func `that breaks a rule has an error that names both`(_ text: String, rule: String) throws {
            let error = #expect(throws: ClusterDNSError.self) { try ServiceURL(text) }
            #expect(error?.code == .invalidName)
            #expect(error?.message.contains("\"\(text)\"") == true)
            #expect(error?.message.contains(rule) == true)
        }
    }

    @Suite("A failed request")
    struct ConnectionFailureTests {
        @Test(
            arguments: [
                (HTTPClientError.connectTimeout, true), (HTTPClientError.tlsHandshakeTimeout, true),
                (HTTPClientError.remoteConnectionClosed, false), (HTTPClientError.readTimeout, false),
                (HTTPClientError.deadlineExceeded, false),
                (IOError(errnoCode: ECONNREFUSED, reason: "finishing a non-blocking connect failed"), true),
                (IOError(errnoCode: EHOSTUNREACH, reason: "connect(descriptor:addr:size:)"), true),
                (IOError(errnoCode: EHOSTUNREACH, reason: "read(descriptor:pointer:size:)"), false),
                (IOError(errnoCode: ECONNREFUSED, reason: "connection reset (error set)"), true),
                (IOError(errnoCode: EHOSTUNREACH, reason: "connection reset (error set)"), true),
                (IOError(errnoCode: ECONNRESET, reason: "connection reset (error set)"), false),
                (IOError(errnoCode: ECONNRESET, reason: "connection reset (no error set)"), false),
                (IOError(errnoCode: ECONNREFUSED, reason: "read(descriptor:pointer:size:)"), false),
                (CancellationError(), false),
            ] as [(any Error, Bool)]
        )
        func `is sent elsewhere only if there was no connection`(_ error: any Error, isConnectionFailure expected: Bool)
        {
            #expect(isConnectionFailure(error) == expected)
        }
    }

    @Suite("What was used recently")
    struct RecentlyUsedTests {
        private let start = NIODeadline.now()

        @Test func `is kept, the least recently used goes first, and all go in the end`() {
            var recent = RecentlyUsed<String, Int>(capacity: 2, lifetime: .minutes(5))
            var made = 0
            func value(_ key: String, at second: Int64) -> (Int, Int?) {
                let (value, gone) = recent.value(key, now: start + .seconds(second)) {
                    made += 1
                    return made
                }
                return (value, gone)
            }
            #expect(value("a", at: 0) == (1, nil))
            #expect(value("b", at: 1) == (2, nil))
            #expect(value("a", at: 2) == (1, nil))
            #expect(value("c", at: 3) == (3, 2))
            #expect(value("a", at: 200) == (1, nil))
            // Five minutes after its last use.
            #expect(recent.removeUnused(now: start + .seconds(302)) == [])
            #expect(recent.removeUnused(now: start + .seconds(303)) == [3])
            #expect(recent.count == 1)
            #expect(recent.removeAll() == [1])
            #expect(recent.count == 0)
        }
    }
#endif
