import CallTime
import Glibc

/// Whether a hop is one pure tone, and its frequency: the least-squares fit of x[n] + x[n−2d] = 2·cos(ωd)·x[n−d].
///
/// d is 250 µs, so that 0 to 2,000 Hz are told apart and neighbouring harmonics of a voice are not taken for one tone.
struct SteadyTone: Sendable {
    /// What the fit may leave over, against the energy of the middle samples: about 19 dB of noise.
    static let mostRest: Float = 0.08
    /// −48 dBFS.
    static let leastPower: Float = 1.6e-5
    static let range: ClosedRange<Float> = 300...1_990

    /// The frequency in Hz, or nil where the hop is something else.
    static func frequency(of hop: Span<Float>, sampleRate: SampleRate) -> Float? {
        let lag = sampleRate.hz / 4_000
        var (product, middle, outer) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
        let count = (hop.count - 2 * lag) / 8 * 8
        // SAFETY: reads the samples 0 ..< count + 2·lag.
        hop.withUnsafeBufferPointer { samples in
            let raw = UnsafeRawPointer(samples.baseAddress!)
            for place in stride(from: 0, to: 4 * count, by: 32) {
                let first = raw.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
                let centre = raw.loadUnaligned(fromByteOffset: place + 4 * lag, as: SIMD8<Float>.self)
                let sides = first + raw.loadUnaligned(fromByteOffset: place + 8 * lag, as: SIMD8<Float>.self)
                product += centre * sides
                middle += centre * centre
                outer += sides * sides
            }
        }
        let energy = middle.total
        guard energy > leastPower * Float(count) else { return nil }
        let slope = product.total / energy
        let rest = outer.total - slope * product.total
        guard rest <= mostRest * energy, abs(slope) < 2 else { return nil }
        let hertz = acosf(slope / 2) * 4_000 / (2 * .pi)
        return range.contains(hertz) ? hertz : nil
    }
}
