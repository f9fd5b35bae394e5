/// A yes or a no, and nothing where it could be either: a yes commits.
enum YesNoUnderstanding {
    private static let yesWords: Set<String> = [
        "yes", "yeah", "yep", "yup", "yah", "sure", "correct", "right", "ok", "okay", "absolutely", "exactly",
        "definitely", "certainly", "perfect", "fine", "great", "indeed", "affirmative", "true", "mm-hm", "uh-huh",
        "mhm", "aye", "good",
    ]
    private static let yesPhrases = [
        "of course", "go ahead", "please do", "sounds good", "that works", "i do", "i am", "it is", "i would",
        "do that",
        "why not", "that's it", "no problem", "uh huh", "mm hm", "yes it is", "that would be great",
    ]
    private static let noWords: Set<String> = [
        "no", "nope", "nah", "wrong", "incorrect", "negative", "never", "neither", "don't", "isn't", "not", "none",
        "false",
    ]
    private static let noPhrases = [
        "i don't think so", "not really", "not quite", "i'm afraid not", "it's not", "i'd rather not",
    ]
    /// What takes a yes back or leaves it open.
    private static let doubts = [
        "but", "wait", "maybe", "perhaps", "actually", "except", "hold on", "not sure", "don't know", "no idea",
        "i guess not", "if",
    ]

    static func answer(_ words: Words) -> Bool? {
        var rest = words
        if rest.containsAny(of: doubts) {
            return ["no", "nope", "nah"].contains(rest.tokens.first ?? "") ? false : nil
        }
        if rest.containsAny(of: noPhrases) { return false }
        let hasYesPhrase = rest.containsAny(of: yesPhrases)
        // "No problem" and "why not" hold a no that is none.
        for phrase in ["no problem", "why not"] {
            if let range = rest.range(of: phrase) { rest = rest.removing([range]) }
        }
        let saysNo = rest.tokens.contains { noWords.contains($0) }
        let negated =
            saysNo
            && (rest.contains("not right") || rest.contains("not correct") || rest.contains("isn't right")
                || rest.contains("isn't correct") || rest.contains("not true") || rest.contains("not ok")
                || rest.contains("not fine"))
        if negated { return false }
        let saysYes = hasYesPhrase || rest.tokens.contains { yesWords.contains($0) }
        switch (saysYes, saysNo) {
        case (true, false): return true
        case (false, true): return false
        case (true, true):
            return rest.tokens.first.map { ["no", "nope", "nah"].contains($0) } == true && !hasYesPhrase
                && !rest.containsAny(of: ["that's right", "that's correct", "that's fine", "that is right"])
                ? false : nil
        case (false, false): return nil
        }
    }

    /// A yes whose every word belongs to one: fit to commit on. "Right, and what about Bob" is not.
    static func isPlainYes(_ words: Words) -> Bool {
        guard answer(words) == true else { return false }
        let small: Set<String> = [
            "that's", "that", "is", "it", "it's", "all", "i", "do", "am", "would", "thanks", "thank", "you", "very",
            "much",
            "works", "sounds", "be", "of", "course", "go", "ahead", "me", "for", "book", "why", "not", "no", "problem",
            "the",
            "totally", "just", "and", "oh", "this", "there", "we", "let's", "with", "a", "uh", "huh", "mm", "hm", "so",
            "quite",
            "exactly", "lovely", "one", "please", "yes",
        ]
        return words.tokens.allSatisfy { yesWords.contains($0) || small.contains($0) }
    }
}

extension YesNoUnderstanding {
    /// For questions that commit to nothing: the first word may decide, whatever follows it.
    static func leading(_ words: Words) -> Bool? {
        if let clear = answer(words) { return clear }
        switch words.tokens.first {
        case "yes", "yeah", "yep", "yup", "sure", "absolutely", "definitely": return true
        case "no", "nope", "nah": return false
        default: return nil
        }
    }

    /// Fit to commit on: all of it is a yes, or it is short and begins with one.
    static func commits(_ words: Words) -> Bool {
        guard answer(words) == true else { return false }
        let strong: Set<String> = ["yes", "yeah", "yep", "yup", "correct", "sure", "absolutely", "exactly", "perfect"]
        return isPlainYes(words) || (words.tokens.count <= 8 && strong.contains(words.tokens.first ?? ""))
    }
}
