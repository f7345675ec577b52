#if HTTPClient
    internal import ClusterDNS

    /// The URL of a request to a service, split where its host stands (RFC 3986 section 3.2).
    struct ServiceURL: Hashable, Sendable {
        enum Scheme: String {
            case http, https

            var defaultPort: UInt16 { self == .http ? 80 : 443 }
        }

        let scheme: Scheme
        /// A name, or an address without brackets.
        let host: String
        let port: UInt16?
        /// Path, query and fragment.
        let rest: String

        /// `nil` for a URL of another scheme, or one without: that is AsyncHTTPClient's affair.
        ///
        /// - Throws: `ClusterDNSError` with the code `invalidName`. AsyncHTTPClient has no error for a port that is none: it ends the
        ///   process.
        init?(_ url: String) throws(ClusterDNSError) {
            guard let colon = url.firstRange(of: "://"),
                let scheme = Scheme(rawValue: url[..<colon.lowerBound].lowercased())
            else { return nil }
            let authority = url[colon.upperBound...].prefix { !"/?#".contains($0) }
            // What a user's name and password would be is not sent by AsyncHTTPClient either.
            let place = authority[
                (authority.lastIndex(of: "@").map(authority.index(after:)) ?? authority.startIndex)...
            ]
            let end =
                place.first == "[" ? place.firstIndex(of: "]").map(place.index(after:)) : place.firstIndex(of: ":")
            let host = place[..<(end ?? place.endIndex)]
            let port = place[host.endIndex...]
            func broken(_ rule: String) -> ClusterDNSError {
                ClusterDNSError(code: .invalidName, message: "\(url.quoted): \(rule)", name: url)
            }
            guard !host.isEmpty else { throw broken("it has no host (RFC 9110 section 4.2)") }
            let isBracketed = host.first == "["
            guard !isBracketed || host.last == "]", port.isEmpty || port.first == ":" else {
                throw broken("an IPv6 host is written [address]:port (RFC 3986 section 3.2.2)")
            }
            self.scheme = scheme
            self.host = String(isBracketed ? host.dropFirst().dropLast() : host)
            self.rest = String(url[authority.endIndex...])
            if port.count > 1 {
                // A sign is none of its digits.
                guard let number = UInt16(port.dropFirst()), port.dropFirst().allSatisfy(\.isNumber) else {
                    throw broken("a port is a number from 0 to 65535")
                }
                self.port = number
            } else {
                self.port = nil
            }
        }

        /// The value of the `Host` field (RFC 9110 section 7.2): as the URL has it, but for a last dot, which only DNS knows.
        var hostField: String {
            let host = bracketedHost
            return port.map { $0 == scheme.defaultPort ? host : "\(host):\($0)" } ?? host
        }

        /// The host as a URL has it.
        var bracketedHost: String {
            host.contains(":") ? "[\(host)]" : hostWithoutDot
        }

        /// The name that a certificate has.
        var hostWithoutDot: String {
            host.last == "." ? String(host.dropLast()) : host
        }
    }
#endif
