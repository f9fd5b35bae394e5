import CallTime
import Conversation
import Providers

/// Recognition inside the process, without keys or network: PocketSphinx with a grammar for each of the agent's
/// questions.
///
/// It hears what an agent's flow expects to hear, and rejects the rest: the answer to the question that was asked, a
/// correction, the agent's known questions, a wish for a person, a goodbye. It is no dictation machine; for real
/// callers on telephone lines take a cloud recogniser, and keep read-back and keypad entry (Benchmarks/recogniser.md
/// has figures).
///
/// - Audio: mu-law at 8 kHz, or linear at 8 or 16 kHz.
/// - Cost: some 0.1 s of computing to read 1 s of speech, twice and more with interim transcripts; nothing in silence.
/// - Transcripts: small letters, no punctuation, hesitations left out. Numbers are words.
public struct PocketSphinxRecogniser: SpeechToText {
    static let providerName = "pocketsphinx"

    public var name: String { Self.providerName }
    /// Words of the agent file that nobody can pronounce ("xqzvrt"), sorted. They are left out of the grammars.
    public var unknownWords: [String] { grammars.unknownWords }
    /// Words that the dictionary lacks and that are listened for as their spelling suggests, sorted. Names of other
    /// languages may be said otherwise.
    public var guessedWords: [String] { grammars.guessedWords }

    let grammars: GrammarBook
    private let pool: DecoderPool

    /// Builds the grammars of one agent. The first recogniser of a process loads the model, about half a second.
    ///
    /// - Parameters:
    ///   - script: Its flow's questions and choices and its knowledge's questions become grammars.
    ///   - names: Names of callers to expect beside some two hundred common ones: `Anna Miller`.
    /// - Throws: `ProviderError` of kind `unavailable` when the model is not installed, `malformed` when a grammar is
    ///   refused.
    public init(script: DialogueScript, names: [String]) throws(ProviderError) {
        try self.init(script: script, names: names, pool: .shared)
    }

    init(script: DialogueScript, names: [String], pool: DecoderPool) throws(ProviderError) {
        let (book, refused) = try pool.withDecoder { decoder in
            let book = GrammarBook(
                script: script, names: names, pronounce: { decoder.pronunciation(of: $0) },
                guess: LetterToSound.phones)
            let questions = book.questions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let refused = ([("opening", book.opening)] + questions).filter { !decoder.prepare($0.1) }
            return (book, refused.map(\.0))
        }
        guard refused.isEmpty else {
            throw ProviderError(
                provider: Self.providerName, kind: .malformed,
                detail: "the grammar of \(refused.joined(separator: ", ")) was refused")
        }
        grammars = book
        self.pool = pool
    }

    public func open(
        _ configuration: SpeechToTextConfiguration,
        onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession {
        guard [.narrowband, .wideband].contains(configuration.sampleRate) else {
            throw ProviderError(
                provider: name, kind: .rejected,
                detail: "audio at 8000 or 16000 Hz needed, given \(configuration.sampleRate.hz) Hz")
        }
        guard configuration.language.lowercased().hasPrefix("en") else {
            throw ProviderError(
                provider: name, kind: .rejected, detail: "English only, given \"\(configuration.language)\"")
        }
        return PocketSphinxSession(
            rate: configuration.sampleRate, grammars: grammars, pool: pool, onEvent: onEvent)
    }
}
