/// Larger, smaller and total of SIMD values of floats, written as plain arithmetic.
///
/// The standard library's `pointwiseMax`, `replacing` and `sum` go lane by lane for wide values on x86-64's baseline;
/// these cost a few instructions for each four lanes.
extension SIMD8<Float> {
    /// The values without their signs.
    @inline(__always)
    var magnitudes: Self { unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Self.self) }

    /// The sum of the lanes, pairwise.
    @inline(__always)
    var total: Float {
        let four = lowHalf + highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }
}

extension SIMD16<Float> {
    /// The values without their signs.
    @inline(__always)
    var magnitudes: Self { unsafeBitCast(unsafeBitCast(self, to: SIMD16<UInt32>.self) & 0x7FFF_FFFF, to: Self.self) }

    /// The sum of the lanes, pairwise.
    @inline(__always)
    var total: Float { (lowHalf + highHalf).total }

    /// Lane by lane the larger, to the rounding of one addition. Values are finite.
    @inline(__always)
    func larger(_ other: Self) -> Self {
        let sum: Self = self + other
        return (sum + (self - other).magnitudes) * 0.5
    }

    /// Lane by lane the smaller, to the rounding of one addition. Values are finite.
    @inline(__always)
    func smaller(_ other: Self) -> Self {
        let sum: Self = self + other
        return (sum - (self - other).magnitudes) * 0.5
    }

    /// Between `low` and `high`.
    @inline(__always)
    func limited(_ low: Float, _ high: Float) -> Self {
        larger(Self(repeating: low)).smaller(Self(repeating: high))
    }
}
