/// Cuts streamed text into pieces that can be spoken: whole sentences, and the first clause early.
///
/// - Input: tokens as a model streams them, cut anywhere.
/// - Output: pieces in order; joined with a space they are the text with its white space tidied.
/// - A full stop ends a sentence only when white space follows, so decimals, e-mail addresses and web addresses stay
///   whole; abbreviations, initials and list numbers do not end one. The piece comes out as soon as that white space
///   has been seen.
/// - Bound: a piece has at most `Configuration.longestPiece` bytes; longer runs are cut at a space.
public struct SentenceSegmenter: Sendable, Equatable {
    public struct Configuration: Sendable, Equatable {
        /// The first piece may end at a comma, semicolon, colon or dash once it has this many words. Four is the
        /// shortest phrase that still gets a natural melody from a synthesizer.
        public var firstClauseWords = 4
        /// In UTF-8 bytes. About 16 s of speech.
        public var longestPiece = 240
        public init() {}
        /// For lines that are there as a whole: nothing is won by an early clause.
        public static let wholeSentences: Configuration = {
            var configuration = Configuration()
            configuration.firstClauseWords = .max
            return configuration
        }()
    }

    private let configuration: Configuration
    private var pending: [Character] = []
    private var pendingBytes = 0
    private var isFirst = true

    public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// Takes the next text; `emit` gets each piece that it completes.
    public mutating func append(_ text: String, emit: (String) -> Void) {
        for character in text {
            let isBreak = character.isNewline
            if character.isWhitespace {
                if pending.isEmpty { continue }
                if isBreak || endsPiece() {
                    cut(at: pending.count, emit)
                } else if pending.last != " " {
                    pending.append(" ")
                    pendingBytes += 1
                }
            } else {
                if pending.last == " ", let previous = pending.dropLast().last,
                    endsAfterSpace(previous, next: character)
                {
                    cut(at: pending.count - 1, emit)
                }
                pending.append(character)
                pendingBytes += character.utf8.count
                if endsFirstClause(character) { cut(at: pending.count, emit) }
                if Self.fullWidthTerminators.contains(character) { cut(at: pending.count, emit) }
            }
            if pendingBytes > configuration.longestPiece { cut(at: lastSpace() ?? pending.count, emit) }
        }
    }

    /// The text is over: the rest comes out.
    public mutating func finish(emit: (String) -> Void) {
        cut(at: pending.count, emit)
        isFirst = true
    }

    // MARK: Where to cut

    /// A comma after a letter has no digits before it, so the clause is over before what follows it is seen.
    private func endsFirstClause(_ character: Character) -> Bool {
        guard isFirst, character == ",", let last = pending.dropLast().last, last.isLetter else { return false }
        return wordCount >= configuration.firstClauseWords
    }

    /// White space has come: is what is pending a whole piece?
    private func endsPiece() -> Bool {
        var end = pending.count
        while end > 0, Self.closers.contains(pending[end - 1]) { end -= 1 }
        guard end > 0 else { return false }
        switch pending[end - 1] {
        case "!", "?": return true
        case "…": return false
        case ".": return !stopIsNoEnd(before: end)
        case ",", ";", ":", "–", "—":
            return isFirst && end == pending.count && wordCount >= configuration.firstClauseWords
        default: return false
        }
    }

    /// After an ellipsis or an abbreviation a sentence goes on, unless what follows opens a new one.
    private func endsAfterSpace(_ previous: Character, next: Character) -> Bool {
        if previous == ".", lastWordIsNo { return !next.isNumber }
        guard next.isUppercase else { return false }
        if previous == "…" { return true }
        return pending.dropLast().suffix(3).elementsEqual("...")
    }

    /// Whether the full stop that ends at `end` belongs to an abbreviation, an initial, a list number or an ellipsis.
    private func stopIsNoEnd(before end: Int) -> Bool {
        var begin = end - 1
        while begin > 0, !pending[begin - 1].isWhitespace { begin -= 1 }
        let word = String(pending[begin..<(end - 1)]).lowercased()
        if word.isEmpty || word.hasSuffix(".") || word == "no" { return true }
        let bare = word.drop { Self.openers.contains($0) }
        if bare.count == 1, bare.first?.isLetter == true, bare != "i" { return true }
        if begin == 0, bare.allSatisfy(\.isNumber) { return true }
        return Self.abbreviations.contains(String(bare))
    }

    /// "No." is an answer, "No. 5" is not; only what follows tells.
    private var lastWordIsNo: Bool {
        pending.dropLast().split(separator: " ").last.map { String($0).lowercased() == "no." } ?? false
    }

    private var wordCount: Int { pending.split(separator: " ").count }

    private func lastSpace() -> Int? {
        pending.lastIndex(of: " ").flatMap { $0 > 0 ? $0 : nil }
    }

    private mutating func cut(at end: Int, _ emit: (String) -> Void) {
        var piece = pending[..<end]
        while piece.last == " " { piece.removeLast() }
        var rest = pending[end...]
        while rest.first == " " { rest.removeFirst() }
        pending = Array(rest)
        pendingBytes = rest.reduce(0) { $0 + $1.utf8.count }
        // What holds no letter or digit cannot be spoken.
        guard piece.contains(where: { $0.isLetter || $0.isNumber }) else { return }
        isFirst = false
        emit(String(piece))
    }

    private static let closers: Set<Character> = ["\"", "'", ")", "]", "”", "’", "»"]
    private static let openers: Set<Character> = ["\"", "'", "(", "[", "“", "‘", "«"]
    private static let fullWidthTerminators: Set<Character> = ["。", "！", "？"]
    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "prof", "st", "ave", "blvd", "rd", "nr", "vs", "etc", "e.g", "i.e", "a.m", "p.m",
        "approx", "dept", "est", "ext", "inc", "ltd", "co", "corp", "jr", "sr", "tel", "fig", "gen", "sgt", "capt",
        "rev",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues",
        "wed",
        "thu", "thurs", "fri", "u.s", "u.k",
    ]
}
