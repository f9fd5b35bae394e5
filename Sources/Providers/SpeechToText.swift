import CallTime

/// Streaming speech recognition. One value serves every call of a process; `open` makes one session a call.
public protocol SpeechToText: Sendable {
    /// A short name for journals and `parley doctor`: `pocketsphinx`.
    var name: String { get }
    /// Opens a session. `onEvent` may be called from any thread, and never after `close` has returned.
    ///
    /// - Throws: `ProviderError` when no session can be had; a session that fails later says so by `.failed`.
    func open(
        _ configuration: SpeechToTextConfiguration,
        onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession
}

public struct SpeechToTextConfiguration: Sendable, Equatable {
    /// The rate of the caller's audio; linear samples are pushed at it.
    public var sampleRate: SampleRate
    /// BCP 47, `en-US`.
    public var language: String

    public init(sampleRate: SampleRate = .narrowband, language: String = "en-US") {
        self.sampleRate = sampleRate
        self.language = language
    }
}

/// One call's recognition. Every method returns at once (work happens elsewhere), except `drained` and `close`.
///
/// The runtime pushes *all* of the caller's audio, in order and without holes, from the call's first frame on, and says
/// which part of it is an utterance. A recogniser that needs audio from before the onset keeps it itself.
public protocol SpeechToTextSession: Sendable {
    /// Takes the next audio; `at` is the stream place of its first sample.
    func push(_ audio: AudioPayload, at: SampleTime)
    /// The flow's step whose answer is expected from the next utterance on, or nil for anything.
    func expect(step: String?)
    /// The caller began to speak at `onset` (which lies in the past: it is known only after confirmation).
    func utteranceStarted(_ utterance: Int, onset: SampleTime)
    /// The utterance may be over: answer with `.final` for this revision as soon as it is known.
    ///
    /// When speech goes on after all, a later call with the next revision covers the whole utterance again.
    func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime)
    /// The utterance is over for good; nothing more will be asked of it.
    func utteranceEnded(_ utterance: Int)
    /// Returns once every event caused by what was pushed and asked so far has been delivered.
    func drained() async
    /// Ends the session. No event follows.
    func close() async
}

public enum TranscriptEvent: Sendable, Equatable {
    case interim(Transcript)
    case final(Transcript)
    case failed(ProviderError)
    /// A provider in line failed or was late; another one answers in its place. For the journal.
    case fellBack(ProviderError)
}

public struct Transcript: Sendable, Equatable {
    public var utterance: Int
    /// The revision that `finalize` asked for; 0 on an interim transcript.
    public var revision: Int
    /// What was said, in small letters without punctuation where the recogniser gives none. Empty: nothing understood.
    public var text: String
    /// 0...1. Below the recogniser's own limit the text is empty and `wasRejected` is true.
    public var confidence: Double
    /// Speech was heard but matches nothing that was expected.
    public var wasRejected: Bool
    /// The stream place up to which audio was considered.
    public var audioEnd: SampleTime

    public init(
        utterance: Int, revision: Int = 0, text: String, confidence: Double = 1, wasRejected: Bool = false,
        audioEnd: SampleTime
    ) {
        self.utterance = utterance
        self.revision = revision
        self.text = text
        self.confidence = confidence
        self.wasRejected = wasRejected
        self.audioEnd = audioEnd
    }
}
