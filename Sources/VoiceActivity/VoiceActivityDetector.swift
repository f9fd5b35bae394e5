import AudioCore
import CallTime

/// Says for each hop of 10 ms how likely it holds speech.
///
/// - Input: one hop of mono samples, −1…1, exactly `hopSamples` long, at 8 or 16 kHz. Samples that are not finite count
///   as 0; they do not outlive the window of 32 ms.
/// - Output: the probability of speech in the newest hop, 0…1; 0.5 is the fair threshold. No look-ahead: each value
///   uses what came before its hop's end and nothing else.
/// - At the edges: silence, a line's hiss, mains hum and an offset stay under 0.5 (tests). After loud noise sets in, the
///   noise floors take 1.6 to 2.4 s to rise; the shape and the movement of the sound carry the decision until then.
/// - Real time: allocates in `init` only; no lock, no Foundation. One thread at a time.
/// - Cost and quality: Benchmarks/voice-activity.md.
public struct VoiceActivityDetector: ~Copyable, Sendable {
    public struct Configuration: Sendable, Equatable {
        /// 8 or 16 kHz. Above 4 kHz nothing is looked at, so both judge the same call alike.
        public var sampleRate: SampleRate = .narrowband
        public init() {}
    }

    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int
    /// The newest hop's level over its noise floor, dB, −10…60, from that hop's samples alone: how `Endpointer` finds
    /// where speech began and ended. −10 before the first hop.
    public private(set) var levelOverFloorDB: Float = -10

    private var extractor: VoiceFeatureExtractor
    private let rule = SpeechRule()
    private let features = Scratch(count: VoiceFeatures.count)

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(_ configuration: Configuration = Configuration()) throws(ConfigurationError) {
        extractor = try VoiceFeatureExtractor(sampleRate: configuration.sampleRate)
        hopSamples = extractor.hopSamples
    }

    /// Takes the newest hop and gives its probability of speech.
    ///
    /// - Precondition: `hop` has `hopSamples` samples.
    public mutating func process(_ hop: Span<Float>) -> Float {
        let vector = features.floats
        var span = vector.mutableSpan
        extractor.process(hop, into: &span)
        levelOverFloorDB = vector[VoiceFeatures.Scalar.edgeOverFloor.rawValue]
        return rule.probability(of: span.span)
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        extractor.reset()
        levelOverFloorDB = -10
    }
}
