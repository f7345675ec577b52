import ClusterDNS

/// The rules that Kubernetes has for names, and how to say them.
enum NameRules {
    static let label = "a name of 1 to 63 lower-case letters, digits and hyphens, no hyphen at an end (RFC 1123)"
    static let subdomain = "a domain name in lower case (RFC 1123)"
    static let portName = "a port name of at most 15 lower-case letters, digits and hyphens, a letter in it (RFC 6335)"

    static func isLabel(_ text: String) -> Bool {
        (try? Label.check(text.utf8)) != nil && isLowerCase(text)
    }

    static func isSubdomain(_ text: String) -> Bool {
        (try? DomainName(clusterDomain: text)) != nil && isLowerCase(text)
    }

    static func isPortName(_ text: String) -> Bool {
        (try? PortName.check(text.utf8)) != nil && isLowerCase(text)
    }

    private static func isLowerCase(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == $0.asciiLowercased }
    }
}
