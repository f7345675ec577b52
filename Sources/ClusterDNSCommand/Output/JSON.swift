/// A JSON value (RFC 8259) whose members keep their order.
enum JSON: Equatable {
    case null
    case bool(Bool)
    case number(Int)
    /// Finite: JSON knows no other.
    case decimal(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: JSON

        init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    static func string(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    static func number(_ value: (some BinaryInteger)?) -> JSON { value.map { .number(Int(clamping: $0)) } ?? .null }
}

extension JSON: CustomStringConvertible {
    /// On one line, without a space.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value)"
        case .decimal(let value): "\(value)"
        case .string(let text): "\"\(text.jsonEscaped)\""
        case .array(let values): "[\(values.map(\.description).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\"\($0.name.jsonEscaped)\":\($0.value)" }.joined(separator: ","))}"
        }
    }
}

extension String {
    /// The text as it stands between the quotation marks of a JSON string. All control characters are escaped, those
    /// that JSON would allow too: a record's text must not steer the terminal that shows it.
    var jsonEscaped: String {
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
