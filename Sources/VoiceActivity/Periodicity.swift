import AudioCore
import Glibc

/// How voiced a window is: the highest peak of the autocorrelation of the compressed spectrum, and its lag.
///
/// The magnitudes (square roots of powers: a compression that keeps a loud first formant from hiding the harmonics) of
/// the bins from 62.5 to 1,937.5 Hz, tapered by half a sine, are transformed as an even spectrum of 128 points. Its lags
/// are 0.25 ms apart at either sample rate; those from 2.5 to 14 ms (400 to 71 Hz) are searched.
/// - Source: generalised autocorrelation (Tolonen & Karjalainen 2000). The range of lags is that of speaking voices.
struct Periodicity: ~Copyable, Sendable {
    static let size = 128
    static let firstBin = 2
    static let lastBin = 62
    static let shortestLag = 10
    static let longestLag = 56
    static let scratchCount = 2 * size + 2

    /// The peak's height over the value at lag 0: about 0.15 in noise, 0.4 to 0.8 in a clear vowel; 0 in silence.
    private(set) var harmonicity: Float = 0
    /// log2 of the peak's frequency over 100 Hz: −0.5 to 2; 0 where harmonicity is 0.
    private(set) var pitchOctaves: Float = 0

    private var fft = RealFFT(size: size)
    private static let taper = Scratch(halfSine())

    /// - Parameters:
    ///   - power: the power spectrum in bins of 31.25 Hz, at least 64 of them.
    ///   - scratch: room for `scratchCount` floats.
    mutating func update(_ power: Span<Float>, scratch: UnsafeMutablePointer<Float>) {
        precondition(power.count >= Self.size / 2, "64 bins needed, given \(power.count)")
        power.withUnsafeBufferPointer { Self.compress($0.baseAddress!, into: scratch) }
        let bins = Self.size / 2 + 1
        // SAFETY: the spectrum and the two parts of its transform lie side by side in `scratch`.
        let even = UnsafeBufferPointer(start: scratch, count: Self.size)
        let real = UnsafeMutableBufferPointer(start: scratch + Self.size, count: bins)
        let imaginary = UnsafeMutableBufferPointer(start: scratch + Self.size + bins, count: bins)
        var realSpan = real.mutableSpan
        var imaginarySpan = imaginary.mutableSpan
        fft.spectrum(of: even.span, real: &realSpan, imaginary: &imaginarySpan)
        (harmonicity, pitchOctaves) = Self.peak(of: realSpan.span)
    }

    private static func compress(_ power: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>) {
        let half = size / 2
        let spectrum = UnsafeMutableRawPointer(values)
        let taper = UnsafeRawPointer(taper.floats.baseAddress!)
        // SAFETY: reads and writes 0..<half; the mirror writes half + 1..<size.
        for offset in stride(from: 0, to: 4 * half, by: 16) {
            let bins = UnsafeRawPointer(power).loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self)
            let share = taper.loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self)
            spectrum.storeBytes(of: squareRoot(bins) * share, toByteOffset: offset, as: SIMD4<Float>.self)
        }
        values[half] = 0
        for k in 1..<half { values[size - k] = values[k] }
    }

    /// √x within 0.2 %, 0 for 0: the reciprocal root by halving the exponent and one step of Newton's. The standard
    /// library's takes one lane at a time.
    @inline(__always)
    private static func squareRoot(_ x: SIMD4<Float>) -> SIMD4<Float> {
        let bits = unsafeBitCast(x, to: SIMD4<UInt32>.self)
        let guess = unsafeBitCast(0x5F37_59DF &- (bits &>> 1), to: SIMD4<Float>.self)
        let half: SIMD4<Float> = x * 0.5
        let square: SIMD4<Float> = guess * guess
        let factor: SIMD4<Float> = 1.5 - half * square
        return x * guess * factor
    }

    private static func halfSine() -> [Float] {
        var taper = [Float](repeating: 0, count: size / 2)
        let span = Double(lastBin - firstBin + 2)
        for bin in firstBin...lastBin { taper[bin] = Float(sin(.pi * Double(bin - firstBin + 1) / span)) }
        return taper
    }

    /// The highest local maximum within the range of lags, over lag 0, and log2 of its frequency over 100 Hz.
    private static func peak(of r: Span<Float>) -> (height: Float, octaves: Float) {
        let whole = r[0]
        guard whole > 1e-4 else { return (0, 0) }
        var best = 0
        var peak: Float = 0
        for lag in shortestLag...longestLag where r[lag] > peak && r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1] {
            (best, peak) = (lag, r[lag])
        }
        guard best > 0 else { return (0, 0) }
        let (before, after) = (r[best - 1], r[best + 1])
        let curvature = before - 2 * peak + after
        let offset = curvature < 0 ? 0.5 * (before - after) / curvature : 0
        return (min(1, peak / whole), log2f(40 / (Float(best) + offset)))
    }
}
