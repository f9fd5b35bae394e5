extension Decibels {
    /// 10^(`level`/10), within 0.02 dB: what `of` is the inverse of.
    ///
    /// The whole octaves go into the exponent's bits; 2 to the rest, −0.5…0.5, is a polynomial of degree 3.
    /// - Precondition: −300…300 dB.
    @inline(__always)
    static func power(_ level: SIMD16<Float>) -> SIMD16<Float> {
        let octaves: SIMD16<Float> = level * (1 / perOctave)
        // Added to 1.5 · 2^23 a value loses its fraction; the whole number is left in the low bits.
        let shifted: SIMD16<Float> = octaves + 12_582_912
        let whole: SIMD16<Float> = shifted - 12_582_912
        let rest: SIMD16<Float> = octaves - whole
        var mantissa = rest * 0.055_504_11 + 0.240_226_51
        mantissa = mantissa * rest + 0.693_147_18
        mantissa = mantissa * rest + 1
        // SAFETY (both casts): lanes of 32 bits as lanes of 32 bits; every pattern is a value of either.
        let exponent = (unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &+ 127) &<< 23
        return mantissa * unsafeBitCast(exponent, to: SIMD16<Float>.self)
    }
}
