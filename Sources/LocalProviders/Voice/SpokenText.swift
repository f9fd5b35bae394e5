/// A text as it is to be read aloud: each word of it, with what to say for it.
///
/// Words are what white space parts. flite reads most of them well by itself; what it does not is written out here
/// (`SpokenText+Forms`), in ASCII: it would read other letters byte by byte.
enum SpokenText {
    /// One word of the text and how to say it.
    struct Token: Equatable, Sendable {
        /// UTF-8 offsets into the text, punctuation included.
        var range: Range<Int>
        var parts: [Part]
    }

    /// One thing to say: letters, digits, and inner signs that flite reads; then the punctuation it pauses at.
    struct Part: Equatable, Sendable {
        var name: String
        var punctuation = ""
    }

    /// The words that have something to say. A lone dash is a pause after the word before it.
    static func tokens(of text: String) -> [Token] {
        let words = words(of: text)
        let bare = words.map { Bare($0.text) }
        var tokens: [Token] = []
        for (index, word) in bare.enumerated() {
            let next = index + 1 < bare.count ? bare[index + 1].core.lowercased() : ""
            let previous = index > 0 ? bare[index - 1].core : ""
            var parts = forms(of: word.core, after: previous, before: next)
            if parts.isEmpty {
                if word.isDash, let last = tokens.indices.last { tokens[last].pause(",") }
                continue
            }
            if !isAbbreviation(word.core) || index == bare.count - 1 { parts.pause(word.punctuation) }
            tokens.append(Token(range: words[index].range, parts: parts))
        }
        return tokens
    }

    /// Titles and hours of the day end in a dot that is no end of a sentence.
    private static func isAbbreviation(_ core: String) -> Bool {
        ["mr", "mrs", "ms", "dr", "st", "a.m", "p.m", "e.g", "i.e", "vs"].contains(core.lowercased())
    }

    // MARK: Words and their punctuation

    private static func words(of text: String) -> [(text: Substring, range: Range<Int>)] {
        text.split { $0.isWhitespace }.map { word in
            let begin = text.utf8.distance(from: text.startIndex, to: word.startIndex)
            return (word, begin..<(begin + word.utf8.count))
        }
    }

    /// A word in ASCII without what stands around it.
    private struct Bare {
        var core: String
        /// The first of the signs after the word that flite pauses at, or nothing.
        var punctuation: String
        var isDash: Bool

        init(_ word: Substring) {
            let folded = ASCIILetters.folded(word)
            isDash = !folded.isEmpty && folded.allSatisfy { "-, ".contains($0) }
            let opening = folded.prefix { !SpokenText.canBegin($0) }
            var core = folded.dropFirst(opening.count)
            var closing: [Character] = []
            while let last = core.last, !SpokenText.canEnd(last) {
                closing.append(last)
                core.removeLast()
            }
            self.core = String(core)
            punctuation = closing.reversed().first { ".,:;!?".contains($0) }.map(String.init) ?? ""
        }
    }

    private static func canBegin(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "$+#&@%~^".contains(character)
    }

    private static func canEnd(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "$%&@~^".contains(character)
    }
}

extension SpokenText.Token {
    fileprivate mutating func pause(_ punctuation: String) { parts.pause(punctuation) }
}

extension [SpokenText.Part] {
    /// Pauses after the last part, unless it has a pause of its own.
    fileprivate mutating func pause(_ punctuation: String) {
        guard let last = indices.last, self[last].punctuation.isEmpty else { return }
        self[last].punctuation = punctuation
    }
}

/// Letters and signs of other alphabets, as ASCII a reader of English makes the best of.
enum ASCIILetters {
    /// `~` stands for euros and `^` for pounds; letters without a likeness are left out.
    static func folded(_ text: Substring) -> String {
        var folded = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                if scalar != "~", scalar != "^" { folded.unicodeScalars.append(scalar) }
            } else if let likeness = likenesses[scalar] {
                folded += likeness
            }
        }
        return folded
    }

    private static let likenesses: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = [
            "’": "'", "‘": "'", "“": "\"", "”": "\"", "„": "\"", "–": "-", "—": ", ", "‐": "-", "‑": "-", "…": ".",
            "€": "~", "£": "^", "°": " degrees", "½": " half", "×": " times", "ß": "ss", "æ": "ae", "Æ": "Ae",
            "œ": "oe",
            "Œ": "Oe", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "þ": "th", "Þ": "Th",
        ]
        let letters: KeyValuePairs = [
            "a": "àáâãåāăą", "c": "çćĉċč", "d": "ðďđ", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı",
            "j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŋ", "o": "òóôõøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț",
            "u": "ùúûũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
        ]
        for (letter, others) in letters {
            for other in others.unicodeScalars {
                table[other] = letter
                let capital = String(other).uppercased().unicodeScalars
                if capital.count == 1, let scalar = capital.first, !scalar.isASCII {
                    table[scalar] = letter.uppercased()
                }
            }
        }
        return table
    }()
}
