import Conversation

/// A word that the decoder's dictionary lacks, with its phones.
struct PronouncedWord: Sendable, Equatable {
    var text: String
    /// ARPAbet without stress: `T UW TH EY K`.
    var phones: String
}

/// A grammar as text. Decoders compile it (a few milliseconds) and keep it under its id.
struct CompiledGrammar: Sendable, Equatable {
    /// Made from the text: agents with the same grammar share it.
    let id: String
    let jsgf: String
    let addedWords: [PronouncedWord]

    init(jsgf: String, addedWords: [PronouncedWord] = []) {
        self.jsgf = jsgf
        self.addedWords = addedWords
        // FNV-1a, 64 bits: the same in every process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in jsgf.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        id = "parley-" + String(hash, radix: 16)
    }
}

/// The grammars of one agent, one for each question it may ask and one for an opening.
struct GrammarBook: Sendable {
    /// For anything: the first words of a call, or no question known.
    let opening: CompiledGrammar
    let questions: [String: CompiledGrammar]
    /// Words of the agent file without a known pronunciation, sorted. A name made of one is not recognised, and a
    /// question is recognised without it.
    let unknownWords: [String]
    /// Words whose pronunciation was guessed from their letters, sorted.
    let guessedWords: [String]

    func grammar(for question: String?) -> CompiledGrammar { question.flatMap { questions[$0] } ?? opening }

    /// - Parameters:
    ///   - pronounce: The phones of a word, nil when unknown.
    ///   - guess: What an unknown word may sound like; nil when nobody could say it.
    init(
        script: DialogueScript, names: [String], pronounce: @escaping (String) -> String?,
        guess: @escaping (String) -> String? = { _ in nil }
    ) {
        var vocabulary = AgentVocabulary(pronounce: pronounce, guess: guess)
        let agent = Self.agentRules(script, names, &vocabulary)
        func grammar(_ kind: ExpectedAnswerKind) -> CompiledGrammar {
            var rules = SpokenGrammar.common + SpokenGrammar.opening + agent
            if case .choice(let options) = kind {
                rules += "<choice> = " + vocabulary.alternatives(options.flatMap(Self.shortened)) + " ;\n"
            }
            let always = "<person> | <again> | <bye> | <aside> | <faq>"
            let top = "public <said> = <ums> ((\(SpokenGrammar.answers(kind))) | \(always)) ;\n"
            return CompiledGrammar(
                jsgf: "#JSGF V1.0;\ngrammar parley;\n" + rules + top, addedWords: vocabulary.addedWords)
        }
        opening = grammar(.anything)
        var questions: [String: CompiledGrammar] = [:]
        let ids = script.flow.steps.map(\.id) + Flow.Question.allCases.map(\.rawValue)
        for id in ids {
            guard let expected = script.flow.expectedAnswer(of: id) else { continue }
            questions[id] = grammar(Self.kind(expected, of: id))
        }
        self.questions = questions
        unknownWords = vocabulary.unknown.sorted()
        guessedWords = vocabulary.guessed.sorted()
    }

    private static func kind(_ expected: ExpectedAnswer, of id: String) -> ExpectedAnswerKind {
        if id == Flow.Question.alternatives.rawValue { return .alternatives }
        return switch expected {
        case .yesNo: .yesNo
        case .digits(let count): .digits(count)
        case .phoneNumber: .phoneNumber
        case .email: .email
        case .date: .date
        case .time: .time
        case .name: .name
        case .number: .number
        case .choice(let options): .choice(options)
        case .open: .anything
        }
    }

    private static func agentRules(
        _ script: DialogueScript, _ names: [String], _ vocabulary: inout AgentVocabulary
    ) -> String {
        let parts = names.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }.filter { !$0.isEmpty }
        let first = parts.map { $0[0] } + CommonNames.first
        let last = parts.flatMap { $0.dropFirst() } + CommonNames.last
        let openers = script.flow.startsOn.isEmpty ? ["question"] : script.flow.startsOn
        let questions = script.knowledge.flatMap(\.questions)
        // A rule needs something in it; a greeting is understood anyway.
        let faq = questions.isEmpty ? "hello" : vocabulary.alternatives(questions)
        return """
            <first> = \(vocabulary.alternatives(first)) ;
            <last> = \(vocabulary.alternatives(last)) ;
            <name> = <first> [<last>] | <last> ;
            <opener> = \(vocabulary.alternatives(openers)) ;
            <faq> = \(faq) ;

            """
    }

    /// "Within three months" is also answered by "three months".
    private static func shortened(_ option: String) -> [String] {
        let words = option.split(separator: " ")
        guard words.count > 1, ["within", "in", "on", "at", "a", "an", "the", "by"].contains(words[0].lowercased())
        else {
            return [option]
        }
        return [option, words.dropFirst().joined(separator: " ")]
    }
}

/// Turns an agent's own phrases into grammar text, and gathers the words that need a pronunciation or have none.
struct AgentVocabulary {
    private(set) var addedWords: [PronouncedWord] = []
    private(set) var unknown: Set<String> = []
    private(set) var guessed: Set<String> = []
    private let pronounce: (String) -> String?
    private let guess: (String) -> String?
    private var known: [String: Bool] = [:]

    init(pronounce: @escaping (String) -> String?, guess: @escaping (String) -> String?) {
        self.pronounce = pronounce
        self.guess = guess
    }

    /// `a phrase | another`, each once, in order; "hello" when none can be pronounced.
    mutating func alternatives(_ phrases: [String]) -> String {
        var seen: Set<String> = []
        var out: [String] = []
        for phrase in phrases {
            let text = words(of: phrase).joined(separator: " ")
            if !text.isEmpty, seen.insert(text).inserted { out.append(text) }
        }
        return out.isEmpty ? "hello" : out.joined(separator: " | ")
    }

    /// Small letters and apostrophes; what is left of a phrase without the words nobody can pronounce.
    private mutating func words(of phrase: String) -> [String] {
        phrase.lowercased().split(whereSeparator: \.isWhitespace).flatMap { piece -> [String] in
            var word = String(
                piece.map { $0 == "’" ? "'" : $0 }.filter { ("a"..."z").contains($0) || "'-".contains($0) })
            while let last = word.last, "'-".contains(last) { word.removeLast() }
            while let first = word.first, "'-".contains(first) { word.removeFirst() }
            if word.isEmpty {
                if piece.contains(where: { $0.isLetter || $0.isNumber }) { unknown.insert(String(piece)) }
                return []
            }
            if isKnown(word) { return [word] }
            let parts = word.split(separator: "-").map(String.init)
            if parts.count > 1, parts.allSatisfy({ isKnown($0) }) { return parts }
            let said = parts.filter { isGuessed($0) }
            if said.count == parts.count { return said }
            unknown.insert(word)
            return []
        }
    }

    private mutating func isKnown(_ word: String) -> Bool {
        if let answer = known[word] { return answer }
        var answer = pronounce(word) != nil
        if !answer, let phones = compound(word) {
            addedWords.append(PronouncedWord(text: word, phones: phones))
            answer = true
        }
        known[word] = answer
        return answer
    }

    /// Known, or added as it may sound.
    private mutating func isGuessed(_ word: String) -> Bool {
        if isKnown(word) { return true }
        guard let phones = guess(word) else { return false }
        addedWords.append(PronouncedWord(text: word, phones: phones))
        guessed.insert(word)
        known[word] = true
        return true
    }

    /// `toothache` from `tooth` and `ache`: the split whose shorter part is longest.
    private func compound(_ word: String) -> String? {
        guard word.count >= 6 else { return nil }
        let places = (3...(word.count - 3)).sorted { abs($0 * 2 - word.count) < abs($1 * 2 - word.count) }
        for place in places {
            if let head = pronounce(String(word.prefix(place))), let tail = pronounce(String(word.dropFirst(place))) {
                return head + " " + tail
            }
        }
        return nil
    }
}
