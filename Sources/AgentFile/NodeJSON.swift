import Yams

/// YAML as JSON text, keys in the order of the file. What YAML has and JSON has not is noted as a problem.
///
/// Plain words are what YAML 1.2's core schema takes them for: `true`, `false`, `null`, numbers, else text. Quoted ones
/// are text. Depth is bounded by `YAMLGuard`.
enum NodeJSON {
    static func text(_ node: Node, path: String, problems: ProblemList) -> String {
        switch node {
        case .scalar(let scalar): return text(scalar)
        case .mapping(let mapping):
            return "{" + members(of: mapping, path: path, problems: problems).joined(separator: ",") + "}"
        case .sequence(let items):
            let texts = items.enumerated().map { text($1, path: "\(path)[\($0)]", problems: problems) }
            return "[" + texts.joined(separator: ",") + "]"
        case .alias:
            problems.add(line: node.line, field: path, given: "an alias", allowed: "plain values")
            return "null"
        }
    }

    /// `"key":value`, one a member.
    static func members(of mapping: Node.Mapping, path: String, problems: ProblemList) -> [String] {
        mapping.compactMap { key, value in
            guard let name = key.plain else {
                problems.add(line: key.line, field: path, given: "a key that is \(key.kindText)", allowed: "a name")
                return nil
            }
            return quoted(name) + ":" + text(value, path: path + "." + name, problems: problems)
        }
    }

    private static func text(_ scalar: Node.Scalar) -> String {
        guard scalar.style == .plain || scalar.style == .any else { return quoted(scalar.string) }
        switch scalar.string {
        case "true", "false": return scalar.string
        case "", "~", "null": return "null"
        default: return isJSONNumber(scalar.string) ? scalar.string : quoted(scalar.string)
        }
    }

    /// RFC 8259, 6.
    static func isJSONNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits(_ rest: inout Substring.UTF8View) -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let isZero = rest.first == UInt8(ascii: "0")
        let whole = digits(&rest)
        guard whole > 0, !isZero || whole == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            if digits(&rest) == 0 { return false }
        }
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
            if digits(&rest) == 0 { return false }
        }
        return rest.isEmpty
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Node.Mapping {
    /// The value of a key that is a plain word; nil where it is absent or null.
    func value(_ key: String) -> Node? {
        guard let node = first(where: { $0.key.plain == key })?.value else { return nil }
        return node.isNull ? nil : node
    }
}
