import Glibc

/// Doubles 8 kHz telephone audio to the 16 kHz the acoustic model was trained at, leaving a faint mirror image above 4 kHz.
///
/// A clean converter would leave the band from 4 to 8 kHz empty, which the model has never heard: an "s" without any
/// hiss is to it not an "s". So the half-band filter is mixed with the zero-stuffed signal itself, whose upper half is
/// the image of the lower one. On a real voice the word error rate fell from 46 to 28–31 % (Benchmarks/recogniser.md).
///
/// - Input: whole utterances, 16-bit, 8 kHz. Output: twice as many samples, aligned with the input (no delay).
/// - Both ends are filtered as if silence came before and after.
enum RecogniserTap {
    /// Amplitude of the image beside the signal's. 0.1 to 0.3 measured alike; 0 is clearly worse.
    static let imageGain: Float = 0.2

    static func upsampled(_ source: [Int16]) -> [Int16] {
        let reach = oddTaps.count / 2
        var padded = [Float](repeating: 0, count: source.count + 2 * reach)
        for i in source.indices { padded[reach + i] = Float(source[i]) }
        var output = [Int16](repeating: 0, count: source.count * 2)
        oddTaps.withUnsafeBufferPointer { taps in
            for i in source.indices {
                // Even places hold the sample itself: a half-band filter and the mixture both pass it unchanged.
                output[2 * i] = source[i]
                var sum: Float = 0
                for k in 0..<taps.count { sum += taps[k] * padded[i + 1 + k] }
                output[2 * i + 1] = Int16(max(-32_768, min(32_767, sum.rounded())))
            }
        }
        return output
    }

    /// The taps that fall between two samples: a windowed sinc at half-sample places, times (1 − g) / (1 + g) for an
    /// image gain g: beside samples passed unchanged, that leaves the image g times as strong as the signal.
    ///
    /// 16 of them, Hamming window of 32 samples: the transition is about 1 kHz wide, which is of no matter where the
    /// stop band is weak on purpose.
    private static let oddTaps: [Float] = (0..<16).map { index in
        let x = Float(index) - 7.5
        let sinc = sine(Float.pi * x) / (Float.pi * x)
        let window = 0.54 + 0.46 * cosine(Float.pi * x / 8)
        return sinc * window * (1 - imageGain) / (1 + imageGain)
    }
    private static func sine(_ x: Float) -> Float { Float(Glibc.sin(Double(x))) }
    private static func cosine(_ x: Float) -> Float { Float(Glibc.cos(Double(x))) }
}
