/// A JSON value whose objects keep the order of their members: a model fills in arguments in the schema's order.
indirect enum JSONTree: Equatable {
    case object([Member])
    case array([JSONTree])
    case string(String)
    /// A number, `true`, `false` or `null`, as it was written.
    case literal(String)

    struct Member: Equatable {
        var name: String
        var value: JSONTree
    }

    /// Deeper texts are refused: a schema is shallow.
    private static let mostDepth = 32

    /// nil when `text` is not JSON.
    init?(_ text: String) {
        var scanner = JSONScanner(Array(text.utf8))
        do throws(JSONScanner.Broken) {
            self = try Self.read(&scanner, depth: 0)
            try scanner.expectEnd()
        } catch { return nil }
    }

    private static func read(_ json: inout JSONScanner, depth: Int) throws(JSONScanner.Broken) -> JSONTree {
        guard depth < mostDepth else { throw JSONScanner.Broken() }
        switch try json.next() {
        case UInt8(ascii: "{"):
            var members: [Member] = []
            try json.object { (json, name) throws(JSONScanner.Broken) in
                members.append(Member(name: name.text, value: try read(&json, depth: depth + 1)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONTree] = []
            try json.array { (json) throws(JSONScanner.Broken) in elements.append(try read(&json, depth: depth + 1)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try json.string() ?? "")
        default: return .literal(try json.raw())
        }
    }

    subscript(name: String) -> JSONTree? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            if let place = members.firstIndex(where: { $0.name == name }) {
                if let newValue { members[place].value = newValue } else { members.remove(at: place) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
            self = .object(members)
        }
    }

    func write(to json: inout JSONText) {
        switch self {
        case .object(let members):
            json.object { json in
                for member in members {
                    json.name(member.name)
                    member.value.write(to: &json)
                }
            }
        case .array(let elements): json.array { json in for element in elements { element.write(to: &json) } }
        case .string(let text): json.string(text)
        case .literal(let text): json.raw(text)
        }
    }
}
