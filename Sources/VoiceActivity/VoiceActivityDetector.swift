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
/// - Real time: allocates in `init`, and on a thread's first hop that thread's working memory; no lock, no Foundation. One
///   thread at a time.
/// - Cost and quality: Benchmarks/voice-activity.md.
public struct VoiceActivityDetector: ~Copyable, Sendable {
    /// What turns features into probabilities.
    public enum Kind: String, Sendable, CaseIterable {
        /// A small recurrent network, trained on speech and noise as telephone lines bring them (Training/).
        case learned
        /// One weighted sum of energy and spectral features and their leaky means.
        case rule
    }

    public struct Configuration: Sendable, Equatable {
        /// 8 or 16 kHz. At 16 kHz the band from 4 to 7.75 kHz is listened to as well.
        public var sampleRate: SampleRate = .narrowband
        public var kind = Kind.learned
        public init() {}
    }

    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int
    /// The newest hop's level over its noise floor, dB, −10…60, from that hop's samples alone: how `Endpointer` finds
    /// where speech began and ended. −10 before the first hop.
    public private(set) var levelOverFloorDB: Float = -10

    /// The power in each of `SpeechBands` of the newest window, for the echo reference.
    var bandPowers: SIMD16<Float> { extractor.bandPowers }

    private var extractor: VoiceFeatureExtractor
    private let kind: Kind
    private var network: SpeechNetwork

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(_ configuration: Configuration = Configuration()) throws(ConfigurationError) {
        extractor = try VoiceFeatureExtractor(sampleRate: configuration.sampleRate)
        hopSamples = extractor.hopSamples
        kind = configuration.kind
        network = SpeechNetwork(isWideband: configuration.sampleRate == .wideband)
    }

    /// Takes the newest hop and gives its probability of speech.
    ///
    /// - Precondition: `hop` has `hopSamples` samples.
    public mutating func process(_ hop: Span<Float>) -> Float {
        // SAFETY: the extractor leaves the last part of the thread's scratch alone.
        let vector = UnsafeMutableBufferPointer(
            start: ThreadScratch.feature + VoiceFeatureExtractor.scratchCount, count: VoiceFeatures.count)
        var span = vector.mutableSpan
        extractor.process(hop, into: &span)
        levelOverFloorDB = vector[VoiceFeatures.Scalar.edgeOverFloor.rawValue]
        return kind == .rule ? SpeechRule.shared.probability(of: span.span) : network.probability(of: span.span)
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        extractor.reset()
        network.reset()
        levelOverFloorDB = -10
    }

    /// Bytes that this call's detector holds: its own and those it allocated. Tables, weights and working memory are
    /// shared by the calls of a process or of a thread.
    public var stateBytes: Int {
        MemoryLayout<VoiceActivityDetector>.size + 4 * extractor.pastSamples + SpeechNetwork.stateBytes
    }
}
