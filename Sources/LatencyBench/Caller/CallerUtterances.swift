import AudioFile
import CallRuntime
import CallTime
import Codecs
import LocalProviders
import Providers

/// What callers say: mu-law at 8 kHz, cut to where it is audible.
public enum CallerUtterances {
    public static let longest = Duration.seconds(30)

    /// Short, and without a comma: a caller who pauses inside a sentence measures patience, not speed.
    static let sentences = [
        "I would like to change my booking.", "Can you tell me your opening hours?", "Please send me the invoice again.",
        "I need help with my account.", "What does the delivery cost?", "My order has not arrived yet.",
        "Could you check the price for me?", "I want to cancel the second item.", "Is there anything free on Monday?",
        "How long will the repair take?", "Please note my new address.", "Do you also open on Sunday?",
    ]

    /// One utterance a file: channel 1 of anything libsndfile reads, resampled.
    ///
    /// - Throws: `AudioFileError`, or `ConfigurationError` for a file that is silent or too long.
    public static func read(_ paths: [String]) throws -> [[UInt8]] {
        try paths.map { path in
            let speech = trimmed(try CallerRecording(path: path).muLaw)
            guard !speech.isEmpty, speech.count <= SampleRate.narrowband.samples(in: longest) else {
                throw ConfigurationError(
                    field: "caller", given: "\(path): \(speech.isEmpty ? "silence" : "\(speech.count / 8_000) s")",
                    allowed: "one utterance of at most 30 s")
            }
            return speech
        }
    }

    /// A dozen sentences by the local voice.
    ///
    /// - Throws: `ProviderError`.
    public static func synthesized() async throws -> [[UInt8]] {
        let voice = try FliteVoice()
        var utterances: [[UInt8]] = []
        for sentence in sentences {
            var bytes: [UInt8] = []
            for try await event in voice.synthesize(SpeechRequest(text: sentence)) {
                if case .audio(let payload) = event { bytes += muLaw(payload) }
            }
            utterances.append(trimmed(bytes))
        }
        return utterances
    }

    private static func muLaw(_ payload: AudioPayload) -> [UInt8] {
        switch payload {
        case .muLaw(let bytes): Array(bytes)
        case .linear16(let samples): samples.map { MuLaw.encode($0) }
        }
    }

    /// From the first audible frame to the last.
    public static func trimmed(_ muLaw: [UInt8]) -> [UInt8] {
        var spans = VoicedSpans()
        spans.append(muLaw, at: 0)
        guard let first = spans.spans.first?.lowerBound, let end = spans.lastEnd else { return [] }
        return Array(muLaw[first..<end])
    }
}
