import CFlite
import CallTime
import Codecs
import Dispatch
import Providers
import Synchronization

/// Speech from flite, a synthesizer small enough to live in the process: no key, no network.
///
/// - Voices: `kal` (8 kHz, the default) and `kal16` are spliced from recordings: the same text gives the same samples.
///   `slt`, `rms` and `awb` are statistical, sound smoother, and differ a little from run to run.
/// - Output: words' places first, then audio in chunks of 100 ms at the asked rate. The pause after the last word is
///   cut to 100 ms; the runtime leaves out the one before the first.
/// - Cost: a sentence takes about 10 ms with `kal`; it is synthesized whole on a thread of its own, one at a time in
///   the process, since flite's voices keep state.
public struct FliteVoice: TextToSpeech {
    public let name = "flite"
    private let voice: String

    /// - Throws: `ProviderError` naming the known voices when `voice` is none of them.
    public init(voice: String = "kal") throws(ProviderError) {
        guard FliteLibrary.voices.contains(voice) else { throw FliteLibrary.unknown(voice) }
        self.voice = voice
    }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        let wanted = request.voice.isEmpty ? voice : request.voice
        return AsyncThrowingStream { continuation in
            let isWanted = Atomic(true)
            let shared = CancelFlag(isWanted)
            continuation.onTermination = { _ in shared.cancel() }
            FliteLibrary.queue.async {
                guard shared.isWanted else { return }
                do throws(ProviderError) {
                    let speech = try FliteLibrary.speak(request.text, voice: wanted)
                    for event in try speech.events(at: request.sampleRate) {
                        guard shared.isWanted else { return }
                        continuation.yield(event)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
        }
    }
}

/// Whether somebody still listens.
private final class CancelFlag: Sendable {
    private let wanted: Atomic<Bool>
    init(_ wanted: consuming Atomic<Bool>) { self.wanted = wanted }
    var isWanted: Bool { wanted.load(ordering: .acquiring) }
    func cancel() { wanted.store(false, ordering: .releasing) }
}

/// One synthesized text.
struct FliteSpeech: Sendable {
    var samples: [Int16]
    var rate: SampleRate
    var words: [Providers.SpokenWord]

    /// The words, then the audio in chunks of 100 ms, both at `wanted`.
    func events(at wanted: SampleRate) throws(ProviderError) -> [SpeechEvent] {
        guard !samples.isEmpty else { return [] }
        let audio = try resampled(to: wanted)
        let scaled = words.map { word in
            Providers.SpokenWord(
                textRange: word.textRange,
                samples: (word.samples.lowerBound * wanted.hz / rate.hz)..<(word.samples.upperBound * wanted.hz
                    / rate.hz))
        }
        var events: [SpeechEvent] = scaled.isEmpty ? [] : [.words(scaled)]
        let chunk = wanted.hz / 10
        for begin in stride(from: 0, to: audio.count, by: chunk) {
            events.append(.audio(.linear16(Array(audio[begin..<min(audio.count, begin + chunk)]))))
        }
        return events
    }

    private func resampled(to wanted: SampleRate) throws(ProviderError) -> [Int16] {
        if wanted == rate { return samples }
        do throws(ConfigurationError) {
            var resampler = try Resampler(from: rate, to: wanted)
            let input = samples.map { Float($0) / 32_768 }
            var output = [Float](repeating: 0, count: resampler.maxOutput(forInput: input.count) + 4_096)
            var room = output.mutableSpan
            let count = resampler.process(input.span, into: &room)
            var rest = room.extracting(droppingFirst: count)
            let flushed = resampler.flush(into: &rest)
            return output[..<(count + flushed)].map { Int16(max(-1, min(1, $0)) * 32_767) }
        } catch {
            throw ProviderError(provider: "flite", kind: .rejected, detail: error.description)
        }
    }
}
