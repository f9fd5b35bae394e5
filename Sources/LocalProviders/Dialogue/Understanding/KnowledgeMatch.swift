import Conversation

/// Finds the answer to a caller's question by the words it shares with known questions.
enum KnowledgeMatch {
    /// Share of a known question's weight that must be heard. Our choice: one of two content words is too little.
    static let threshold = 0.6

    private static let stopWords: Set<String> = Set(
        """
        a an the is are was be do does did can could would should will may i you your my me we our us it its it's i'd i'm of to
        in on at for from with by and or but not no yes if so there here this that these those have has had get got want like
        please tell know just about what what's when where where's who why how how's which some any also as am much many long
        sorry oh hi hello well okay then need one take give go
        """.split(whereSeparator: \.isWhitespace).map(String.init))
    /// Question words carry meaning in short questions: "where are you", "how long".
    private static let questionWords: Set<String> = ["where", "when", "how", "much", "long", "which", "who", "why", "take", "many"]

    /// The best entry, and the share of its question that was heard; nil below the threshold.
    static func entry(for words: Words, in knowledge: [KnowledgeEntry]) -> KnowledgeEntry? {
        let said = Set(stems(words))
        let saidContent = Set(contentStems(words))
        var best: (entry: KnowledgeEntry, score: Double)?
        for entry in knowledge {
            for question in entry.questions {
                let score = score(Words(question), said: said, saidContent: saidContent, knowledge: knowledge)
                if score >= threshold, score > best?.score ?? 0 { best = (entry, score) }
            }
        }
        return best?.entry
    }

    private static func score(
        _ question: Words, said: Set<String>, saidContent: Set<String>, knowledge: [KnowledgeEntry]
    ) -> Double {
        let content = Array(Set(contentStems(question))).sorted()
        let asked = stems(question).filter { questionWords.contains($0) }
        if content.isEmpty {
            // "Where are you?": its few words must all be there, and little else.
            let all = Set(stems(question))
            return all.isSubset(of: said) && said.count <= all.count + 2 && !asked.isEmpty ? 0.9 : 0
        }
        let heard = content.filter { saidContent.contains($0) }
        guard !heard.isEmpty else { return 0 }
        let share = weight(heard, knowledge) / weight(content, knowledge)
        let bonus = asked.contains { said.contains($0) } ? 0.15 : 0
        // What the caller said beyond the question counts a little against it.
        let excess = Double(saidContent.subtracting(content).count) * 0.04
        return min(1, share) + bonus - min(0.3, excess)
    }

    /// Words of few entries weigh more.
    private static func weight(_ stems: [String], _ knowledge: [KnowledgeEntry]) -> Double {
        stems.reduce(0) { sum, stem in
            let entries = knowledge.filter { $0.questions.contains { Self.stems(Words($0)).contains(stem) } }.count
            return sum + 1 / Double(max(1, entries))
        }
    }

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
