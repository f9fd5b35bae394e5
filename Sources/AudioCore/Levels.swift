import Glibc

/// How loud samples are: mean square, peak, dBFS.
///
/// Full scale is 1: a sine of amplitude 1 has a mean square of 0.5, which is −3.01 dBFS.
public enum Levels {
    /// The level given for digital silence and all below it, in dBFS. 16-bit audio's smallest step lies at −90.3.
    public static let floorDBFS: Float = -120

    /// The mean of the squares of `samples`; 0 for none. Not a number if a sample is not.
    ///
    /// Eight partial sums: exact to about 1e-6 of the result for frames of any length used here.
    public static func meanSquare(_ samples: Span<Float>) -> Float {
        guard !samples.isEmpty else { return 0 }
        let total = samples.withUnsafeBufferPointer { buffer in sumOfSquares(buffer) }
        return total / Float(samples.count)
    }

    /// The largest magnitude among `samples`; 0 for none. Samples that are not a number are passed over.
    public static func peak(_ samples: Span<Float>) -> Float {
        var peak: Float = 0
        for i in samples.indices {
            let magnitude = abs(samples[i])
            if magnitude > peak { peak = magnitude }
        }
        return peak
    }

    /// 10·log10 of a mean square, at least `floorDBFS`; the floor as well for what is not a number.
    public static func dBFS(meanSquare: Float) -> Float {
        meanSquare > 1e-12 ? 10 * log10f(meanSquare) : floorDBFS
    }

    /// The mean square that `dBFS` gives back as that level: 10^(level/10).
    public static func meanSquare(dBFS level: Float) -> Float { powf(10, level / 10) }

    private static func sumOfSquares(_ buffer: UnsafeBufferPointer<Float>) -> Float {
        guard let base = buffer.baseAddress else { return 0 }
        let whole = buffer.count & ~7
        var sums = SIMD8<Float>(repeating: 0)
        var i = 0
        while i < whole {
            // SAFETY: `i + 8 <= whole <= buffer.count`.
            let x = UnsafeRawPointer(base + i).loadUnaligned(as: SIMD8<Float>.self)
            sums += x * x
            i += 8
        }
        var total = sums.sum()
        while i < buffer.count {
            total += base[i] * base[i]
            i += 1
        }
        return total
    }
}
