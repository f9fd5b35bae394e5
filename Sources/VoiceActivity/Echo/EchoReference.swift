import AudioCore
import CallTime

/// Tells our own voice that comes back over the line from the caller's, hop by hop of 10 ms.
public struct EchoReference: ~Copyable, Sendable {
    typealias Bands = SIMD16<Float>

    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int

    private var spectra: EchoSpectra
    private var delay = EchoDelay()
    private var coupling = EchoCoupling()
    private var noise = NoiseFloor(hopSeconds: 0.01, lowestDB: -82)
    private var powers = BandHistory()
    private var tail = Bands()
    private var peak = Bands(repeating: -30)
    private var evidence: Float = 0
    private var hopsSincePlayed = 1_000
    private var hopsSinceEcho = 1_000
    private var hopsUntilFull = 4
    private var trackedLag = -10

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(sampleRate: SampleRate = .narrowband) throws(ConfigurationError) {
        spectra = try EchoSpectra(sampleRate: sampleRate)
        hopSamples = spectra.hopSamples
    }

    /// Takes what was heard and what was played in the same 10 ms.
    ///
    /// - Precondition: both have `hopSamples` samples.
    public mutating func process(near: Span<Float>, played: Span<Float>) -> NearEnd {
        let nearPower = spectra.near(near)
        let playedPower = spectra.played(played)
        let level = Decibels.of(nearPower)
        if hopsUntilFull > 0 {
            noise.begin(level)
            hopsUntilFull -= 1
        }
        noise.update(level)
        powers.append(playedPower)
        hopsSincePlayed = playedPower.total > 1e-6 ? 0 : min(hopsSincePlayed + 1, 1_000)
        delay.update(
            near: level.larger(noise.floorDB + 3), played: Decibels.of(playedPower),
            isActive: hopsSincePlayed < EchoDelay.lagCount)
        return judge(level, nearPower)
    }

    /// Forgets the past: the next hop is treated like the first after `init`.
    public mutating func reset() {
        spectra.reset()
        delay.reset()
        powers.clear()
        (coupling, noise) = (EchoCoupling(), NoiseFloor(hopSeconds: 0.01, lowestDB: -82))
        (tail, peak, evidence) = (Bands(), Bands(repeating: -30), 0)
        (hopsSincePlayed, hopsSinceEcho, hopsUntilFull, trackedLag) = (1_000, 1_000, 4, -10)
    }
}

extension EchoReference {
    static let tailFall: Float = 0.708
    static let tailShare: Float = 0.2
    static let marginDB: Float = 4
    static let scoreLimit: Float = 3
    static let threshold: Float = 0.5
    static let openAt: Float = 2.5
    static let evidenceLimit: Float = 12
    static let holdHops = 40

    /// What was played `lag` hops ago.
    private func played(_ lag: Float) -> Bands {
        let whole = Int(lag)
        let part = lag - Float(whole)
        return powers(whole) * (1 - part) + powers(whole + 1) * part
    }

    private mutating func judge(_ level: Bands, _ power: Bands) -> NearEnd {
        let lag = delay.lag ?? Float(delay.bestLag)
        if abs(Int(lag.rounded()) - trackedLag) > 1 || (delay.lag != nil && delay.heldHops == 0) {
            coupling.restart()
            trackedLag = Int(lag.rounded())
        }
        let direct = played(lag)
        let source = Decibels.of(direct + tail * Self.tailShare)
        tail = (tail + direct) * Self.tailFall
        peak = (peak - 0.03).larger(source).larger(Bands(repeating: -45))
        let floor = noise.floorDB
        let expected = source + coupling.bandsDB
        learn(level, source, expected, floor)

        var result = NearEnd()
        // An onset may come a hop before the delay, which a room's tail makes look longer than the first sound's way.
        let early = Decibels.of(played(max(0, lag - 1))) + coupling.bandsDB
        let explained = Self.powerSum(expected.larger(early), floor)
        let excess = level - explained
        let score = min(Self.scoreLimit, (excess - Self.marginDB).limited(0, 15).total * (1 / 16))
        result.excessDB = score
        evidence = max(0, min(Self.evidenceLimit, evidence + score - Self.threshold))
        let overNoise = expected - floor
        let high = overNoise.lowHalf.total
        _ = high
        let isHeard = Self.largest(overNoise) > 0 && hopsSincePlayed < 64 + 20
        hopsSinceEcho = isHeard ? 0 : min(hopsSinceEcho + 1, 1_000)
        let isExpected = hopsSinceEcho < Self.holdHops
        let open = min(1, evidence * (1 / (2 * Self.openAt)))
        result.confidence = delay.lag == nil ? 0 : min(1, max(0, (coupling.learntHops - 4) / 8))
        result.nearEnd = isExpected ? 1 - result.confidence * (1 - open) : 1
        result.isEchoLikely = isExpected && result.nearEnd < 0.5
        if let held = delay.lag {
            result.delay = .microseconds(Int(held * 10_000))
            result.couplingDB = coupling.meanDB
        }
        return result
    }

    private mutating func learn(_ level: Bands, _ source: Bands, _ expected: Bands, _ floor: Bands) {
        let loud = ((source - (peak - 30)) * 0.1).limited(0, 1)
        let clear = ((expected.larger(level) - (floor + 3)) * 0.2).limited(0, 1)
        let rising = max(0.02, min(1, (delay.recentCorrelation - 0.35) * 5))
        coupling.update(ratio: level - source, weight: loud * clear, rising: rising)
    }

    /// Two powers added, given and returned in dB, within 0.3 dB.
    @inline(__always)
    static func powerSum(_ a: Bands, _ b: Bands) -> Bands {
        let near = (Bands(repeating: 1) - (a - b).magnitudes * 0.08).larger(Bands())
        return a.larger(b) + near * near * 3
    }

    @inline(__always)
    static func largest(_ bands: Bands) -> Float {
        let eight = bands.lowHalf
        var best = eight[0]
        for i in 1..<16 { best = max(best, bands[i]) }
        return best
    }
}
