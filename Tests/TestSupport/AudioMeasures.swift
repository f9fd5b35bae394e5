import CallTime
import Glibc

/// Measures for assertions: `#expect(AudioMeasures.signalToNoiseDB(of: out, against: wanted) > 60)`.
public enum AudioMeasures {
    /// 10·log10 of the wanted signal's energy over that of the difference; infinite when they are equal.
    ///
    /// Both have the same length; what is compared must be aligned.
    public static func signalToNoiseDB(of samples: some Collection<Float>, against wanted: some Collection<Float>)
        -> Double
    {
        precondition(samples.count == wanted.count, "\(samples.count) samples against \(wanted.count)")
        var (signal, noise) = (0.0, 0.0)
        for (sample, expected) in zip(samples, wanted) {
            signal += Double(expected) * Double(expected)
            let difference = Double(sample) - Double(expected)
            noise += difference * difference
        }
        return 10 * log10(signal / noise)
    }

    /// The amplitude and the phase of the sine of `frequencyHz` that fits best, and what is left over, in dB below it.
    public struct Tone: Sendable {
        public var amplitude: Double
        /// As in `Signals.sine`, radians, −π…π.
        public var phase: Double
        public var toResidualDB: Double
    }

    /// Fits a sine of a known frequency by least squares.
    public static func tone(_ frequencyHz: Double, in samples: some Collection<Float>, at rate: SampleRate) -> Tone {
        var (ss, sc, cc, ys, yc) = (0.0, 0.0, 0.0, 0.0, 0.0)
        let step = 2 * Double.pi * frequencyHz / Double(rate.hz)
        for (n, sample) in samples.enumerated() {
            let (s, c) = (sin(step * Double(n)), cos(step * Double(n)))
            ss += s * s
            sc += s * c
            cc += c * c
            ys += Double(sample) * s
            yc += Double(sample) * c
        }
        let determinant = ss * cc - sc * sc
        let a = (ys * cc - yc * sc) / determinant
        let b = (yc * ss - ys * sc) / determinant
        var (signal, residual) = (0.0, 0.0)
        for (n, sample) in samples.enumerated() {
            let fitted = a * sin(step * Double(n)) + b * cos(step * Double(n))
            signal += fitted * fitted
            residual += (Double(sample) - fitted) * (Double(sample) - fitted)
        }
        return Tone(
            amplitude: (a * a + b * b).squareRoot(), phase: atan2(b, a), toResidualDB: 10 * log10(signal / residual))
    }

    /// The mean square of samples in dB of full scale; −infinity for silence.
    public static func levelDBFS(_ samples: some Collection<Float>) -> Double {
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        return 10 * log10(energy / Double(samples.count))
    }
}
