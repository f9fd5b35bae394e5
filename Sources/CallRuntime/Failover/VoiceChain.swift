import CallTime
import Providers

/// Voices in the order of preference: the next one speaks when one fails, also in the middle of a sentence.
///
/// A voice that fails in mid-sentence is followed by the next from the word on that was not whole. The last in line
/// should be one that cannot fail.
public struct VoiceChain: TextToSpeech {
    public struct Link: Sendable {
        public var voice: any TextToSpeech
        public var breaker: CircuitBreaker
        /// Text → first audio.
        public var firstAudio: Duration

        public init(
            _ voice: any TextToSpeech, breaker: CircuitBreaker = CircuitBreaker(),
            firstAudio: Duration = .milliseconds(900)
        ) {
            self.voice = voice
            self.breaker = breaker
            self.firstAudio = firstAudio
        }
    }

    private let links: [Link]
    public let name: String

    public init(_ links: [Link]) {
        precondition(!links.isEmpty, "a chain has at least one voice")
        self.links = links
        name = links.map(\.voice.name).joined(separator: ", ")
    }

    public func callBegan(_ callID: String) { for link in links { link.voice.callBegan(callID) } }
    public func callEnded(_ callID: String) { for link in links { link.voice.callEnded(callID) } }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await speak(request) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func speak(_ request: SpeechRequest, _ emit: @escaping @Sendable (SpeechEvent) -> Void) async throws {
        let progress = Shared(SpokenSoFar(request))
        var last = ProviderError(provider: name, kind: .unavailable, detail: "no voice is available", isRetryable: true)
        for link in links {
            let rest = progress.change { $0.beginRest() }
            guard !rest.text.isEmpty else { return }
            // A line that is remembered is there although its vendor is not, and tells nothing of the vendor.
            let isKnown = (link.voice as? FixedLines)?.knows(rest) ?? false
            let breaker = isKnown ? CircuitBreaker() : link.breaker
            guard breaker.mayTry() else { continue }
            let outcome = await Attempt.run(
                link.voice.synthesize(rest), provider: link.voice.name, firstWithin: link.firstAudio
            ) { event in
                emit(progress.change { $0.take(event) })
            }
            switch outcome {
            case .done where progress.value.hasAudioOfRest: return breaker.succeeded()
            case .done:
                last = ProviderError(provider: link.voice.name, kind: .malformed, detail: "no audio", isRetryable: true)
            case .cancelled:
                breaker.abandoned()
                throw CancellationError()
            case .failed(let error, _): last = error
            }
            breaker.failed(last)
            emit(.fellBack(last))
        }
        throw last
    }
}

/// How much of a request's text has sounded, so that another voice can go on with the rest.
private struct SpokenSoFar: Sendable {
    private let request: SpeechRequest
    private var samples = 0
    private var words: [SpokenWord] = []
    /// Where the part that is being spoken now begins: in the text, and in the audio.
    private var textBegin = 0
    private var audioBegin = 0

    init(_ request: SpeechRequest) { self.request = request }

    var hasAudioOfRest: Bool { samples > audioBegin }

    mutating func beginRest() -> SpeechRequest {
        if samples > audioBegin { textBegin = firstOpenWord }
        audioBegin = samples
        words = []
        var rest = request
        rest.text = String(decoding: Array(request.text.utf8)[textBegin...], as: UTF8.self)
        return rest
    }

    /// Without word times nothing is known of how far it came: the audio's length at an ordinary pace tells.
    private var firstOpenWord: Int {
        if let open = words.first(where: { $0.samples.upperBound > samples }) { return open.textRange.lowerBound }
        if let last = words.last { return min(request.text.utf8.count, last.textRange.upperBound + 1) }
        let charactersPerSecond = 15
        let passed = textBegin + (samples - audioBegin) * charactersPerSecond / request.sampleRate.hz
        let bytes = Array(request.text.utf8)
        guard passed < bytes.count else { return bytes.count }
        return bytes[..<passed].lastIndex(of: UInt8(ascii: " ")).map { $0 + 1 } ?? textBegin
    }

    /// The event as part of the whole request's speech.
    mutating func take(_ event: SpeechEvent) -> SpeechEvent {
        switch event {
        case .audio(let audio):
            samples += audio.sampleCount
            return event
        case .words(let spoken):
            let placed = spoken.map { word in
                SpokenWord(
                    textRange: word.textRange.lowerBound + textBegin..<word.textRange.upperBound + textBegin,
                    samples: word.samples.lowerBound + audioBegin..<word.samples.upperBound + audioBegin)
            }
            words += placed
            return .words(placed)
        case .fellBack: return event
        }
    }
}
