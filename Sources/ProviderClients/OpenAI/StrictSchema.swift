/// Rewrites a tool's JSON Schema into the subset that a server can enforce to the letter.
///
/// There every object closes its list of members and demands all of them; a member that may be left out becomes one that
/// may be null. A schema that says something the subset can not is not converted: it is sent as it is, unenforced.
enum StrictSchema {
    private static let kept: Set<String> = [
        "type", "description", "title", "enum", "const", "properties", "required", "additionalProperties", "items",
        "anyOf", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems",
        "maxItems",
    ]

    /// nil when some construct can not be converted.
    static func convert(_ schema: JSONTree) -> JSONTree? {
        let schema = completed(schema)
        guard schema["type"] == .string("object"), schema["anyOf"] == nil else { return nil }
        return node(schema)
    }

    /// Some servers want an object with members, be it with none.
    static func completed(_ schema: JSONTree) -> JSONTree {
        guard case .object = schema else { return completed(.object([])) }
        var schema = schema
        if schema["type"] == nil { schema["type"] = .string("object") }
        if schema["properties"] == nil { schema["properties"] = .object([]) }
        return schema
    }

    private static func node(_ given: JSONTree) -> JSONTree? {
        guard case .object(let members) = given else { return nil }
        var schema = given
        if let only = schema["allOf"] {
            guard case .array(let parts) = only, parts.count == 1, case .object(let inner) = parts[0] else {
                return nil
            }
            schema["allOf"] = nil
            for member in inner where schema[member.name] == nil { schema[member.name] = member.value }
            return node(schema)
        }
        // A default is a hint that the subset does not know; what a null means is the tool's to say.
        if members.contains(where: { $0.name == "default" || $0.name == "$schema" }) {
            schema["default"] = nil
            schema["$schema"] = nil
        }
        guard case .object(let members) = schema, members.allSatisfy({ kept.contains($0.name) }) else { return nil }
        if case .array(let choices)? = schema["anyOf"] {
            let converted = choices.compactMap(node)
            guard converted.count == choices.count else { return nil }
            schema["anyOf"] = .array(converted)
        } else if schema["type"] == nil {
            return nil
        }
        if let items = schema["items"] {
            guard let converted = node(items) else { return nil }
            schema["items"] = converted
        }
        return isObject(schema) ? object(schema) : schema
    }

    private static func isObject(_ schema: JSONTree) -> Bool {
        switch schema["type"] {
        case .string("object"): true
        case .array(let types): types.contains(.string("object"))
        default: false
        }
    }

    private static func object(_ given: JSONTree) -> JSONTree? {
        var schema = given
        if let more = schema["additionalProperties"], more != .literal("false") { return nil }
        var required: [JSONTree] = []
        if case .array(let names)? = schema["required"] { required = names }
        var properties: [JSONTree.Member] = []
        if case .object(let members)? = schema["properties"] { properties = members }
        for (place, property) in properties.enumerated() {
            guard let converted = node(property.value) else { return nil }
            let isRequired = required.contains(.string(property.name))
            guard let value = isRequired ? converted : nullable(converted) else { return nil }
            properties[place].value = value
        }
        schema["properties"] = .object(properties)
        schema["required"] = .array(properties.map { .string($0.name) })
        schema["additionalProperties"] = .literal("false")
        return schema
    }

    private static func nullable(_ schema: JSONTree) -> JSONTree? {
        var schema = schema
        if schema["const"] != nil { return nil }
        switch (schema["type"], schema["anyOf"]) {
        case (.string(let type)?, nil): schema["type"] = .array([.string(type), .string("null")])
        case (.array(let types)?, nil):
            if !types.contains(.string("null")) { schema["type"] = .array(types + [.string("null")]) }
        case (nil, .array(let choices)?):
            schema["anyOf"] = .array(choices + [.object([.init(name: "type", value: .string("null"))])])
        default: return nil
        }
        if case .array(let values)? = schema["enum"], !values.contains(.literal("null")) {
            schema["enum"] = .array(values + [.literal("null")])
        }
        return schema
    }
}
