/// What a caller may want at any point of a call, besides answering.
enum CallerIntent: Sendable, Equatable {
    case person
    case areYouHuman
    case repeatThat
    case holdOn
    case cancel
    case goodbye

    static func intent(of words: Words) -> CallerIntent? {
        // A leading "sorry" or "no" changes none of them.
        if asksWhatWeAre(words) { return .areYouHuman }
        if wantsPerson(words) { return .person }
        if wantsRepeat(words) { return .repeatThat }
        if words.containsAny(of: cancelPhrases) { return .cancel }
        if words.containsAny(of: goodbyes) { return .goodbye }
        if words.tokens.count <= 7, words.containsAny(of: pauses) { return .holdOn }
        return nil
    }

    private static let goodbyes = [
        "bye", "goodbye", "good bye", "bye-bye", "hang up", "end the call", "have a nice day", "have a good day",
    ]
    private static let cancelPhrases = [
        "never mind", "nevermind", "forget it", "forget about it", "cancel that", "cancel it", "cancel this",
        "i changed my mind",
    ]
    private static let pauses = [
        "hold on", "one moment", "just a moment", "one second", "just a second", "wait a second", "wait a moment",
        "wait a minute",
        "give me a second", "give me a moment", "hang on", "let me check", "let me think", "let me see", "let me look",
    ]

    private static func asksWhatWeAre(_ words: Words) -> Bool {
        let frames = [
            "are you", "is this", "am i talking to", "am i speaking to", "am i speaking with", "am i talking with",
            "you're a", "you are a",
            "are we talking to", "do i talk to",
        ]
        let kinds = [
            "robot", "machine", "computer", "human", "bot", "ai", "a i", "person", "recording", "real", "automated",
            "chatbot",
        ]
        return frames.contains { frame in
            guard let range = words.range(of: frame) else { return false }
            let after = Words(tokens: Array(words.tokens[range.upperBound...].prefix(6)))
            return after.containsAny(of: kinds) && !after.containsAny(of: ["let me", "get me", "put me", "want"])
        }
    }

    private static func wantsPerson(_ words: Words) -> Bool {
        if words.containsAny(of: [
            "human", "representative", "operator", "real person", "a person", "receptionist", "someone else",
            "somebody else", "live agent",
            "put me through", "connect me", "transfer me", "your manager", "a manager", "your boss", "a colleague",
            "customer service",
        ]) {
            return true
        }
        let verbs = ["speak to", "speak with", "talk to", "talk with"]
        let whom: Set<String> = [
            "someone", "somebody", "person", "people", "agent", "staff", "doctor", "dentist", "anyone", "anybody",
            "consultant",
        ]
        return verbs.contains { verb in
            guard let range = words.range(of: verb) else { return false }
            return words.tokens[range.upperBound...].prefix(4).contains { whom.contains($0) }
        }
    }

    private static func wantsRepeat(_ words: Words) -> Bool {
        if words.containsAny(of: [
            "repeat", "say that again", "say it again", "come again", "what did you say", "what was that", "once more",
            "pardon",
            "didn't catch", "didn't hear", "didn't get", "can't hear you", "couldn't hear", "didn't understand",
            "beg your pardon",
        ]) {
            return true
        }
        return ["what", "sorry", "huh", "excuse me", "sorry what", "again", "hello", "sorry again"].contains(words.text)
    }

    /// "No, thanks", "that's all": nothing more is wanted, where that was asked.
    static func wantsNothingMore(_ words: Words) -> Bool {
        let all = [
            "that's all", "that is all", "that's it", "that would be all", "that'll be all", "that was all",
            "nothing else", "no thanks",
            "no thank you", "i'm done", "i'm good", "i'm fine", "all good", "nothing more", "not today",
            "that's everything", "nothing",
        ]
        if words.containsAny(of: all) { return true }
        return YesNoUnderstanding.answer(words) == false
            || (words.containsAny(of: ["thanks", "thank you"]) && words.tokens.count <= 5)
    }

    /// Whether the words are a question rather than an answer.
    static func isQuestion(_ words: Words) -> Bool {
        let openers: Set<String> = [
            "what", "what's", "when", "where", "where's", "who", "why", "how", "how's", "which", "is", "are", "do",
            "does", "can", "could",
            "will", "would", "may",
        ]
        let first = words.tokens.first {
            !["and", "but", "oh", "sorry", "hello", "hi", "also", "wait", "okay"].contains($0)
        }
        return first.map(openers.contains) ?? false
    }

    /// Nothing but a greeting or thanks: neither an answer nor a question.
    static func isPleasantry(_ words: Words) -> Bool {
        let polite: Set<String> = [
            "hello", "hi", "hey", "good", "morning", "afternoon", "evening", "day", "there", "thanks", "thank", "you",
            "very", "much", "nice", "great",
            "okay", "ok", "how", "are", "doing",
        ]
        return !words.isEmpty && words.tokens.allSatisfy(polite.contains)
    }
}
