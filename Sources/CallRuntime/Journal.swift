import CallTime
import Foundation

/// One line of a call's journal: when, what, and the particulars.
public struct JournalRecord: Sendable, Equatable {
    /// The layout of the lines below; a reader refuses what it does not know.
    public static let version = 1

    public var at: CallInstant
    /// Where it comes from: `outside` (an answer, the caller), `decision` (turn-taking), `media` (endpointer, playout),
    /// `call` (its frame).
    public var source: String
    public var event: String
    public var fields: [String: JSONValue]

    public init(_ at: CallInstant, _ source: String, _ event: String, _ fields: [String: JSONValue] = [:]) {
        self.at = at
        self.source = source
        self.event = event
        self.fields = fields
    }

    /// One JSON object on one line, keys in alphabetical order, so that equal calls have equal bytes.
    /// `at_us` is microseconds of the call.
    public var line: String {
        var object = fields
        object["at_us"] = .integer(Int(at.nanoseconds / 1_000))
        object["source"] = .string(source)
        object["event"] = .string(event)
        return JSONValue.object(object).text
    }
}

/// A JSON value that can be compared and printed the same way every time. Fractions do not occur in a journal.
public enum JSONValue: Sendable, Equatable, Codable {
    case string(String)
    case integer(Int)
    case bool(Bool)
    case null
    case array([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .null: try container.encodeNil()
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// On one line, keys sorted.
    public var text: String { encoded([.sortedKeys, .withoutEscapingSlashes]) }
    /// Indented, keys sorted.
    public var prettyText: String { encoded([.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) }

    private func encoded(_ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        // Strings, integers and containers of them always encode.
        guard let data = try? encoder.encode(self) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Whole microseconds.
    static func microseconds(_ duration: Duration) -> JSONValue { .integer(Int(duration.nanoseconds / 1_000)) }
    static func microseconds(_ instant: CallInstant) -> JSONValue { .integer(Int(instant.nanoseconds / 1_000)) }
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
