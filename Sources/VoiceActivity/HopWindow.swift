import AudioCore
import CallTime
import Glibc

/// The last 32 ms of one direction of a call, and their power spectrum: what the features and the echo reference both
/// look at, so that what one explains is what the other heard.
struct HopWindow: ~Copyable, Sendable {
    /// Samples a hop of 10 ms: 80 at 8 kHz, 160 at 16 kHz.
    let hopSamples: Int
    /// Samples a window: 256 or 512, so that bins lie 31.25 Hz apart at either rate.
    let windowSamples: Int

    private let past: Scratch
    private var fft: RealFFT

    /// Floats of the thread's scratch that `powerSpectrum` uses at most, from the first: windowed samples, bins and four
    /// values more.
    static let scratchCount = 2 * 512

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    init(sampleRate: SampleRate) throws(ConfigurationError) {
        guard sampleRate == .narrowband || sampleRate == .wideband else {
            throw ConfigurationError(field: "sampleRate", given: "\(sampleRate.hz) Hz", allowed: "8000 or 16000 Hz")
        }
        hopSamples = sampleRate.hz / 100
        windowSamples = sampleRate.hz * 4 / 125
        past = Scratch(count: windowSamples)
        fft = RealFFT(size: windowSamples)
    }

    /// The newest hop; before it lie older samples of the window.
    var newest: UnsafeMutablePointer<Float> { past.floats.baseAddress! + windowSamples - hopSamples }

    /// Moves the past on and puts the hop behind it.
    /// - Precondition: `hop` has `hopSamples` samples.
    func append(_ hop: Span<Float>) {
        precondition(hop.count == hopSamples, "a hop has \(hopSamples) samples, given \(hop.count)")
        let (base, kept) = (past.floats.baseAddress!, windowSamples - hopSamples)
        memmove(base, base + hopSamples, kept * MemoryLayout<Float>.stride)
        let newest = newest
        // SAFETY: `newest` has room for hopSamples, and `hop` has that many.
        hop.withUnsafeBufferPointer { newest.update(from: $0.baseAddress!, count: hopSamples) }
    }

    /// For the rare hop that holds something not finite, or is louder than full scale allows: 0 for the one, ±1 for the
    /// other.
    func sanitiseNewest() {
        let newest = newest
        for i in 0..<hopSamples { newest[i] = newest[i].isFinite ? max(-1, min(1, newest[i])) : 0 }
    }

    /// The window's power spectrum and three values more; it lies in `scratch` behind the windowed samples.
    /// - Parameter scratch: room for `scratchCount` floats.
    mutating func powerSpectrum(scratch: UnsafeMutablePointer<Float>) -> UnsafeBufferPointer<Float> {
        applyWindow(into: scratch)
        let input = UnsafeBufferPointer(start: scratch, count: windowSamples)
        let output = UnsafeMutableBufferPointer(start: scratch + windowSamples, count: windowSamples / 2 + 4)
        var span = output.mutableSpan
        fft.powerSpectrum(of: input.span, into: &span)
        return UnsafeBufferPointer(output)
    }

    func reset() { past.floats.update(repeating: 0) }
}

extension HopWindow {
    private static let narrow = Scratch(hann(256))
    private static let wide = Scratch(hann(512))

    private func applyWindow(into windowed: UnsafeMutablePointer<Float>) {
        let window = windowSamples == 256 ? Self.narrow.floats : Self.wide.floats
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
