/// Names of callers: said, introduced or spelled.
enum NameUnderstanding {
    /// Words that a name ends before, and that no bare answer to "your name?" begins with.
    private static let notNames: Set<String> = Set(
        """
        yes no yeah nope ok okay sure right correct not never what when where who why how which is are was do does did can
        could would should will the a an this that these those it its it's i i'm i'd i'll i've you you're your we they he she
        my me and or but so for to of on in at by from with about as if then than now here there please thanks thank hello hi
        hey bye goodbye sorry pardon repeat again wait hold stop help person human robot machine agent operator someone
        somebody anyone speaking calling looking trying like want need have has had book booking appointment order number
        today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday january february march april may june
        july august september october november december morning afternoon evening night noon midday midnight half past
        quarter o'clock am pm week weeks day days month months year years time date one two three four five six seven eight
        nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
        seventy eighty ninety hundred thousand first second third fourth fifth last next said say name's name free double
        triple spell spelled spelt calling fine good great just maybe later within question something anything nothing know
        think mean got get let any all some how's what's where's that's there's don't can't won't isn't much many more less
        cost price pay parking park address hours open close insurance change cancel nevermind mind actually rather oh well
        make tell talk speak give take put through real weather joke problem
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let introductions = [
        "my full name is", "my name is", "my name's", "the name is", "the name's", "name is", "call me",
        "under the name of", "under the name",
    ]
    private static let looseIntroductions = ["this is", "it's", "i'm", "i am", "it is", "for", "that's", "that is"]

    /// The name the caller gave, in capitals as names are written.
    ///
    /// - Parameter isAsked: The name was asked for: a bare "anna miller", "it's Miller" or letters are one.
    static func name(in words: Words, isAsked: Bool) -> (name: String, range: Range<Int>)? {
        if let given = introduced(words, by: introductions) { return given }
        if words.starts(with: "this is") || words.starts(with: "hello this is") || words.starts(with: "hi this is"),
            let given = introduced(words, by: ["this is"]),
            isAsked || given.name.contains(" ") || words.contains("speaking")
        {
            return given
        }
        guard isAsked else { return nil }
        if let given = introduced(words, by: looseIntroductions) { return given }
        return bare(words)
    }

    private static func introduced(_ words: Words, by phrases: [String]) -> (name: String, range: Range<Int>)? {
        for phrase in phrases {
            guard let range = words.range(of: phrase) else { continue }
            if let found = read(words.tokens, from: range.upperBound) {
                return (found.name, range.lowerBound..<found.end)
            }
        }
        return nil
    }

    /// A whole answer that is nothing but a name, with a greeting before it at most.
    private static func bare(_ words: Words) -> (name: String, range: Range<Int>)? {
        let polite: Set<String> = [
            "yes", "yeah", "sure", "okay", "hi", "hello", "oh", "well", "of", "course", "no", "sorry", "thanks",
            "thank", "you",
        ]
        let start = words.tokens.prefix { polite.contains($0) }.count
        guard let found = read(words.tokens, from: start) else { return nil }
        let rest = words.tokens[found.end...]
        return rest.allSatisfy {
            polite.contains($0) || ["speaking", "here", "and", "that's", "spelled", "it's", "is"].contains($0)
        }
            ? (found.name, start..<found.end) : nil
    }

    /// Up to four words of a name, then perhaps its spelling.
    private static func read(_ tokens: [String], from start: Int) -> (name: String, end: Int)? {
        var parts: [String] = []
        var index = start
        while index < tokens.count, parts.count < 4 {
            if let spelled = spelled(tokens, from: index) {
                add(spelled.word, to: &parts)
                index = spelled.end
                continue
            }
            let word = tokens[index]
            guard isNameWord(word) else { break }
            parts.append(word)
            index += 1
        }
        // "Miller, that's m i double l e r": the spelling corrects the word.
        let connector = tokens.indices.contains(index) ? tokens[index] : ""
        if !parts.isEmpty, ["that's", "spelled", "spelt", "it's", "so"].contains(connector) {
            let place = tokens.indices.contains(index + 1) && tokens[index + 1] == "spelled" ? index + 2 : index + 1
            if let spelled = spelled(tokens, from: place) {
                add(spelled.word, to: &parts)
                index = spelled.end
            }
        }
        guard !parts.isEmpty else { return nil }
        return (parts.map(capitalised).joined(separator: " "), index)
    }

    private static func add(_ spelled: String, to parts: inout [String]) {
        if let last = parts.last, last.first == spelled.first, abs(last.count - spelled.count) <= 3 {
            parts.removeLast()
        }
        parts.append(spelled)
    }

    private static func isNameWord(_ word: String) -> Bool {
        word.count >= 2 && word.count <= 30 && !notNames.contains(word) && word.first!.isLetter
            && word.allSatisfy { $0.isLetter || $0 == "'" || $0 == "." }
    }

    /// Single letters in a row, "double l" among them; at least two letters.
    static func spelled(_ tokens: [String], from start: Int) -> (word: String, end: Int)? {
        var word = ""
        var index = start
        while index < tokens.count, word.count < 30 {
            if tokens[index] == "double", index + 1 < tokens.count, let letter = letter(tokens[index + 1]) {
                word += letter + letter
                index += 2
            } else if let letter = letter(tokens[index]) {
                word += letter
                index += 1
            } else {
                break
            }
        }
        return word.count >= 2 ? (word, index) : nil
    }

    private static func letter(_ token: String) -> String? {
        let bare = token.filter { $0 != "." }
        return bare.count == 1 && bare.first!.isLetter ? bare : nil
    }

    private static func capitalised(_ word: String) -> String {
        guard let apostrophe = word.firstIndex(of: "'"), word.distance(from: word.startIndex, to: apostrophe) == 1
        else {
            return word.prefix(1).uppercased() + word.dropFirst()
        }
        let rest = word[word.index(after: apostrophe)...]
        return word.prefix(1).uppercased() + "'" + rest.prefix(1).uppercased() + rest.dropFirst()
    }
}
