import AudioCore
import CallTime
import Glibc

/// The band powers of the two directions of a call: windows of 32 ms that end with the newest hop.
///
/// Windows and bands are `VoiceFeatureExtractor`'s, so that what is explained here is what the detector heard.
struct EchoSpectra: ~Copyable, Sendable {
    let hopSamples: Int

    private let windowSamples: Int
    private let bands = SpeechBands.shared
    private var fft: RealFFT
    private let window: Scratch
    private let nearPast: Scratch
    private let playedPast: Scratch
    private let windowed: Scratch
    private let power: Scratch
    /// Hops in a row in which nothing was played; the window is empty after four.
    private var silentHops = 4

    init(sampleRate: SampleRate) throws(ConfigurationError) {
        guard sampleRate == .narrowband || sampleRate == .wideband else {
            throw ConfigurationError(field: "sampleRate", given: "\(sampleRate.hz) Hz", allowed: "8000 or 16000 Hz")
        }
        hopSamples = sampleRate.hz / 100
        windowSamples = sampleRate.hz * 4 / 125
        fft = RealFFT(size: windowSamples)
        window = Scratch(Self.hann(windowSamples))
        nearPast = Scratch(count: windowSamples)
        playedPast = Scratch(count: windowSamples)
        windowed = Scratch(count: windowSamples)
        power = Scratch(count: windowSamples / 2 + 4)
    }

    /// The power in each band of what was heard.
    mutating func near(_ hop: Span<Float>) -> SIMD16<Float> {
        precondition(hop.count == hopSamples, "a hop has \(hopSamples) samples, given \(hop.count)")
        let past = nearPast.floats.baseAddress!
        _ = take(hop, past)
        return powers(past)
    }

    /// The power in each band of what was played; zeros, at no cost, while that is silence.
    mutating func played(_ hop: Span<Float>) -> SIMD16<Float> {
        precondition(hop.count == hopSamples, "a hop has \(hopSamples) samples, given \(hop.count)")
        let past = playedPast.floats.baseAddress!
        silentHops = take(hop, past) > 0 ? 0 : min(silentHops + 1, 4)
        return silentHops < 4 ? powers(past) : SIMD16()
    }

    mutating func reset() {
        nearPast.floats.update(repeating: 0)
        playedPast.floats.update(repeating: 0)
        silentHops = 4
    }
}

extension EchoSpectra {
    /// Moves `past` on, puts the hop behind it and gives the hop's energy. What is not finite counts as 0; a hop louder
    /// than full scale is limited to ±1.
    private func take(_ hop: Span<Float>, _ past: UnsafeMutablePointer<Float>) -> Float {
        let kept = windowSamples - hopSamples
        memmove(past, past + hopSamples, kept * MemoryLayout<Float>.stride)
        let newest = past + kept
        // SAFETY: `newest` has room for hopSamples, and `hop` has that many.
        hop.withUnsafeBufferPointer { newest.update(from: $0.baseAddress!, count: hopSamples) }
        let whole = energy(newest)
        if whole <= Float(hopSamples) { return whole }
        for i in 0..<hopSamples { newest[i] = newest[i].isFinite ? max(-1, min(1, newest[i])) : 0 }
        return energy(newest)
    }

    private func energy(_ samples: UnsafePointer<Float>) -> Float {
        let from = UnsafeRawPointer(samples)
        var squares = SIMD8<Float>()
        // SAFETY: hopSamples is a multiple of 8.
        for offset in stride(from: 0, to: 4 * hopSamples, by: 32) {
            let eight = from.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            squares += eight * eight
        }
        return squares.total
    }

    private mutating func powers(_ past: UnsafePointer<Float>) -> SIMD16<Float> {
        let (from, shape) = (UnsafeRawPointer(past), UnsafeRawPointer(window.floats.baseAddress!))
        let to = UnsafeMutableRawPointer(windowed.floats.baseAddress!)
        // SAFETY: all three have windowSamples values, a multiple of 8.
        for offset in stride(from: 0, to: 4 * windowSamples, by: 32) {
            let samples = from.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            let weights = shape.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            to.storeBytes(of: samples * weights, toByteOffset: offset, as: SIMD8<Float>.self)
        }
        let (input, output) = (UnsafeBufferPointer(windowed.floats), power.floats)
        var outputSpan = output.mutableSpan
        fft.powerSpectrum(of: input.span, into: &outputSpan)
        return bands.powers(of: UnsafeBufferPointer(output).span)
    }

    /// A Hann window scaled so that the bins' powers add up to the signal's mean square.
    private static func hann(_ count: Int) -> [Float] {
        let shape = (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(count)) }
        let energy = shape.reduce(0) { $0 + $1 * $1 }
        let scale = sqrt(2 / (energy * Double(count)))
        return shape.map { Float($0 * scale) }
    }
}
