import CallStore
import Providers

/// The arguments of one tool call, field by field. What cannot be used becomes a `ToolComplaint` that names its field.
struct ToolArguments {
    private let json: JSONValue

    init(_ text: String) throws(ToolComplaint) {
        guard let json = JSONValue(text), case .object = json else {
            throw ToolComplaint("arguments", given: text, allowed: "a JSON object")
        }
        self.json = json
    }

    func value(_ field: String) throws(ToolComplaint) -> JSONValue {
        guard let value = json[field], value != .null else { throw ToolComplaint("\(field): missing") }
        return value
    }

    /// A text, or a number as text, without spaces around it; may be empty.
    func text(_ field: String) throws(ToolComplaint) -> String {
        let value = try value(field)
        switch value {
        case .string, .number: return (value.plainText ?? "").trimmingSpaces
        default: throw ToolComplaint(field, given: value.text, allowed: "a text")
        }
    }

    /// As `text`; nil where the field is absent, null or blank.
    func optionalText(_ field: String) throws(ToolComplaint) -> String? {
        guard let value = json[field], value != .null else { return nil }
        let text = try text(field)
        return text.isEmpty ? nil : text
    }

    /// `date` and `time`, read together. nil: written as they must be, but there is no such date or time.
    func start() throws(ToolComplaint) -> CivilDateTime? {
        let date = try text("date")
        let time = try text("time")
        guard Self.isDigits(date, pattern: "0000-00-00") else {
            throw ToolComplaint("date", given: date, allowed: "YYYY-MM-DD")
        }
        guard Self.isDigits(time, pattern: "00:00") else {
            throw ToolComplaint("time", given: time, allowed: "HH:MM")
        }
        return CivilDateTime(date + "T" + time)
    }

    private static func isDigits(_ text: String, pattern: String) -> Bool {
        text.utf8.count == pattern.utf8.count
            && zip(text.utf8, pattern.utf8).allSatisfy { byte, wanted in
                wanted == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
            }
    }
}

/// What is wrong with a tool call, told to the model as `{"error": "..."}` so that it can mend it.
struct ToolComplaint: Error, Equatable {
    var text: String

    init(_ text: String) { self.text = text }

    init(_ field: String, given: String, allowed: String) {
        let shown = given.count > 60 ? given.prefix(57) + "..." : given
        text = "\(field): given \(shown.isEmpty ? "nothing" : shown), allowed \(allowed)"
    }
}

extension String {
    var trimmingSpaces: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

/// A tool whose answer is a JSON value; complaints and the store's errors are handled here, once.
protocol StoreTool: CallTool {
    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue
}

extension StoreTool {
    public func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String {
        do {
            return try await answer(try ToolArguments(arguments), context: context).text
        } catch let complaint as ToolComplaint {
            return JSONValue.object(["error": .string(complaint.text)]).text
        } catch let error as CallStoreError {
            throw ProviderError(
                provider: description.name, kind: error == .cancelled ? .cancelled : .unavailable,
                detail: error.description, isRetryable: error.isRetryable)
        } catch {
            preconditionFailure("\(description.name) threw \(error), which is neither a complaint nor of the store")
        }
    }
}
