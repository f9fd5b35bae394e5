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
    static let windowSeconds = 0.032
    /// Floats of the thread's scratch that it uses, from the first.
    static let scratchCount = 2 * 512 + Periodicity.scratchCount + 2

    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int

    var pastSamples: Int { windowSamples }
    private let windowSamples: Int
    private let sampleRate: SampleRate
    private var fft: RealFFT
    private let past: Scratch
    private var periodicity = Periodicity()
    private var state: FeatureState

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(sampleRate: SampleRate) throws(ConfigurationError) {
        guard sampleRate == .narrowband || sampleRate == .wideband else {
            throw ConfigurationError(field: "sampleRate", given: "\(sampleRate.hz) Hz", allowed: "8000 or 16000 Hz")
        }
        self.sampleRate = sampleRate
        hopSamples = sampleRate.samples(in: Self.hop)
        windowSamples = Int(Double(sampleRate.hz) * Self.windowSeconds)
        fft = RealFFT(size: windowSamples)
        past = Scratch(count: windowSamples)
        state = FeatureState(
            hopSeconds: Float(hopSamples) / Float(sampleRate.hz), isWideband: sampleRate == .wideband)
    }

    /// Takes the newest hop and writes its vector.
    ///
    /// - Precondition: `hop` has `hopSamples` samples, `features` room for `VoiceFeatures.count`.
    public mutating func process(_ hop: Span<Float>, into features: inout MutableSpan<Float>) {
        precondition(hop.count == hopSamples, "a hop has \(hopSamples) samples, given \(hop.count)")
        precondition(features.count >= VoiceFeatures.count, "room for 108 features needed, given \(features.count)")
        let edge = take(hop)
        // SAFETY: the thread's scratch holds the windowed samples, the bins and four values more, and what the periodicity needs.
        let scratch = ThreadScratch.feature
        applyWindow(into: scratch)
        let input = UnsafeBufferPointer(start: scratch, count: windowSamples)
        let output = UnsafeMutableBufferPointer(start: scratch + windowSamples, count: windowSamples / 2 + 4)
        let spectrum = UnsafeBufferPointer(output)
        var outputSpan = output.mutableSpan
        fft.powerSpectrum(of: input.span, into: &outputSpan)
        periodicity.update(spectrum.span, scratch: scratch + 2 * windowSamples)
        let measures = FeatureState.Measures(
            bandPowers: SpeechBands.shared.powers(of: spectrum.span), fineLow: FineBands.low(spectrum),
            fineHigh: FineBands.high(spectrum),
            upperPowers: sampleRate == .wideband ? UpperBands.powers(spectrum) : SIMD8(), edgePower: edge,
            harmonicity: periodicity.harmonicity, pitchOctaves: periodicity.pitchOctaves)
        features.withUnsafeMutableBufferPointer { state.update(measures, into: $0.baseAddress!) }
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        past.floats.update(repeating: 0)
        state = FeatureState(
            hopSeconds: Float(hopSamples) / Float(sampleRate.hz), isWideband: sampleRate == .wideband)
    }
}

// MARK: - Samples

extension VoiceFeatureExtractor {
    /// Moves the past on, puts the hop behind it, and gives the power of the hop's edges.
    private func take(_ hop: Span<Float>) -> Float {
        let (base, kept) = (past.floats.baseAddress!, windowSamples - hopSamples)
        memmove(base, base + hopSamples, kept * MemoryLayout<Float>.stride)
        let newest = base + kept
        // SAFETY: `newest` has room for hopSamples, and `hop` has that many.
        hop.withUnsafeBufferPointer { newest.update(from: $0.baseAddress!, count: hopSamples) }
        var powers = meanSquares(newest)
        if !(powers.whole <= 1) {
            sanitise(newest)
            powers = meanSquares(newest)
        }
        return powers.edges
    }

    /// The mean square of the newest hop and that of its edges.
    ///
    /// Edges are the first and the fourth difference at 8 kHz (spans of 125 and 500 µs at either rate), their powers added
    /// and divided by 8: −21 dB at 60 Hz, −7 dB at 300 Hz, within 4 dB of even from 500 to 3,400 Hz, all against 1 kHz. So
    /// the level of a hop of 10 ms alone is known without hum or offset and without a filter's memory.
    private func meanSquares(_ newest: UnsafeMutablePointer<Float>) -> (whole: Float, edges: Float) {
        let (now, span) = (UnsafeRawPointer(newest), windowSamples / 256)
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

    /// The rare case: something is not a number, not finite, or the hop is louder than full scale allows.
    private func sanitise(_ newest: UnsafeMutablePointer<Float>) {
        for i in 0..<hopSamples { newest[i] = newest[i].isFinite ? max(-1, min(1, newest[i])) : 0 }
    }

    private static let narrowWindow = Scratch(hann(256))
    private static let wideWindow = Scratch(hann(512))

    private func applyWindow(into windowed: UnsafeMutablePointer<Float>) {
        let window = sampleRate == .narrowband ? Self.narrowWindow.floats : Self.wideWindow.floats
        let (from, shape) = (UnsafeRawPointer(past.floats.baseAddress!), UnsafeRawPointer(window.baseAddress!))
        let to = UnsafeMutableRawPointer(windowed)
        // SAFETY: all three have windowSamples values, a multiple of 8.
        for offset in stride(from: 0, to: 4 * windowSamples, by: 32) {
            let samples = from.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            let weights = shape.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            to.storeBytes(of: samples * weights, toByteOffset: offset, as: SIMD8<Float>.self)
        }
    }

    /// A Hann window whose power spectrum, summed over the bins from 0 Hz to half the rate, is the signal's mean square.
    private static func hann(_ count: Int) -> [Float] {
        let shape = (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(count)) }
        let energy = shape.reduce(0) { $0 + $1 * $1 }
        let scale = sqrt(2 / (energy * Double(count)))
        return shape.map { Float($0 * scale) }
    }
}
