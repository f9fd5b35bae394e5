/// Finds how much later what was played is heard: at which lag the movement of its bands' levels is that of the sound.
///
/// The levels of both sides, in dB and cut off below (at the noise floor, and 35 dB under the loudest of late), lose their
/// means over 0.4 s; what is left is correlated at 42 lags of one hop, over the last 0.7 s or so in which something was
/// played. Levels in dB make coupling, its colour and a codec's distortion matter little.
struct EchoDelay: ~Copyable, Sendable {
    typealias Bands = SIMD16<Float>

    static let lagCount = 42
    /// Correlation a lag needs to be taken for the delay …
    static let lockAt: Float = 0.4
    /// … at this many looks in a row, one every 5 hops.
    static let lockLooks = 2
    static let lookEvery = 5
    /// By how much another lag must be better than the delay held, and for how long.
    static let jumpMargin: Float = 0.08
    static let jumpLooks = 2
    /// A delay is given up when its correlation stays under this for so many looks: 2 s.
    static let holdAt: Float = 0.12
    static let holdLooks = 40

    /// The delay in hops, fractions interpolated; `nil` while it is not known.
    private(set) var lag: Float?
    /// Where the correlation is highest now, known well or not.
    private(set) var bestLag = 0
    private(set) var bestCorrelation: Float = 0
    /// The correlation at `lag` over the last 0.3 s: near 1 while echo is all that is heard.
    private(set) var recentCorrelation: Float = 0
    /// How often a delay was found or left for another.
    private(set) var lockCount = 0

    private var moves = BandHistory()
    private let products = Scratch(count: 4 * lagCount)
    private let energies = Scratch(count: lagCount + 6)
    private let past = Scratch(count: 2 * 64)
    private var newest = 0
    private var nearEnergy: Float = 0
    private var nearMean = Bands()
    private var playedMean = Bands()
    private var isFirst = true
    private var peak = Bands(repeating: -30)
    private var candidate = 0
    private var candidateLooks = 0
    private var lostLooks = 0
    private var activeHops = 0
    private var recent = SIMD4<Float>()

    private static let share: Float = 1 / 70
    private static let meanShare: Float = 1 / 40
    private static let recentShare: Float = 1 / 30

    /// - Parameters:
    ///   - near: levels of what is heard, dB, not under its noise.
    ///   - played: levels of what was played, dB.
    ///   - isActive: something was played within the lags searched; without that nothing is learnt.
    mutating func update(near: Bands, played: Bands, isActive: Bool) {
        peak = (peak - 0.03).larger(played).larger(Bands(repeating: -45))
        let floored = played.larger(peak - 35)
        if isFirst { (nearMean, playedMean, isFirst) = (near, floored, false) }
        nearMean += (near - nearMean) * Self.meanShare
        playedMean += (floored - playedMean) * Self.meanShare
        let (move, heard) = (floored - playedMean, near - nearMean)
        moves.append(move)
        remember((move * move).total)
        guard isActive else { return }
        activeHops &+= 1
        correlate(heard)
        follow(heard)
        if activeHops % Self.lookEvery == 0 { decide() }
    }

    mutating func reset() {
        (lag, bestLag, bestCorrelation, recentCorrelation, lockCount) = (nil, 0, 0, 0, 0)
        moves.clear()
        products.floats.update(repeating: 0)
        energies.floats.update(repeating: 0)
        past.floats.update(repeating: 0)
        (newest, nearEnergy, isFirst, peak) = (0, 0, true, Bands(repeating: -30))
        (candidate, candidateLooks, lostLooks, activeHops, recent) = (0, 0, 0, 0, SIMD4())
    }
}

extension EchoDelay {
    private mutating func remember(_ energy: Float) {
        // Backwards and twice, so that the newest 42 always lie in a row, newest first.
        newest = (newest - 1) & 63
        past.floats[newest] = energy
        past.floats[newest + 64] = energy
    }

    @inline(__always)
    private static func dot(_ a: Bands, _ b: Bands) -> SIMD4<Float> {
        let products: Bands = a * b
        let eight = products.lowHalf + products.highHalf
        return eight.lowHalf + eight.highHalf
    }

    private mutating func correlate(_ heard: Bands) {
        let sums = UnsafeMutableRawPointer(products.floats.baseAddress!)
        nearEnergy += ((heard * heard).total - nearEnergy) * Self.share
        // SAFETY: one SIMD4 a lag.
        for lag in 0..<Self.lagCount {
            let sum = sums.load(fromByteOffset: 16 * lag, as: SIMD4<Float>.self)
            let product = Self.dot(heard, moves(lag))
            sums.storeBytes(of: sum + (product - sum) * Self.share, toByteOffset: 16 * lag, as: SIMD4<Float>.self)
        }
        let (from, to) = (
            UnsafeRawPointer(past.floats.baseAddress! + newest), UnsafeMutableRawPointer(energies.floats.baseAddress!)
        )
        // SAFETY: 48 values from under 64 on, of 128; `energies` has room for 48.
        for offset in stride(from: 0, to: 4 * 48, by: 32) {
            let old = to.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            let now = from.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            to.storeBytes(of: old + (now - old) * Self.share, toByteOffset: offset, as: SIMD8<Float>.self)
        }
    }

    /// −1…1. Little evidence counts as little correlation.
    func correlation(_ lag: Int) -> Float {
        let four = products.floats
        let sum = four[4 * lag] + four[4 * lag + 1] + four[4 * lag + 2] + four[4 * lag + 3]
        let energy = energies.floats[lag]
        guard sum > 0 else { return 0 }
        return sum / ((energy + 60) * (nearEnergy + 8)).squareRoot()
    }

    private mutating func decide() {
        var (best, height) = (0, Float(0))
        for lag in 0..<Self.lagCount {
            let value = correlation(lag)
            if value > height { (best, height) = (lag, value) }
        }
        (bestLag, bestCorrelation) = (best, height)
        candidateLooks = abs(best - candidate) <= 1 ? candidateLooks + 1 : 0
        candidate = best
        guard let held = lag else {
            if height >= Self.lockAt && candidateLooks >= Self.lockLooks { lock(best) }
            return
        }
        let at = Int(held.rounded())
        let now = correlation(at)
        if abs(best - at) <= 2 {
            lag = refined(best)
        } else if height >= Self.lockAt && height > now + Self.jumpMargin && candidateLooks >= Self.jumpLooks {
            lock(best)
        }
        lostLooks = now < Self.holdAt ? lostLooks + 1 : 0
        if lostLooks > Self.holdLooks { (lag, lostLooks) = (nil, 0) }
    }

    private mutating func lock(_ best: Int) {
        lag = refined(best)
        (lockCount, lostLooks) = (lockCount &+ 1, 0)
    }

    /// The top of the parabola through the highest correlation and its neighbours.
    private func refined(_ best: Int) -> Float {
        guard best > 0 && best < Self.lagCount - 1 else { return Float(best) }
        let (before, here, after) = (correlation(best - 1), correlation(best), correlation(best + 1))
        let bend = before - 2 * here + after
        return Float(best) + (bend < -1e-6 ? max(-0.5, min(0.5, 0.5 * (before - after) / bend)) : 0)
    }

    /// The short correlation at the lag held, or at the best.
    private mutating func follow(_ heard: Bands) {
        let move = moves(lag.map { Int($0.rounded()) } ?? bestLag)
        let now = SIMD4((heard * move).total, (heard * heard).total, (move * move).total, 0)
        recent += (now - recent) * Self.recentShare
        recentCorrelation = max(0, recent.x) / ((recent.y + 8) * (recent.z + 60)).squareRoot()
    }
}
