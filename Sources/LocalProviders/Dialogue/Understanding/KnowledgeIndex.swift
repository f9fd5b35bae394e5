import Conversation

/// Finds the answer to a caller's question by the words it shares with known questions. Prepared once per agent.
struct KnowledgeIndex: Sendable {
    /// Share of a known question's weight that must be heard. Our choice: one of two content words is too little.
    static let threshold = 0.6

    private struct Question: Sendable {
        var entry: Int
        var all: Set<String>
        /// What the question is about, each word with its weight: words of few entries weigh more.
        var content: [String: Double]
        var weight: Double
        /// How, where, when: they tell short questions apart.
        var asking: Set<String>
    }

    private let entries: [KnowledgeEntry]
    private let questions: [Question]

    init(_ entries: [KnowledgeEntry]) {
        self.entries = entries
        let stems = entries.map { Set($0.questions.flatMap { Self.stems(Words($0)) }) }
        questions = entries.indices.flatMap { entry in
            entries[entry].questions.map { text in
                let words = Words(text)
                var content: [String: Double] = [:]
                for stem in Self.contentStems(words) {
                    content[stem] = 1 / Double(max(1, stems.filter { $0.contains(stem) }.count))
                }
                // Summed in the order of the words: the same on every run.
                let weight = content.keys.sorted().reduce(0) { $0 + content[$1]! }
                let all = Set(Self.stems(words))
                return Question(
                    entry: entry, all: all, content: content, weight: weight,
                    asking: all.intersection(Self.questionWords))
            }
        }
    }

    /// The best entry, the first of equals; nil below the threshold.
    func entry(for words: Words) -> KnowledgeEntry? {
        let said = Set(Self.stems(words))
        let content = Set(Self.contentStems(words))
        var best: (entry: Int, score: Double)?
        for question in questions {
            let score = Self.score(question, said: said, content: content)
            if score >= Self.threshold, score > best?.score ?? 0 { best = (question.entry, score) }
        }
        return best.map { entries[$0.entry] }
    }

    private static func score(_ question: Question, said: Set<String>, content: Set<String>) -> Double {
        if question.content.isEmpty {
            // "Where are you?": its few words must all be there, and little else.
            let isMeant = question.all.isSubset(of: said) && said.count <= question.all.count + 2
            return isMeant && !question.asking.isEmpty ? 0.9 : 0
        }
        let heard = content.filter { question.content[$0] != nil }.sorted()
        guard !heard.isEmpty else { return 0 }
        let share = heard.reduce(0) { $0 + question.content[$1]! } / question.weight
        let bonus = question.asking.isDisjoint(with: said) ? 0 : 0.15
        // What the caller said beyond the question counts a little against it.
        let excess = Double(content.count - heard.count) * 0.04
        return min(1, share) + bonus - min(0.3, excess)
    }

    // MARK: Words

    private static let stopWords: Set<String> = Set(
        """
        a an the is are was be do does did can could would should will may i you your my me we our us it its it's i'd i'm of to
        in on at for from with by and or but not no yes if so there here this that these those it have has had get got want like
        please tell know just about what what's when where where's who why how how's which some any also as am much many long
        sorry oh hi hello well okay then need one take give go
        """.split(whereSeparator: \.isWhitespace).map(String.init))
    private static let questionWords: Set<String> = [
        "where", "when", "how", "much", "long", "which", "who", "why", "tak", "many",
    ]

    private static func contentStems(_ words: Words) -> [String] {
        words.tokens.filter { !stopWords.contains($0) }.map(stem)
    }

    private static func stems(_ words: Words) -> [String] { words.tokens.map(stem) }

    /// Endings cut off: parking, parks and parked are park.
    static func stem(_ word: String) -> String {
        var word = word.hasSuffix("'s") ? String(word.dropLast(2)) : word
        for ending in ["ing", "ed", "es", "s", "e"] where word.hasSuffix(ending) && word.count - ending.count >= 3 {
            word.removeLast(ending.count)
            break
        }
        return word
    }
}
