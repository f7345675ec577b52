/// The rule that a text breaks, and what to write instead where that is known: half a sentence, to go behind the text.
package struct BrokenRule: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension ClusterDNSError {
    /// A name that breaks a rule. The message has the name and the rule.
    package static func invalidName(_ name: String, _ rule: BrokenRule) -> ClusterDNSError {
        ClusterDNSError(code: .invalidName, message: "\(name.quoted) is not a valid name: \(rule)", name: name)
    }

    /// A setting that breaks a rule. The message has the setting, its value and the rule.
    package static func invalidConfiguration(_ setting: String, _ value: String, _ rule: BrokenRule) -> ClusterDNSError
    {
        ClusterDNSError(
            code: .invalidConfiguration,
            message: "\(setting) is \(value.quoted): \(rule)",
            name: setting
        )
    }
}

extension StringProtocol {
    /// The text in quotation marks, fit for a line of a log whoever wrote it: what is not printable ASCII is escaped as
    /// in Swift source, and what comes after 80 characters is left out.
    package var quoted: String {
        let limit = 80
        var text = "\""
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case " "..."~": text.unicodeScalars.append(scalar)
            default: text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text + (unicodeScalars.dropFirst(limit).isEmpty ? "\"" : "...\"")
    }
}
