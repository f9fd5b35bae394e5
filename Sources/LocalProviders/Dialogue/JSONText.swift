import Foundation

/// JSON as tools take and give it.
enum JSONText {
    /// A string in quotes with what must be escaped escaped.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case _ where scalar.value < 0x20: out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// An object with its members in the order given; values are JSON already.
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { quoted($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }

    /// The members of an object; nil for anything that is none.
    static func members(_ json: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any]
    }
}

/// What a tool answered, in the terms of the dialogue. Anything that cannot be read counts as trouble.
enum ToolAnswer: Equatable {
    case available
    case unavailable(reason: String, alternatives: [CivilMinute])
    case booked
    case notBooked(reason: String, alternatives: [CivilMinute])
    case qualified(Bool)
    /// The order's columns, sorted by name.
    case found([OrderColumn])
    case notFound
    case accepted(Bool)
    case ended
    case trouble

    struct CivilMinute: Equatable, Sendable {
        var day: Int
        var minute: Int
    }

    struct OrderColumn: Equatable {
        var name: String
        var value: String
    }

    init(tool: String, json: String) {
        guard let members = JSONText.members(json), members["error"] == nil else {
            self = .trouble
            return
        }
        self = Self.read(tool, members) ?? .trouble
    }

    private static func read(_ tool: String, _ members: [String: Any]) -> ToolAnswer? {
        let reason = members["reason"] as? String ?? ""
        switch tool {
        case "check_availability":
            return (members["available"] as? Bool).map {
                $0 ? .available : .unavailable(reason: reason, alternatives: alternatives(members))
            }
        case "book_appointment":
            return (members["booked"] as? Bool).map {
                $0 ? .booked : .notBooked(reason: reason, alternatives: alternatives(members))
            }
        case "qualify_lead": return (members["qualified"] as? Bool).map { .qualified($0) }
        case "lookup_order":
            return (members["found"] as? Bool).map { $0 ? .found(columns(members["order"])) : .notFound }
        case "escalate_to_human": return (members["accepted"] as? Bool).map { .accepted($0) }
        case "end_call": return .ended
        default: return nil
        }
    }

    /// At most three: more cannot be kept in mind on the telephone.
    private static func alternatives(_ members: [String: Any]) -> [CivilMinute] {
        let texts = members["alternatives"] as? [String] ?? []
        return texts.prefix(3).compactMap { text in
            text.contains("T") ? CivilDateTimeText.minute(text) : nil
        }
    }

    private static func columns(_ order: Any?) -> [OrderColumn] {
        let order = order as? [String: Any] ?? [:]
        return order.keys.sorted().map { OrderColumn(name: $0, value: "\(order[$0]!)") }
    }
}
