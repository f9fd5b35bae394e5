import AudioCore
import CallTime

/// Says for each hop how likely the caller speaks in it: `VoiceActivityDetector`'s probability, lowered where our own
/// voice explains the sound.
public struct NearEndDetector: ~Copyable, Sendable {
    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int
    /// The newest hop's level over its noise floor, dB, −10…60, as `VoiceActivityDetector.levelOverFloorDB`; where echo
    /// explains the hop, not above what is left.
    public private(set) var levelOverFloorDB: Float = -10
    /// What the echo reference said of the newest hop.
    public private(set) var nearEnd = NearEnd()

    private var detector: VoiceActivityDetector
    private var echo: EchoReference

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(
        _ configuration: VoiceActivityDetector.Configuration = VoiceActivityDetector.Configuration()
    ) throws(ConfigurationError) {
        // Both before either is kept: a noncopyable value is initialised as a whole or not at all.
        let detector = try VoiceActivityDetector(configuration)
        let echo = try EchoReference(sampleRate: configuration.sampleRate)
        hopSamples = detector.hopSamples
        self.detector = detector
        self.echo = echo
    }

    /// Takes what was heard and what was played in the same 10 ms, and gives the probability that the caller speaks.
    ///
    /// - Precondition: both have `hopSamples` samples.
    public mutating func process(_ near: Span<Float>, played: Span<Float>) -> Float {
        let probability = detector.process(near)
        nearEnd = echo.process(near: detector.bandPowers, played: played)
        levelOverFloorDB = detector.levelOverFloorDB
        if nearEnd.isEchoLikely { levelOverFloorDB = min(levelOverFloorDB, nearEnd.excessDB) }
        return probability * nearEnd.nearEnd
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        detector.reset()
        echo.reset()
        (nearEnd, levelOverFloorDB) = (NearEnd(), -10)
    }
}
