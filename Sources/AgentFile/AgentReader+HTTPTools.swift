import Yams

extension AgentReader {
    func httpTools(_ root: Fields) -> [HTTPToolDescription] {
        var seen: [String] = []
        return root.list("http_tools", most: 20).compactMap { item in
            guard let fields = Fields(item.node, path: item.path, section: "http_tools[]", problems: problems)
            else { return nil }
            let name = toolName(fields, seen: &seen)
            let purpose = fields.string("purpose", isRequired: true)
            let parameters = parameters(fields)
            let url = url(fields, parameters: parameters)
            let method: HTTPToolDescription.Method = fields.choice("method") ?? .post
            let headers = headers(fields)
            let secret = secretVariable(fields)
            let timeout = fields.integer("timeout_ms", in: 100...10_000) ?? 3_000
            let isIdempotent = fields.bool("idempotent") ?? method.isUsuallyIdempotent
            let retries = fields.integer("retries", in: 0...3) ?? 1
            guard let name, let purpose, let url else { return nil }
            return HTTPToolDescription(
                name: name, purpose: purpose, parametersJSON: parameters.json, method: method, url: url,
                headers: headers, secretVariable: secret, timeout: .milliseconds(timeout), isIdempotent: isIdempotent,
                retries: retries)
        }
    }

    private func toolName(_ fields: Fields, seen: inout [String]) -> String? {
        guard let name = fields.string("name", isRequired: true) else { return nil }
        let isWord = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard isWord, name.utf8.count <= 40 else {
            fields.note("name", given: name, allowed: "at most 40 small letters, digits and underscores")
            return nil
        }
        guard !AgentKeys.tools.contains(name) else {
            fields.note("name", given: name, allowed: "any name but \(AgentKeys.tools.joined(separator: ", "))")
            return nil
        }
        noteDuplicate(name, in: &seen, fields: fields, key: "name")
        return name
    }

    // MARK: Arguments

    private struct Parameters {
        var json = #"{"type":"object","properties":{}}"#
        /// Arguments that are always there and are one word or number; such as may stand in an address.
        var placeable: [String] = []
    }

    private static let types = ["string", "number", "integer", "boolean", "array", "object", "null"]

    /// The schema is passed on as it is written; what the tool itself goes by is checked here.
    private func parameters(_ fields: Fields) -> Parameters {
        guard let node = fields.node("parameters") else { return Parameters() }
        guard case .mapping(let schema) = node else {
            fields.note("parameters", given: node.kindText, allowed: "a JSON Schema as a mapping")
            return Parameters()
        }
        let path = fields.fieldPath("parameters")
        let type = schema.value("type")
        if let type, type.plain != "object" {
            problems.add(line: type.line, field: path + ".type", given: type.plain ?? type.kindText, allowed: "object")
        }
        let properties = properties(schema, path: path)
        let required = required(schema, path: path, properties: properties.map(\.name))
        var members = NodeJSON.members(of: schema, path: path, problems: problems)
        if schema.value("properties") == nil { members.insert(#""properties":{}"#, at: 0) }
        if type == nil { members.insert(#""type":"object""#, at: 0) }
        let scalars = ["string", "number", "integer", "boolean"]
        return Parameters(
            json: "{" + members.joined(separator: ",") + "}",
            placeable: properties.filter { scalars.contains($0.type ?? "") && required.contains($0.name) }.map(\.name))
    }

    private func properties(_ schema: Node.Mapping, path: String) -> [(name: String, type: String?)] {
        guard let node = schema.value("properties") else { return [] }
        guard case .mapping(let mapping) = node else {
            problems.add(
                line: node.line, field: path + ".properties", given: node.kindText, allowed: "a mapping of arguments")
            return []
        }
        return mapping.compactMap { key, value in
            guard let name = key.plain else { return nil }
            guard case .mapping(let property) = value else {
                problems.add(
                    line: value.line, field: "\(path).properties.\(name)", given: value.kindText,
                    allowed: "a schema such as {type: string}")
                return nil
            }
            let type = property.value("type")
            let names = if case .sequence(let several)? = type { several.map(\.plain) } else { [type?.plain] }
            for case let given? in names where !Self.types.contains(given) {
                problems.add(
                    line: value.line, field: "\(path).properties.\(name).type", given: given,
                    allowed: AgentKeys.hint(for: given, in: Self.types))
            }
            return (name, type?.plain)
        }
    }

    private func required(_ schema: Node.Mapping, path: String, properties: [String]) -> [String] {
        guard let node = schema.value("required") else { return [] }
        guard case .sequence(let items) = node else {
            problems.add(
                line: node.line, field: path + ".required", given: node.kindText, allowed: "a list of arguments")
            return []
        }
        return items.enumerated().compactMap { index, item in
            guard let name = item.plain, properties.contains(name) else {
                problems.add(
                    line: item.line, field: "\(path).required[\(index)]", given: item.plain ?? item.kindText,
                    allowed: properties.isEmpty
                        ? "none, as there are no properties" : properties.joined(separator: ", "))
                return nil
            }
            return name
        }
    }

    // MARK: Address

    private func url(_ fields: Fields, parameters: Parameters) -> String? {
        guard let given = fields.string("url", isRequired: true) else { return nil }
        guard let rest = Self.partBehindHost(given) else {
            fields.note(
                "url", given: given,
                allowed: "http or https, a fixed host, then path and query: https://example.com/orders/{number}")
            return nil
        }
        for piece in rest.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            guard let end = piece.firstIndex(of: "}") else {
                fields.note("url", given: "{ without }", allowed: "{argument}")
                continue
            }
            let name = String(piece[..<end])
            if !parameters.placeable.contains(name) {
                let names = parameters.placeable.map { "{\($0)}" }.joined(separator: ", ")
                fields.note(
                    "url", given: "{\(name)}",
                    allowed: names.isEmpty ? "a required argument that is a text, number or boolean" : names)
            }
        }
        return given
    }

    /// Path and query of an address whose scheme and host are fixed; nil for any other. Keys belong in headers, so there
    /// is no user in front of the host.
    private static func partBehindHost(_ url: String) -> Substring? {
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else { return nil }
        let behind = url.dropFirst(scheme.count)
        let host = behind.prefix { $0 != "/" && $0 != "?" }
        let rest = behind[host.endIndex...]
        let isHost = host.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-.:[]_".utf8.contains($0) }
        guard isHost, host.utf8.first?.isASCIIAlphanumeric == true || host.first == "[",
            rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        return rest
    }

    // MARK: Headers and secrets

    /// What the tool sends itself.
    private static let ownHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "content-type", "idempotency-key",
        "x-parley-timestamp", "x-parley-signature",
    ]

    private func headers(_ fields: Fields) -> [HTTPToolDescription.Header] {
        guard let node = fields.node("headers") else { return [] }
        guard case .mapping(let mapping) = node else {
            fields.note("headers", given: node.kindText, allowed: "a mapping of names and values")
            return []
        }
        if mapping.count > 20 { fields.note("headers", given: "\(mapping.count) headers", allowed: "at most 20") }
        return mapping.compactMap { key, value in
            let name = key.plain ?? key.kindText
            let path = fields.fieldPath("headers") + "." + name
            // RFC 9110, 5.6.2.
            let isName =
                !name.isEmpty && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains($0) }
            guard isName, !Self.ownHeaders.contains(name.lowercased()) else {
                problems.add(
                    line: key.line, field: path, given: "\(name)",
                    allowed: isName ? "any header but \(Self.ownHeaders.joined(separator: ", "))" : "a header's name")
                return nil
            }
            guard let text = fields.text(value, field: path) else { return nil }
            // Not shown: it may be a key.
            guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                problems.add(line: value.line, field: path, given: "characters beyond ASCII", allowed: "ASCII text")
                return nil
            }
            guard text.hasPrefix("env:") else { return .init(name: name, value: .text(text)) }
            let variable = String(text.dropFirst(4))
            guard Self.isVariable(variable) else {
                problems.add(line: value.line, field: path, given: text, allowed: "env:NAME")
                return nil
            }
            return .init(name: name, value: .variable(variable))
        }
    }

    private func secretVariable(_ fields: Fields) -> String? {
        guard let name = fields.string("secret_env") else { return nil }
        guard Self.isVariable(name) else {
            // Not shown: it may be the secret itself.
            fields.note("secret_env", given: "something else", allowed: "the name of an environment variable")
            return nil
        }
        return name
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 100 else { return false }
        return !(48...57).contains(first) && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == 95 }
    }
}
