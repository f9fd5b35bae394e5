import AudioCore
import CallTime
import Glibc

/// Turns audio into the feature vectors of `VoiceFeatures`, one each hop of 10 ms.
///
/// - Input: one hop of mono samples, −1…1, exactly `hopSamples` long, at 8 or 16 kHz. Samples that are
///   not finite count as 0; a hop whose mean square is above full scale is limited to ±1.
/// - Output: 108 values on the last 32 ms (a Hann window that ends with the hop) and on leaky memories of the past. No
///   look-ahead: a window's centre lies 16 ms back.
/// - Real time: allocates in `init`, and on a thread's first hop its working memory; one transform of the window and one
///   of 128 points a hop.
public struct VoiceFeatureExtractor: ~Copyable, Sendable {
    /// Time from one vector to the next.
    public static let hop: Duration = .milliseconds(10)
    /// Floats of the thread's scratch that it uses, from the first.
    static let scratchCount = HopWindow.scratchCount + Periodicity.scratchCount + 2

    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public var hopSamples: Int { window.hopSamples }
    /// The power in each of `SpeechBands` of the newest window.
    private(set) var bandPowers = SIMD16<Float>()

    var pastSamples: Int { window.windowSamples }
    private let isWideband: Bool
    private var window: HopWindow
    private var periodicity = Periodicity()
    private var state: FeatureState

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(sampleRate: SampleRate) throws(ConfigurationError) {
        window = try HopWindow(sampleRate: sampleRate)
        isWideband = sampleRate == .wideband
        state = FeatureState(hopSeconds: 0.01, isWideband: isWideband)
    }

    /// Takes the newest hop and writes its vector.
    ///
    /// - Precondition: `hop` has `hopSamples` samples, `features` room for `VoiceFeatures.count`.
    public mutating func process(_ hop: Span<Float>, into features: inout MutableSpan<Float>) {
        precondition(features.count >= VoiceFeatures.count, "room for 108 features needed, given \(features.count)")
        let edge = take(hop)
        // SAFETY: the thread's scratch holds the window's part, and behind it what the periodicity needs.
        let scratch = ThreadScratch.feature
        let spectrum = window.powerSpectrum(scratch: scratch)
        periodicity.update(spectrum.span, scratch: scratch + HopWindow.scratchCount)
        bandPowers = SpeechBands.shared.powers(of: spectrum.span)
        let measures = FeatureState.Measures(
            bandPowers: bandPowers, fineLow: FineBands.low(spectrum), fineHigh: FineBands.high(spectrum),
            upperPowers: isWideband ? UpperBands.powers(spectrum) : SIMD8(), edgePower: edge,
            harmonicity: periodicity.harmonicity, pitchOctaves: periodicity.pitchOctaves)
        features.withUnsafeMutableBufferPointer { state.update(measures, into: $0.baseAddress!) }
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        window.reset()
        bandPowers = SIMD16()
        state = FeatureState(hopSeconds: 0.01, isWideband: isWideband)
    }
}

// MARK: - Samples

extension VoiceFeatureExtractor {
    /// Takes the hop and gives the power of its edges.
    private func take(_ hop: Span<Float>) -> Float {
        window.append(hop)
        var powers = meanSquares(window.newest)
        if !(powers.whole <= 1) {
            window.sanitiseNewest()
            powers = meanSquares(window.newest)
        }
        return powers.edges
    }

    /// The mean square of the newest hop and that of its edges.
    ///
    /// Edges are the first and the fourth difference at 8 kHz (spans of 125 and 500 µs at either rate), their powers added
    /// and divided by 8: −21 dB at 60 Hz, −7 dB at 300 Hz, within 4 dB of even from 500 to 3,400 Hz, all against 1 kHz. So
    /// the level of a hop of 10 ms alone is known without hum or offset and without a filter's memory.
    private func meanSquares(_ newest: UnsafeMutablePointer<Float>) -> (whole: Float, edges: Float) {
        let (now, span) = (UnsafeRawPointer(newest), window.windowSamples / 256)
        let (near, far) = (UnsafeRawPointer(newest - span), UnsafeRawPointer(newest - 4 * span))
        var (squares, edges) = (SIMD8<Float>(), SIMD8<Float>())
        // SAFETY: hopSamples is a multiple of 8; at least 8 older samples precede `newest`.
        for offset in stride(from: 0, to: 4 * hopSamples, by: 32) {
            let samples = now.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            let first = samples - near.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            let fourth = samples - far.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            squares += samples * samples
            edges += first * first
            edges += fourth * fourth
        }
        return (squares.total / Float(hopSamples), edges.total * 0.125 / Float(hopSamples))
    }
}
