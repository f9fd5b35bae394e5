/// Numbers in words and figures.
enum NumberWords {
    static let units = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    private static let ordinals = [
        "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
        "nineteenth", "twentieth",
    ]

    /// A number below 100 at `index`, in figures or words, and where it ends.
    static func belowHundred(_ tokens: [String], at index: Int) -> (value: Int, end: Int)? {
        guard tokens.indices.contains(index) else { return nil }
        let word = tokens[index]
        if word.count <= 2, let value = figure(word) { return (value, index + 1) }
        if let unit = units.firstIndex(of: word) { return (unit, index + 1) }
        guard let ten = tens.firstIndex(of: word), ten >= 2 else { return nil }
        if index + 1 < tokens.count, let unit = units.firstIndex(of: tokens[index + 1]), (1...9).contains(unit) {
            return (ten * 10 + unit, index + 2)
        }
        return (ten * 10, index + 1)
    }

    /// The longest number at `index` up to 999,999,999: `one hundred and eighty`, `2 thousand`, `180`.
    static func cardinal(_ tokens: [String], at index: Int) -> (value: Int, end: Int)? {
        guard tokens.indices.contains(index) else { return nil }
        if let value = figure(tokens[index]), tokens[index].count > 2 { return (value, index + 1) }
        guard var (total, end) = hundreds(tokens, at: index) else { return nil }
        for (word, scale) in [("million", 1_000_000), ("thousand", 1_000)]
        where end < tokens.count && tokens[end] == word && total < 1_000 {
            total *= scale
            end += 1
            let next = end < tokens.count && tokens[end] == "and" ? end + 1 : end
            if let rest = cardinal(tokens, at: next), rest.value < scale {
                (total, end) = (total + rest.value, rest.end)
            }
        }
        return (total, end)
    }

    private static func hundreds(_ tokens: [String], at index: Int) -> (value: Int, end: Int)? {
        var (value, end): (Int, Int)
        if tokens[index] == "a", index + 1 < tokens.count, ["hundred", "thousand"].contains(tokens[index + 1]) {
            (value, end) = (1, index + 1)
        } else if let small = belowHundred(tokens, at: index) {
            (value, end) = small
        } else {
            return nil
        }
        guard end < tokens.count, tokens[end] == "hundred" else { return (value, end) }
        (value, end) = (value * 100, end + 1)
        let next = end < tokens.count && tokens[end] == "and" ? end + 1 : end
        if let rest = belowHundred(tokens, at: next), rest.value > 0 { return (value + rest.value, rest.end) }
        return (value, end)
    }

    /// An ordinal from 1 to 99 at `index`: `third`, `twenty first`, `15th`.
    static func ordinal(_ tokens: [String], at index: Int) -> (value: Int, end: Int)? {
        guard tokens.indices.contains(index) else { return nil }
        let word = tokens[index]
        if let value = ordinals.firstIndex(of: word), value > 0 { return (value, index + 1) }
        if word == "thirtieth" { return (30, index + 1) }
        if word.count <= 4, ["st", "nd", "rd", "th"].contains(String(word.suffix(2))),
            let value = figure(String(word.dropLast(2))), value > 0
        {
            return (value, index + 1)
        }
        guard let ten = tens.firstIndex(of: word), ten >= 2, index + 1 < tokens.count,
            let unit = ordinals.firstIndex(of: tokens[index + 1]), (1...9).contains(unit)
        else { return nil }
        return (ten * 10 + unit, index + 2)
    }

    /// Figures only, at most nine.
    static func figure(_ word: String) -> Int? {
        guard !word.isEmpty, word.count <= 9, word.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(word)
    }

    /// The amount a caller names: "about a hundred and eighty dollars", "one eighty" (180), "1,200".
    static func amount(_ words: Words) -> Int? {
        let tokens = words.tokens
        for index in tokens.indices {
            guard let first = cardinal(tokens, at: index) else { continue }
            // "One eighty" and "two fifty": hundreds without the word.
            if (1...9).contains(first.value), let rest = belowHundred(tokens, at: first.end), rest.value >= 10 {
                return first.value * 100 + rest.value
            }
            let isDeterminer =
                tokens[index] == "one" && index > 0 && ["that", "this", "which", "the"].contains(tokens[index - 1])
            if !isDeterminer { return first.value }
        }
        return nil
    }
}
