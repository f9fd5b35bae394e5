import Conversation
import Providers

/// What the caller answered to one step.
enum SlotValue: Sendable, Equatable {
    /// Days since 1970-01-01.
    case date(Int)
    /// Minutes since midnight.
    case time(Int)
    case digits(String)
    case email(String)
    case yesNo(Bool)
    case number(Int)
    /// A name, an option or free words.
    case text(String)

    /// In words that a voice reads well.
    var spoken: String {
        switch self {
        case .date(let day): SpokenForms.date(day)
        case .time(let minute): SpokenForms.time(minute)
        case .digits(let digits): SpokenForms.digits(digits)
        case .email(let address): SpokenForms.email(address)
        case .yesNo(let isYes): isYes ? "yes" : "no"
        case .number(let value): SpokenForms.number(value)
        case .text(let text): text
        }
    }

    /// As a tool takes it: `2026-03-03`, `15:30`, `true`, `180`, text in quotes.
    var json: String {
        switch self {
        case .date(let day): JSONText.quoted(CivilDateTime(day: day).dateText)
        case .time(let minute): JSONText.quoted(CivilDateTime(day: 0, secondOfDay: minute * 60).timeText)
        case .digits(let text), .email(let text), .text(let text): JSONText.quoted(text)
        case .yesNo(let isYes): isYes ? "true" : "false"
        case .number(let value): String(value)
        }
    }
}

/// A line with `{placeholder}`s.
enum LineTemplate {
    /// Puts values in; a placeholder without one vanishes.
    static func fill(_ template: String, with value: (String) -> String?) -> String {
        pieces(template).map { $0.isPlaceholder ? value($0.text) ?? "" : $0.text }.joined()
    }

    /// The template up to the end of its last placeholder: what must be heard of it. All of it without one.
    static func core(_ template: String) -> String {
        let pieces = pieces(template)
        guard let last = pieces.lastIndex(where: \.isPlaceholder) else { return template }
        return pieces[...last].map { $0.isPlaceholder ? "{\($0.text)}" : $0.text }.joined()
    }

    private static func pieces(_ template: String) -> [(text: String, isPlaceholder: Bool)] {
        var pieces: [(text: String, isPlaceholder: Bool)] = []
        for part in template.split(separator: "{", omittingEmptySubsequences: false) {
            guard !pieces.isEmpty, let end = part.firstIndex(of: "}") else {
                pieces.append((String(part), false))
                continue
            }
            pieces.append((String(part[..<end]), true))
            pieces.append((String(part[part.index(after: end)...]), false))
        }
        return pieces
    }
}
