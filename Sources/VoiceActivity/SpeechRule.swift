import Glibc

/// From a feature vector to the probability of speech: one weighted sum and the logistic function.
///
/// Fitted on speech and noise mixed as a telephone line brings them, so that 0.5 means "as likely as not" there
/// (Training/fit_rule.py). A rule of one layer was preferred to one with a hidden layer: see Benchmarks/voice-activity.md.
struct SpeechRule: ~Copyable, Sendable {
    private let weights: Scratch
    private let bias: Float

    /// One for the process.
    static let shared = SpeechRule()

    private init() {
        precondition(Self.fittedWeights.count == VoiceFeatures.ruleCount, "64 weights needed")
        weights = Scratch(Self.fittedWeights)
        bias = Self.fittedBias
    }

    /// 0…1.
    /// - Precondition: `features` has `VoiceFeatures.ruleCount` values or more, all finite.
    func probability(of features: Span<Float>) -> Float {
        precondition(features.count >= VoiceFeatures.ruleCount, "64 features needed, given \(features.count)")
        let sum = features.withUnsafeBufferPointer { features in
            let (x, w) = (UnsafeRawPointer(features.baseAddress!), UnsafeRawPointer(weights.floats.baseAddress!))
            var sums = SIMD8<Float>()
            // SAFETY: 64 values each.
            for offset in stride(from: 0, to: 4 * VoiceFeatures.ruleCount, by: 32) {
                let values = x.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                sums += values * w.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            }
            return sums.total + bias
        }
        return 1 / (1 + expf(-sum))
    }
}
