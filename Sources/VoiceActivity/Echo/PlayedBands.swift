import AudioCore
import CallTime

/// The band powers of what was played, in the windows and bands of `VoiceFeatureExtractor`.
struct PlayedBands: ~Copyable, Sendable {
    private var window: HopWindow
    /// Hops in a row in which nothing was played; the window is empty after four.
    private var silentHops = 4

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    init(sampleRate: SampleRate) throws(ConfigurationError) { window = try HopWindow(sampleRate: sampleRate) }

    /// The power in each band; zeros, at no cost, while silence is played.
    /// - Precondition: `hop` is one of 10 ms.
    mutating func powers(_ hop: Span<Float>) -> SIMD16<Float> {
        silentHops = take(hop) > 0 ? 0 : min(silentHops + 1, 4)
        guard silentHops < 4 else { return SIMD16() }
        return SpeechBands.shared.powers(of: window.powerSpectrum(scratch: ThreadScratch.feature).span)
    }

    mutating func reset() {
        window.reset()
        silentHops = 4
    }

    /// Takes the hop and gives its energy.
    private func take(_ hop: Span<Float>) -> Float {
        window.append(hop)
        let whole = energy(window.newest)
        if whole <= Float(window.hopSamples) { return whole }
        window.sanitiseNewest()
        return energy(window.newest)
    }

    private func energy(_ samples: UnsafePointer<Float>) -> Float {
        let from = UnsafeRawPointer(samples)
        var squares = SIMD8<Float>()
        // SAFETY: hopSamples is a multiple of 8.
        for offset in stride(from: 0, to: 4 * window.hopSamples, by: 32) {
            let eight = from.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            squares += eight * eight
        }
        return squares.total
    }
}
