/// What a caller said as small words without punctuation and fillers: `Um, at 3:30pm.` is `at 3:30 pm`.
struct Words: Sendable, Equatable {
    let tokens: [String]
    /// The words with a space after each, and where each begins: phrases are sought in bytes, as many are in a turn.
    private let bytes: [UInt8]
    private let starts: [Int]

    /// At most this many words are looked at; a turn on the telephone has fewer.
    static let most = 200

    init(_ text: String) {
        var tokens: [String] = []
        for piece in text.lowercased().split(whereSeparator: Self.separates).prefix(Self.most) {
            tokens += Self.split(piece)
        }
        self.init(tokens: Self.withoutFillers(tokens))
    }

    init(tokens: [String]) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for token in tokens {
            starts.append(bytes.count)
            bytes += token.utf8
            bytes.append(UInt8(ascii: " "))
        }
        self.tokens = tokens
        self.bytes = bytes
        self.starts = starts
    }

    var isEmpty: Bool { tokens.isEmpty }
    var text: String { tokens.joined(separator: " ") }

    // MARK: Looking for phrases

    /// Where the words of `phrase` stand in a row, first place.
    func range(of phrase: String) -> Range<Int>? {
        guard contains(phrase) else { return nil }
        let wanted = phrase.split(separator: " ").map(String.init)
        guard !wanted.isEmpty, wanted.count <= tokens.count else { return nil }
        for start in 0...(tokens.count - wanted.count)
        where tokens[start..<(start + wanted.count)].elementsEqual(wanted) {
            return start..<(start + wanted.count)
        }
        return nil
    }

    /// Whether the words of `phrase`, one space between them, stand in a row.
    func contains(_ phrase: String) -> Bool {
        !phrase.isEmpty && starts.contains { isPhrase(phrase, at: $0) }
    }

    private func isPhrase(_ phrase: String, at start: Int) -> Bool {
        var place = start
        for byte in phrase.utf8 {
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
        }
        return place < bytes.count && bytes[place] == UInt8(ascii: " ")
    }

    func containsAny(of phrases: [String]) -> Bool { phrases.contains { contains($0) } }
    func starts(with phrase: String) -> Bool { range(of: phrase)?.lowerBound == 0 }

    /// The words with those of `ranges` taken out.
    func removing(_ ranges: [Range<Int>]) -> Words {
        Words(tokens: tokens.indices.filter { index in !ranges.contains { $0.contains(index) } }.map { tokens[$0] })
    }

    // MARK: Splitting

    private static func separates(_ character: Character) -> Bool {
        character.isWhitespace || ";!?\"()[]{}…—–“”$€£".contains(character)
    }

    private static func split(_ piece: Substring) -> [String] {
        // A comma ends a word, but groups digits: "1,200".
        let isGrouped = piece.allSatisfy { $0.isASCIIDigit || $0 == "," }
        if piece.contains(","), !isGrouped { return piece.split(separator: ",").flatMap(split) }
        var word = piece.filter { $0 != "," }[...]
        while let last = word.last, ".:'-/".contains(last) { word.removeLast() }
        while let first = word.first, ".:'-/+".contains(first) { word.removeFirst() }
        let straight = String(word.map { $0 == "’" ? "'" : $0 })
        if straight.isEmpty { return [] }
        if straight == "a.m" || straight == "p.m" { return [straight.filter { $0 != "." }] }
        if straight.contains("@") { return [straight] }
        if let parts = meridiem(straight) { return parts }
        if straight.contains("-"), CivilDate.iso(straight) == nil {
            return straight.split(separator: "-").map(String.init)
        }
        return [straight]
    }

    /// `3pm` and `3:30am` as two words.
    private static func meridiem(_ word: String) -> [String]? {
        let bare = word.filter { $0 != "." || !word.hasSuffix("m") }
        guard bare.count > 2, bare.hasSuffix("am") || bare.hasSuffix("pm") else { return nil }
        let hour = bare.dropLast(2)
        guard hour.allSatisfy({ $0.isASCIIDigit || $0 == ":" }) else { return nil }
        return [String(hour), String(bare.suffix(2))]
    }

    // MARK: Fillers

    private static let fillers: Set<String> = [
        "um", "uh", "uhm", "erm", "er", "hmm", "hm", "ah", "eh", "please", "basically",
    ]
    private static let fillerPhrases = ["let me think", "let me see", "you know", "kind of", "sort of"]

    private static func withoutFillers(_ tokens: [String]) -> [String] {
        var kept = Words(tokens: tokens.filter { !fillers.contains($0) })
        for phrase in fillerPhrases {
            while let range = kept.range(of: phrase), range.count < kept.tokens.count { kept = kept.removing([range]) }
        }
        let leading = kept.tokens.prefix { $0 == "well" || $0 == "so" }.count
        return leading < kept.tokens.count ? Array(kept.tokens.dropFirst(leading)) : kept.tokens
    }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
