import CallTime

/// Streaming speech synthesis. One value serves every call.
public protocol TextToSpeech: Sendable {
    /// A short name for journals and `parley doctor`: `flite`.
    var name: String { get }
    /// Synthesizes one sentence or clause. Ending the iteration early cancels it.
    ///
    /// The stream throws a `ProviderError`, or ends after the last audio; no audio at all is an answer the runtime handles.
    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error>
    /// A call has begun: a voice behind a network may open its connection now. Returns at once.
    func callBegan(_ callID: String)
    /// The call is over: what was held for it is let go. Returns at once.
    func callEnded(_ callID: String)
}

extension TextToSpeech {
    public func callBegan(_ callID: String) {}
    public func callEnded(_ callID: String) {}
}

public struct SpeechRequest: Sendable, Equatable {
    public var text: String
    /// The voice's name as the provider knows it; empty for its default.
    public var voice: String
    /// The rate linear samples must have.
    public var sampleRate: SampleRate
    /// The call it is for, as given to `callBegan`; empty for none.
    public var callID: String

    public init(text: String, voice: String = "", sampleRate: SampleRate = .narrowband, callID: String = "") {
        self.text = text
        self.voice = voice
        self.sampleRate = sampleRate
        self.callID = callID
    }
}

public enum SpeechEvent: Sendable, Equatable {
    case audio(AudioPayload)
    /// Where words lie in this request's audio; may come before, with or after it. Absent: the runtime spreads the words.
    case words([SpokenWord])
    /// A provider in line failed; what follows is the next one's. For the journal.
    case fellBack(ProviderError)
}

/// One word of a synthesized text: where it stands in the text, and where it sounds in the audio.
public struct SpokenWord: Sendable, Equatable {
    /// UTF-8 offsets into the request's text.
    public var textRange: Range<Int>
    /// Samples from the beginning of the request's audio.
    public var samples: Range<Int>

    public init(textRange: Range<Int>, samples: Range<Int>) {
        self.textRange = textRange
        self.samples = samples
    }
}
