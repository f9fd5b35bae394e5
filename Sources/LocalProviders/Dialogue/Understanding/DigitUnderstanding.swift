/// Digits, one by one or in pairs: order numbers and telephone numbers.
enum DigitUnderstanding {
    /// A stretch of digits without another word between them.
    struct Run: Equatable {
        var digits: String
        var range: Range<Int>
    }

    /// Exactly `count` digits (any number of them when nil): the last such run, or all runs together.
    static func digits(in words: Words, count: Int?) -> (digits: String, ranges: [Range<Int>])? {
        let runs = runs(in: words)
        guard let count else { return runs.last.map { ($0.digits, [$0.range]) } }
        if let run = runs.last(where: { $0.digits.count == count }) { return (run.digits, [run.range]) }
        let all = runs.map(\.digits).joined()
        return all.count == count && !runs.isEmpty ? (all, runs.map(\.range)) : nil
    }

    /// 7 to 15 digits (E.164's most), over one run or all; unasked, at least 10.
    static func phoneNumber(in words: Words, isAsked: Bool) -> (digits: String, ranges: [Range<Int>])? {
        let runs = runs(in: words)
        let allowed = (isAsked ? 7 : 10)...15
        if let run = runs.last(where: { allowed.contains($0.digits.count) }) { return (run.digits, [run.range]) }
        let all = runs.map(\.digits).joined()
        return isAsked && allowed.contains(all.count) ? (all, runs.map(\.range)) : nil
    }

    static func runs(in words: Words) -> [Run] {
        var runs: [Run] = []
        var index = 0
        while index < words.tokens.count {
            var digits = ""
            var end = index
            while let piece = piece(words.tokens, at: end, isFirst: end == index) {
                digits += piece.digits
                end = piece.end
            }
            if digits.isEmpty {
                index += 1
            } else {
                runs.append(Run(digits: digits, range: index..<end))
                index = end
            }
        }
        return runs
    }

    private static func piece(_ tokens: [String], at index: Int, isFirst: Bool) -> (digits: String, end: Int)? {
        guard tokens.indices.contains(index) else { return nil }
        let word = tokens[index]
        if let repeats = ["double": 2, "triple": 3, "treble": 3][word] {
            guard let next = piece(tokens, at: index + 1, isFirst: false), next.digits.count == 1 else { return nil }
            return (String(repeating: next.digits, count: repeats), next.end)
        }
        if word == "oh" || word == "o" {
            // "Oh" before a digit is a zero; alone it is a sigh.
            let follows = index + 1 < tokens.count && piece(tokens, at: index + 1, isFirst: false) != nil
            return !isFirst || follows ? ("0", index + 1) : nil
        }
        if word == "hundred", !isFirst { return ("00", index + 1) }
        if word.allSatisfy({ $0.isASCIIDigit || $0 == "." }), word.contains(where: \.isASCIIDigit) {
            return (word.filter(\.isASCIIDigit), index + 1)
        }
        guard let number = NumberWords.belowHundred(tokens, at: index) else { return nil }
        return (String(number.value), number.end)
    }
}
