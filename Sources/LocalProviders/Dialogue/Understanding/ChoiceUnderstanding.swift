/// One of several options, by its words or by its place.
enum ChoiceUnderstanding {
    /// Words that say nothing about which option is meant.
    private static let weak: Set<String> = [
        "a", "an", "the", "in", "within", "of", "about", "or", "and", "to", "for", "my", "i", "one",
    ]

    /// The option whose own words the caller used most; nil when two are as likely.
    static func option(in words: Words, of options: [String], isAsked: Bool) -> Int? {
        let said = Set(canonical(words.tokens))
        let optionWords = options.map { Set(canonical(Words($0).tokens)).subtracting(weak) }
        if let whole = longestWhole(words, options) { return whole }
        guard isAsked, !words.contains("not") else { return nil }
        if let place = ordinal(in: words, count: options.count) { return place }
        let scores = optionWords.map { own in
            // A word that only one option has decides; a shared one only adds a little.
            own.intersection(said).reduce(0) { sum, word in
                sum + (optionWords.filter { $0.contains(word) }.count == 1 ? 4 : 1)
            }
        }
        guard let best = scores.max(), best >= 4, scores.filter({ $0 == best }).count == 1 else { return nil }
        return scores.firstIndex(of: best)
    }

    private static func longestWhole(_ words: Words, _ options: [String]) -> Int? {
        let spoken = Words(tokens: canonical(words.tokens))
        let whole = options.indices.filter {
            spoken.contains(canonical(Words(options[$0]).tokens).joined(separator: " "))
        }
        let longest = whole.max { options[$0].count < options[$1].count }
        guard let longest, whole.filter({ options[$0].count == options[longest].count }).count == 1 else { return nil }
        // "Not later" is not "later".
        let phrase = canonical(Words(options[longest]).tokens).joined(separator: " ")
        if let range = spoken.range(of: phrase), range.lowerBound > 0, spoken.tokens[range.lowerBound - 1] == "not" {
            return nil
        }
        // Two options named side by side are no choice, unless one is part of the other.
        let others = whole.filter { !options[longest].lowercased().contains(options[$0].lowercased()) }
        return others.isEmpty ? longest : nil
    }

    /// "The first one", "number two", "the last".
    static func ordinal(in words: Words, count: Int) -> Int? {
        guard count > 0 else { return nil }
        if words.containsAny(of: ["the last", "last one", "the latter"]) { return count - 1 }
        if words.containsAny(of: ["the former", "the earlier", "earlier one"]) { return 0 }
        for index in words.tokens.indices {
            let before = index > 0 ? words.tokens[index - 1] : ""
            let after = index + 1 < words.tokens.count ? words.tokens[index + 1] : ""
            if let ordinal = NumberWords.ordinal(words.tokens, at: index), ordinal.value <= count,
                before == "the" || after == "one" || words.tokens.count == 1, !CivilDate.months.contains(after),
                after != "of"
            {
                return ordinal.value - 1
            }
            if ["number", "option"].contains(before), let number = NumberWords.belowHundred(words.tokens, at: index),
                (1...count).contains(number.value)
            {
                return number.value - 1
            }
        }
        return nil
    }

    /// Figures as words' values and plurals as singulars, so that "3 month" is "three months".
    private static func canonical(_ tokens: [String]) -> [String] {
        var out: [String] = []
        var index = 0
        while index < tokens.count {
            if let number = NumberWords.cardinal(tokens, at: index), tokens[index] != "a" {
                out.append(String(number.value))
                index = number.end
            } else {
                let word = tokens[index]
                out.append(
                    word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word)
                index += 1
            }
        }
        return out
    }
}
