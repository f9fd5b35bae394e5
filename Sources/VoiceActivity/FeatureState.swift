import Glibc

/// What the features remember of the past, and how a hop's measures become a vector.
struct FeatureState: Sendable {
    /// What was measured on the newest window and hop.
    struct Measures {
        var bandPowers: SIMD16<Float>
        var fineLow: SIMD16<Float>
        var fineHigh: SIMD16<Float>
        /// Zeros at 8 kHz.
        var upperPowers: SIMD8<Float>
        var edgePower: Float
        var harmonicity: Float
        var pitchOctaves: Float
    }

    /// Floors: a band's lies 12 dB under the whole's, a sixteenth of the power.
    private static let lowestBandDB: Float = -82
    private static let lowestLevelDB: Float = -70
    private static let peakFallDBPerSecond: Float = 10

    private var bandFloor: NoiseFloor
    private var levelFloor: NoiseFloor
    private var bandsBefore = SIMD16<Float>()
    private var bandsTwoBefore = SIMD16<Float>()
    private var levelMean: Float = 0
    private var peak: Float = 0
    private var pitchBefore: Float = 0
    private var quick = SIMD8<Float>()
    private var slow = SIMD8<Float>()
    private var long = SIMD8<Float>()
    private var spread = SIMD8<Float>()
    /// Hops until the window is full; until then each hop is the first, so that its filling is not taken for an onset.
    private var hopsUntilFull = 4
    private let shape = Shape()

    private let peakFall: Float
    private let quickShare: Float
    private let slowShare: Float
    private let longShare: Float
    private let levelShare: Float
    private let isWideband: Bool

    init(hopSeconds: Float, isWideband: Bool) {
        self.isWideband = isWideband
        bandFloor = NoiseFloor(hopSeconds: hopSeconds, lowestDB: NoiseFloor.Lanes(repeating: Self.lowestBandDB))
        var lowest = NoiseFloor.Lanes(repeating: Self.lowestBandDB)
        lowest[0] = Self.lowestLevelDB
        lowest[1] = Self.lowestLevelDB
        levelFloor = NoiseFloor(hopSeconds: hopSeconds, lowestDB: lowest)
        peakFall = Self.peakFallDBPerSecond * hopSeconds
        quickShare = Leak.share(hopSeconds: hopSeconds, seconds: 0.06)
        slowShare = Leak.share(hopSeconds: hopSeconds, seconds: 0.3)
        longShare = Leak.share(hopSeconds: hopSeconds, seconds: 1.2)
        levelShare = Leak.share(hopSeconds: hopSeconds, seconds: 0.1)
    }

    /// Writes the vector of this hop.
    @inline(__always)
    mutating func update(_ measures: Measures, into features: UnsafeMutablePointer<Float>) {
        let bands = Decibels.of(measures.bandPowers)
        let sum = measures.bandPowers.total
        var broad = SIMD16<Float>()
        broad[0] = sum
        broad[1] = measures.edgePower
        broad[2] = sum * (1 / 16)
        let broadDB = Decibels.of(broad)
        let (level, edge) = (max(-90, broadDB[0]), max(-90, broadDB[1]))
        // Level, edges, and from lane 8 on the upper bands: one floor follows them all.
        var levels = SIMD16<Float>()
        if isWideband {
            let upper = SIMD16(lowHalf: SIMD8(), highHalf: measures.upperPowers)
            levels = Decibels.of(upper)
        }
        levels[0] = level
        levels[1] = edge
        if hopsUntilFull > 0 { begin(bands, levels) }
        bandFloor.update(bands)
        levelFloor.update(levels)
        let excess = (bands - bandFloor.floorDB).limited(-10, 50)
        let overFloor = (levels - levelFloor.floorDB).limited(-10, 60)

        let change = bands - bandsTwoBefore
        var scalars = SIMD16<Float>()
        scalars[0] = level
        scalars[1] = overFloor[0]
        scalars[2] = excess.larger(SIMD16()).total * (1 / 16)
        scalars[3] = max(-40, bands.total * (1 / 16) - broadDB[2])
        scalars[4] = measures.harmonicity
        scalars[5] = measures.pitchOctaves
        scalars[6] = min(1, abs(measures.pitchOctaves - pitchBefore))
        scalars[7] = min(30, change.magnitudes.total * (1 / 16))
        scalars[8] = (bands * shape.first).total
        scalars[9] = (bands * shape.second).total
        scalars[10] = (bands * shape.third).total
        scalars[11] = (bands * shape.fourth).total
        scalars[12] = (bands * shape.fifth).total
        scalars[13] = overFloor[1]
        scalars[14] = belowPeak(level)
        scalars[15] = level - levelMean
        remember(bands, level, measures.pitchOctaves)
        recall(scalars)
        store(excess, scalars, into: features)
        storeWide(measures, levels, overFloor, into: features)
    }

    /// What only the network reads.
    @inline(__always)
    private func storeWide(
        _ measures: Measures, _ levels: SIMD16<Float>, _ overFloor: SIMD16<Float>,
        into features: UnsafeMutablePointer<Float>
    ) {
        let (low, high) = (Decibels.of(measures.fineLow), Decibels.of(measures.fineHigh))
        var sums = SIMD16<Float>()
        sums[0] = (measures.fineLow + measures.fineHigh).total * (1 / 32)
        sums[1] = measures.upperPowers.total
        let sumsDB = Decibels.of(sums)
        let level = SIMD16<Float>(repeating: levels[0])
        var wide = SIMD4<Float>()
        wide[0] = levels[1]
        wide[1] = max(-60, min(0, (low + high).total * (1 / 32) - sumsDB[0]))
        wide[2] = isWideband ? max(-60, min(30, sumsDB[1] - levels[0])) : 0
        wide[3] = isWideband ? 1 : 0
        var upper = SIMD8<Float>()
        if isWideband { upper = overFloor.limited(-10, 50).highHalf }
        // SAFETY: the caller gives room for 108 values.
        let raw = UnsafeMutableRawPointer(features)
        raw.storeBytes(of: (low - level).limited(-60, 20), toByteOffset: 256, as: SIMD16<Float>.self)
        raw.storeBytes(of: (high - level).limited(-60, 20), toByteOffset: 320, as: SIMD16<Float>.self)
        raw.storeBytes(of: upper, toByteOffset: 384, as: SIMD8<Float>.self)
        raw.storeBytes(of: wide, toByteOffset: 416, as: SIMD4<Float>.self)
    }

    private mutating func begin(_ bands: SIMD16<Float>, _ levels: SIMD16<Float>) {
        bandFloor.begin(bands)
        levelFloor.begin(levels)
        bandsBefore = bands
        bandsTwoBefore = bands
        levelMean = levels[0]
        peak = levels[0]
    }

    @inline(__always)
    private mutating func belowPeak(_ level: Float) -> Float {
        peak = max(level, peak - peakFall)
        return max(-60, level - peak)
    }

    @inline(__always)
    private mutating func remember(_ bands: SIMD16<Float>, _ level: Float, _ pitch: Float) {
        bandsTwoBefore = bandsBefore
        bandsBefore = bands
        levelMean += (level - levelMean) * levelShare
        pitchBefore = pitch
    }

    /// Brings the memories up to date; the order is `VoiceFeatures.Summary`.
    @inline(__always)
    private mutating func recall(_ scalars: SIMD16<Float>) {
        let voiced = scalars[4] * max(0, scalars[1])
        let now = SIMD8(
            scalars[2], scalars[13], scalars[4], scalars[3], scalars[7], scalars[8], voiced, scalars[6])
        if hopsUntilFull > 0 {
            (quick, slow, long) = (now, now, now)
            hopsUntilFull -= 1
        }
        quick += (now - quick) * quickShare
        slow += (now - slow) * slowShare
        long += (now - long) * longShare
        let distance = now - slow
        spread += (distance.magnitudes - spread) * slowShare
    }

    @inline(__always)
    private func store(_ excess: SIMD16<Float>, _ scalars: SIMD16<Float>, into features: UnsafeMutablePointer<Float>) {
        // SAFETY: the caller gives room for 108 values.
        let raw = UnsafeMutableRawPointer(features)
        raw.storeBytes(of: excess, as: SIMD16<Float>.self)
        raw.storeBytes(of: scalars, toByteOffset: 64, as: SIMD16<Float>.self)
        raw.storeBytes(of: quick, toByteOffset: 128, as: SIMD8<Float>.self)
        raw.storeBytes(of: slow, toByteOffset: 160, as: SIMD8<Float>.self)
        raw.storeBytes(of: long, toByteOffset: 192, as: SIMD8<Float>.self)
        raw.storeBytes(of: spread, toByteOffset: 224, as: SIMD8<Float>.self)
    }
}

/// Rows of the cosine transform (type II) over the 16 bands, scaled to the mean: order 1 is the spectrum's tilt.
private struct Shape: Sendable {
    let first = row(1)
    let second = row(2)
    let third = row(3)
    let fourth = row(4)
    let fifth = row(5)

    private static func row(_ order: Int) -> SIMD16<Float> {
        var row = SIMD16<Float>()
        for i in 0..<16 { row[i] = Float(cos(Double.pi * Double(order) * (Double(i) + 0.5) / 16) / 16) }
        return row
    }
}
