import Foundation

/// A JSON value as a tool checks and sends it. Whole numbers keep every digit.
enum HTTPToolJSON: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([HTTPToolJSON])
    case object([String: HTTPToolJSON])

    /// nil when `bytes` are no JSON.
    init?(_ bytes: some Collection<UInt8>) {
        guard let read = try? JSONDecoder().decode(HTTPToolJSON.self, from: Data(bytes)) else { return nil }
        self = read
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let whole = try? value.decode(Int64.self) {
            self = .integer(whole)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let items = try? value.decode([HTTPToolJSON].self) {
            self = .array(items)
        } else {
            self = .object(try value.decode([String: HTTPToolJSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let whole): try container.encode(whole)
        case .number(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }

    /// On one line, members by name: the same every time.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has every value but numbers that are not finite, and none of those was read from JSON.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// As it stands in an address: texts as they are, everything else as JSON.
    var plainText: String {
        if case .string(let text) = self { return text }
        return text
    }

    /// Whether it is what JSON Schema's `type` calls by this name.
    func isOfType(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}
