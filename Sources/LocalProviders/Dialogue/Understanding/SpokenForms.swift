import Providers

/// Values in words that a voice reads well.
enum SpokenForms {
    /// `Tuesday the third of March`
    static func date(_ day: Int) -> String {
        let civil = CivilDateTime(day: day)
        let month = CivilDate.months[civil.month - 1]
        return capitalised(CivilDate.weekdays[civil.weekday]) + " the " + ordinal(civil.dayOfMonth) + " of "
            + capitalised(month)
    }

    /// `half past three`, `quarter to four`, `nine oh five`; outside 7 to 19 o'clock with its part of the day.
    static func time(_ minute: Int) -> String {
        let (hour, minutes) = (minute / 60, minute % 60)
        if minutes == 0, hour == 12 { return "noon" }
        if minutes == 0, hour == 0 { return "midnight" }
        let part = hour < 7 ? " in the morning" : hour >= 19 ? " in the evening" : ""
        return clock(hour, minutes) + part
    }

    private static func clock(_ hour: Int, _ minutes: Int) -> String {
        let name = NumberWords.units[(hour + 11) % 12 + 1]
        let next = NumberWords.units[hour % 12 + 1]
        switch minutes {
        case 0: return name + " o'clock"
        case 15: return "quarter past " + name
        case 30: return "half past " + name
        case 45: return "quarter to " + next
        case 1..<10: return name + " oh " + NumberWords.units[minutes]
        default: return name + " " + number(minutes)
        }
    }

    /// Digit by digit with a breath between groups: 3-3-4 for ten, 3-4 for seven, threes otherwise.
    static func digits(_ digits: String) -> String {
        let words = digits.compactMap { $0.wholeNumberValue }.map { NumberWords.units[$0 % 10] }
        let groups: [Int]
        switch words.count {
        case 10: groups = [3, 3, 4]
        case 11: groups = [1, 3, 3, 4]
        case 7: groups = [3, 4]
        case 4: groups = [4]
        default: groups = Array(repeating: 3, count: (words.count + 2) / 3)
        }
        var rest = words[...]
        var spoken: [String] = []
        for group in groups {
            spoken.append(rest.prefix(group).joined(separator: " "))
            rest = rest.dropFirst(group)
        }
        return spoken.joined(separator: ", ")
    }

    /// `one hundred and eighty`; figures from a thousand million on.
    static func number(_ value: Int) -> String {
        guard (0..<1_000_000_000).contains(value) else { return String(value) }
        if value < 20 { return NumberWords.units[value] }
        if value < 100 {
            return NumberWords.tens[value / 10] + (value % 10 == 0 ? "" : "-" + NumberWords.units[value % 10])
        }
        for (scale, word) in [(1_000_000, "million"), (1_000, "thousand"), (100, "hundred")] where value >= scale {
            let rest = value % scale
            let joint = rest == 0 ? "" : rest < 100 ? " and " + number(rest) : " " + number(rest)
            return number(value / scale) + " " + word + joint
        }
        return String(value)
    }

    static func ordinal(_ value: Int) -> String {
        let plain = [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth",
            "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
            "twentieth",
        ]
        switch value {
        case 1...20: return plain[value - 1]
        case 21...29: return "twenty-" + plain[value - 21]
        case 30: return "thirtieth"
        case 31: return "thirty-first"
        default: return String(value)
        }
    }

    /// `anna dot miller at example dot com`
    static func email(_ address: String) -> String {
        let names: [Character: String] = [".": "dot", "@": "at", "_": "underscore", "-": "dash", "+": "plus"]
        var words: [String] = []
        var word = ""
        for character in address {
            if let name = names[character] {
                words += (word.isEmpty ? [] : [word]) + [name]
                word = ""
            } else {
                word.append(character)
            }
        }
        return (words + (word.isEmpty ? [] : [word])).joined(separator: " ")
    }

    /// `a`, `a or b`, `a, b or c`
    static func list(_ items: [String], _ joint: String = "or") -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " " + joint + " " + last
    }

    private static func capitalised(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}
