/// Thirty-two bands side by side from 78 to 3,891 Hz over bins of 31.25 Hz: two bins each up to 1,078 Hz, where the
/// harmonics of a voice lie apart, then four to eight. Each value is the mean power of its bins.
enum FineBands {
    static let count = 32
    /// The first bin of the first band, and of the first band that is wider than two bins.
    static let firstBin = 3
    static let firstWideBin = 35
    static let wideWidths = [4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 8, 8]

    /// The lower sixteen.
    /// - Precondition: `power` has 132 bins or more.
    @inline(__always)
    static func low(_ power: UnsafeBufferPointer<Float>) -> SIMD16<Float> {
        precondition(power.count >= 132, "132 bins needed, given \(power.count)")
        // SAFETY: reads the bins 3 to 34.
        let raw = UnsafeRawPointer(power.baseAddress! + firstBin)
        let even = raw.loadUnaligned(as: SIMD16<Float>.self)
        let rest = (raw + 64).loadUnaligned(as: SIMD16<Float>.self)
        return SIMD16(lowHalf: even.evenHalf + even.oddHalf, highHalf: rest.evenHalf + rest.oddHalf) * 0.5
    }

    /// The upper sixteen.
    /// - Precondition: `power` has 132 bins or more.
    @inline(__always)
    static func high(_ power: UnsafeBufferPointer<Float>) -> SIMD16<Float> {
        precondition(power.count >= 132, "132 bins needed, given \(power.count)")
        // SAFETY: the widest sum ends at bin 124.
        let bins = power.baseAddress!
        let first = SIMD8(
            four(bins + 35) * 0.25, four(bins + 39) * 0.25, four(bins + 43) * 0.25, four(bins + 47) * 0.25,
            (four(bins + 51) + bins[55]) * 0.2, (four(bins + 56) + bins[60]) * 0.2,
            (four(bins + 61) + bins[65]) * 0.2, (four(bins + 66) + bins[70]) * 0.2)
        let second = SIMD8(
            (four(bins + 71) + bins[75] + bins[76]) * (1 / 6), (four(bins + 77) + bins[81] + bins[82]) * (1 / 6),
            (four(bins + 83) + bins[87] + bins[88]) * (1 / 6), (four(bins + 89) + bins[93] + bins[94]) * (1 / 6),
            (four(bins + 95) + three(bins + 99)) * (1 / 7), (four(bins + 102) + three(bins + 106)) * (1 / 7),
            (four(bins + 109) + four(bins + 113)) * 0.125, (four(bins + 117) + four(bins + 121)) * 0.125)
        return SIMD16(lowHalf: first, highHalf: second)
    }

    @inline(__always)
    private static func four(_ bins: UnsafePointer<Float>) -> Float { (bins[0] + bins[1]) + (bins[2] + bins[3]) }

    @inline(__always)
    private static func three(_ bins: UnsafePointer<Float>) -> Float { (bins[0] + bins[1]) + bins[2] }
}

/// Eight bands of 15 bins from 4,016 to 7,766 Hz, where a wideband line carries fricatives. Each value is a sum of powers.
enum UpperBands {
    static let count = 8
    static let firstBin = 129
    static let width = 15

    /// - Precondition: `power` has 257 bins or more.
    @inline(__always)
    static func powers(_ power: UnsafeBufferPointer<Float>) -> SIMD8<Float> {
        precondition(power.count >= 257, "257 bins needed, given \(power.count)")
        // SAFETY: reads the bins 129 to 248 and one more.
        let bins = power.baseAddress! + firstBin
        return SIMD8(
            sum(bins), sum(bins + 15), sum(bins + 30), sum(bins + 45), sum(bins + 60), sum(bins + 75), sum(bins + 90),
            sum(bins + 105))
    }

    /// Fifteen bins: sixteen but the last.
    @inline(__always)
    private static func sum(_ bins: UnsafePointer<Float>) -> Float {
        UnsafeRawPointer(bins).loadUnaligned(as: SIMD16<Float>.self).total - bins[15]
    }
}
