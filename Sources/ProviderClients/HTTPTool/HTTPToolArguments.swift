import CallTime

/// What is wrong with a tool call, told to the model as `{"error": "..."}` so that it can mend it.
struct HTTPToolComplaint: Error {
    var text: String

    init(_ field: String, given: String, allowed: String) {
        let shown = given.count > 60 ? given.prefix(57) + "..." : given
        text = "\(field): given \(shown.isEmpty ? "nothing" : shown), allowed \(allowed)"
    }

    init(missing field: String) { text = "\(field): missing" }

    var json: String { HTTPToolJSON.object(["error": .string(text)]).text }
}

/// The top level of a JSON Schema: which arguments there are, of which types, and which must be there.
struct HTTPToolSchema: Sendable {
    private struct Property: Sendable {
        /// Empty: any.
        var types: [String] = []
        /// Empty: any.
        var values: [HTTPToolJSON] = []
    }

    /// 64 KiB: a model's arguments are a few hundred bytes.
    static let mostBytes = 65_536

    private var properties: [(name: String, property: Property)] = []
    private var required: [String] = []
    private var allowsOthers = true

    init(_ json: String) throws(ConfigurationError) {
        guard case .object(let schema)? = HTTPToolJSON(json.utf8) else {
            throw ConfigurationError(field: "parametersJSON", given: "no JSON object", allowed: "a JSON Schema")
        }
        if case .object(let members)? = schema["properties"] {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                var property = Property()
                if case .object(let members) = value {
                    property.types = Self.strings(members["type"])
                    if case .array(let values)? = members["enum"] { property.values = values }
                }
                properties.append((name, property))
            }
        }
        required = Self.strings(schema["required"])
        allowsOthers = schema["additionalProperties"] != .bool(false)
    }

    private static func strings(_ value: HTTPToolJSON?) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let items): items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: []
        }
    }

    /// The arguments, each as the schema wants it. One that is null counts as absent unless null is among its types:
    /// models that must name every argument say so of those they do not have.
    func arguments(_ text: String) throws(HTTPToolComplaint) -> [String: HTTPToolJSON] {
        guard text.utf8.count <= Self.mostBytes, case .object(var arguments)? = HTTPToolJSON(text.utf8) else {
            throw HTTPToolComplaint("arguments", given: text, allowed: "a JSON object")
        }
        for (name, property) in properties {
            guard let value = arguments[name] else { continue }
            if value == .null, !property.types.contains("null") {
                arguments[name] = nil
                continue
            }
            if !property.types.isEmpty, !property.types.contains(where: value.isOfType) {
                throw HTTPToolComplaint(name, given: value.text, allowed: property.types.joined(separator: ", "))
            }
            if !property.values.isEmpty, !property.values.contains(value) {
                let allowed = property.values.map(\.plainText).joined(separator: ", ")
                throw HTTPToolComplaint(name, given: value.plainText, allowed: allowed)
            }
        }
        for name in required where arguments[name] == nil { throw HTTPToolComplaint(missing: name) }
        if !allowsOthers {
            let known = properties.map(\.name)
            for name in arguments.keys.sorted() where !known.contains(name) {
                throw HTTPToolComplaint(name, given: "an unknown argument", allowed: known.joined(separator: ", "))
            }
        }
        return arguments
    }
}
