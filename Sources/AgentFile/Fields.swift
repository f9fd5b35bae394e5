import Yams

/// One mapping of the file, read field by field. What is wrong is noted, and reading goes on with a default.
struct Fields {
    let path: String
    let line: Int
    private let mapping: Node.Mapping
    let problems: ProblemList

    /// nil when `node` is no mapping. Keys that `section` of the table does not have are noted.
    init?(_ node: Node, path: String, section: String, problems: ProblemList) {
        guard case .mapping(let mapping) = node else {
            problems.add(
                line: node.line, field: path.isEmpty ? "file" : path, given: node.kindText,
                allowed: "a mapping of \(AgentKeys.keys(of: section).joined(separator: ", "))")
            return nil
        }
        self.path = path
        self.line = node.line
        self.mapping = mapping
        self.problems = problems
        noteUnknownKeys(allowed: AgentKeys.keys(of: section))
    }

    private func noteUnknownKeys(allowed: [String]) {
        for (key, _) in mapping {
            guard let name = key.plain else {
                problems.add(line: key.line, field: path, given: "a key that is \(key.kindText)", allowed: "a name")
                continue
            }
            if allowed.contains(name) { continue }
            problems.add(
                line: key.line, field: fieldPath(name), given: "an unknown key",
                allowed: AgentKeys.hint(for: name, in: allowed))
        }
    }

    func fieldPath(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
    func has(_ key: String) -> Bool { node(key) != nil }
    /// The line of `key`, or of the section when it is absent.
    func line(of key: String) -> Int { mapping.first { $0.key.plain == key }?.key.line ?? line }

    /// A null counts as absent.
    func node(_ key: String) -> Node? {
        guard let node = mapping.first(where: { $0.key.plain == key })?.value else { return nil }
        return node.isNull ? nil : node
    }

    func note(_ key: String, given: String, allowed: String) {
        problems.add(line: node(key)?.line ?? line(of: key), field: fieldPath(key), given: given, allowed: allowed)
    }

    func required(_ key: String, allowed: String) {
        if !has(key) { problems.add(line: line(of: key), field: fieldPath(key), given: "nothing", allowed: allowed) }
    }

    // MARK: Scalars

    /// The longest line an agent says in one go.
    static let mostCharacters = 2_000

    func string(_ key: String, isRequired: Bool = false) -> String? {
        guard let node = node(key) else {
            if isRequired { required(key, allowed: "text") }
            return nil
        }
        return text(node, field: fieldPath(key))
    }

    func text(_ node: Node, field: String, most: Int = Fields.mostCharacters) -> String? {
        guard let value = node.plain else {
            problems.add(line: node.line, field: field, given: node.kindText, allowed: "text")
            return nil
        }
        let trimmed = value.trimmed
        guard !trimmed.isEmpty, trimmed.count <= most else {
            problems.add(
                line: node.line, field: field, given: trimmed.isEmpty ? "empty text" : "\(trimmed.count) characters",
                allowed: "text of 1 to \(most) characters")
            return nil
        }
        return trimmed
    }

    func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard let value = node.boolean else {
            note(key, given: node.plain ?? node.kindText, allowed: "true or false")
            return nil
        }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        guard let value = node.plain.flatMap({ Int($0) }), range.contains(value) else {
            note(
                key, given: node.plain ?? node.kindText,
                allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    func number(_ key: String) -> Double? {
        guard let node = node(key) else { return nil }
        guard let value = node.plain.flatMap({ Double($0) }), value.isFinite else {
            note(key, given: node.plain ?? node.kindText, allowed: "a number")
            return nil
        }
        return value
    }

    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = number(key) else { return nil }
        guard range.contains(value) else {
            note(
                key, given: node(key)?.plain ?? "", allowed: "a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// Seconds with a fraction.
    func seconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        guard let value = number(key) else { return nil }
        guard value >= Double(range.lowerBound), value <= Double(range.upperBound) else {
            note(
                key, given: node(key)?.plain ?? "",
                allowed: "seconds from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return .milliseconds(Int((value * 1_000).rounded()))
    }

    /// Seconds with a fraction, 0 excluded.
    func seconds(_ key: String, most: Double) -> Duration? {
        guard let value = number(key) else { return nil }
        guard value > 0, value <= most else {
            note(key, given: node(key)?.plain ?? "", allowed: "seconds, more than 0 and at most \(Int(most))")
            return nil
        }
        return .milliseconds(Int((value * 1_000).rounded()))
    }

    func choice(_ key: String, of allowed: [String], isRequired: Bool = false) -> String? {
        guard has(key) else {
            if isRequired { required(key, allowed: allowed.joined(separator: ", ")) }
            return nil
        }
        guard let value = string(key) else { return nil }
        guard allowed.contains(value) else {
            note(key, given: value, allowed: allowed.joined(separator: ", "))
            return nil
        }
        return value
    }

    // MARK: Lists and sections

    /// The items of a list with their paths; a list that is absent is empty.
    func list(_ key: String, most: Int) -> [(node: Node, path: String)] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let items) = node else {
            note(key, given: node.kindText, allowed: "a list")
            return []
        }
        if items.count > most { note(key, given: "\(items.count) items", allowed: "at most \(most)") }
        return items.prefix(most).enumerated().map { ($0.element, "\(fieldPath(key))[\($0.offset)]") }
    }

    func strings(_ key: String, most: Int = 200) -> [String]? {
        guard has(key) else { return nil }
        return list(key, most: most).compactMap { text($0.node, field: $0.path) }
    }

    func section(_ key: String, section: String) -> Fields? {
        node(key).flatMap { Fields($0, path: fieldPath(key), section: section, problems: problems) }
    }
}

extension Node {
    var line: Int { mark?.line ?? 1 }

    /// A scalar's text as written, whatever YAML would take it for.
    var plain: String? {
        if case .scalar(let scalar) = self { return scalar.string }
        return nil
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    var boolean: Bool? {
        switch plain {
        case "true", "yes": true
        case "false", "no": false
        default: nil
        }
    }

    var kindText: String {
        switch self {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
