import Glibc

/// The low-pass filter behind one ratio L/M of the polyphase resampler, cut into L phases.
///
/// A windowed sinc at the common rate (L × input = M × output), Kaiser window. Everything is measured in periods of the
/// lower of the two rates, so that each ratio has the same response there: −6 dB at 0.430 of that rate (3,442 Hz of
/// 8,000), stop band from half of it on. Measured in Benchmarks/resampler.md.
struct PolyphaseDesign {
    /// Half the filter's length in periods of the lower rate. It sets the delay (3 ms at 8 kHz) and the transition
    /// band: 0.139 of the rate for 104 dB. 20 would do as well as libsamplerate's FASTEST; 24 keep more of 3.4 kHz.
    static let halfWidth = 24
    /// What the Kaiser window is designed for, in dB.
    static let stopBandDB = 104.0
    /// Ratios with larger terms are left to libsamplerate: the table would grow, and no codec needs them.
    static let largestTerm = 6

    /// Outputs for every `decimation` inputs (L).
    let interpolation: Int
    /// Inputs for every `interpolation` outputs (M).
    let decimation: Int

    /// `nil` when the ratio is not for this method: a term too large, or a delay that is no whole number of outputs.
    init?(inputHz: Int, outputHz: Int) {
        let divisor = Self.greatestCommonDivisor(inputHz, outputHz)
        interpolation = outputHz / divisor
        decimation = inputHz / divisor
        guard max(interpolation, decimation) <= Self.largestTerm, halfLength % decimation == 0 else { return nil }
    }

    /// D: half the filter's length in samples at the common rate, also its delay there.
    private var halfLength: Int { Self.halfWidth * max(interpolation, decimation) }
    /// The delay in output samples.
    var delaySamples: Int { halfLength / decimation }
    /// Taps a phase, rounded up to whole vectors.
    var tapsPerPhase: Int { ((2 * halfLength + interpolation - 1) / interpolation + 7) / 8 * 8 }

    /// The phases one after another, each with its oldest tap first: an output is the dot product of a phase with the
    /// `tapsPerPhase` inputs up to the newest one it may use.
    func coefficients() -> [Float] {
        let taps = tapsPerPhase
        var result = [Float](repeating: 0, count: interpolation * taps)
        for phase in 0..<interpolation {
            let ideal = (0..<taps).map { tap(at: phase + $0 * interpolation - halfLength) }
            // Each phase passes a constant unchanged, exactly: no ripple at the input's rate on 0 Hz.
            let gain = 1 / ideal.reduce(0, +)
            for j in 0..<taps { result[phase * taps + taps - 1 - j] = Float(ideal[j] * gain) }
        }
        return result
    }

    /// The filter's value `n` samples at the common rate from its middle.
    private func tap(at n: Int) -> Double {
        let beta = 0.1102 * (Self.stopBandDB - 8.7)
        let ratio = Double(n) / Double(halfLength)
        guard abs(ratio) < 1 else { return 0 }
        let window = Self.besselI0(beta * (1 - ratio * ratio).squareRoot()) / Self.besselI0(beta)
        // Kaiser's estimate of the transition band; its upper edge lies at half the lower rate.
        let transition = (Self.stopBandDB - 7.95) / (2.285 * 2 * .pi * Double(2 * Self.halfWidth))
        let cutoff = 0.5 - transition / 2
        let x = 2 * cutoff * Double(n) / Double(max(interpolation, decimation))
        let sinc = n == 0 ? 1 : sin(.pi * x) / (.pi * x)
        return sinc * window
    }

    /// The modified Bessel function of order 0, by its power series.
    private static func besselI0(_ x: Double) -> Double {
        var (sum, term, k) = (1.0, 1.0, 1.0)
        while term > sum * 1e-17 {
            term *= (x / (2 * k)) * (x / (2 * k))
            sum += term
            k += 1
        }
        return sum
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
