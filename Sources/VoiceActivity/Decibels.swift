/// 10·log10 of powers, sixteen at once, without the C library.
enum Decibels {
    /// Added to every power before the logarithm: −100 dBFS, under everything a 16-bit line can carry.
    static let powerFloor: Float = 1e-10
    /// 10·log10(2): decibels an octave of power.
    static let perOctave: Float = 3.010_299_957

    /// 10·log10(`power` + `powerFloor`), within 0.0001 dB.
    ///
    /// The exponent is read from the bits; log2 of the mantissa in 1…2 is a polynomial of degree 5 fitted on Chebyshev
    /// points, whose error is under 1.5e-5 octaves.
    /// - Precondition: powers are finite and not negative.
    @inline(__always)
    static func of(_ power: SIMD16<Float>) -> SIMD16<Float> {
        let value: SIMD16<Float> = power + powerFloor
        // SAFETY: lanes of 32 bits as lanes of 32 bits; every pattern is a value of either.
        let bits = unsafeBitCast(value, to: SIMD16<UInt32>.self)
        // The exponent put into the mantissa of 2^23 reads as 2^23 + exponent: cheaper than a conversion.
        let shifted = unsafeBitCast((bits &>> 23) | 0x4B00_0000, to: SIMD16<Float>.self)
        let mantissa = unsafeBitCast((bits & 0x007F_FFFF) | 0x3F80_0000, to: SIMD16<Float>.self)
        var log2 = SIMD16<Float>(repeating: 0.043_928_63)
        log2 = log2 * mantissa - 0.409_475_59
        log2 = log2 * mantissa + 1.610_177_55
        log2 = log2 * mantissa - 3.520_218_84
        log2 = log2 * mantissa + 5.069_756_32
        log2 = log2 * mantissa - 2.794_153_73
        return (log2 + (shifted - 8_388_735)) * perOctave
    }
}
