import AudioCore
import CallTime

/// Tells our own voice that comes back over the line from the caller's, hop by hop of 10 ms.
struct EchoReference: ~Copyable, Sendable {
    typealias Bands = SIMD16<Float>

    private var played: PlayedBands
    private var delay = EchoDelay()
    private var coupling = EchoCoupling()
    private var noise = NoiseFloor(hopSeconds: 0.01, lowestDB: NoiseFloor.Lanes(repeating: -82))
    private var powers = BandHistory()
    private var tail = Bands()
    private var peak = Bands(repeating: -30)
    private var evidence: Float = 0
    private var hopsSincePlayed = 1_000
    private var hopsSinceEcho = 1_000
    private var hopsUntilFull = 4
    private var trackedLag = 0
    private var trackedLock = 0

    private static let peakFallDB: Float = 0.03

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    init(sampleRate: SampleRate) throws(ConfigurationError) { played = try PlayedBands(sampleRate: sampleRate) }

    /// Takes the band powers of what was heard, as the detector measured them, and what was played in the same 10 ms.
    ///
    /// - Precondition: `hop` is one of 10 ms.
    mutating func process(near nearPower: Bands, played hop: Span<Float>) -> NearEnd {
        let playedPower = played.powers(hop)
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
    mutating func reset() {
        played.reset()
        delay.reset()
        powers.clear()
        (coupling, noise) = (EchoCoupling(), NoiseFloor(hopSeconds: 0.01, lowestDB: NoiseFloor.Lanes(repeating: -82)))
        (tail, peak, evidence) = (Bands(), Bands(repeating: -30), 0)
        (hopsSincePlayed, hopsSinceEcho, hopsUntilFull) = (1_000, 1_000, 4)
        (trackedLag, trackedLock) = (0, 0)
    }
}

extension EchoReference {
    /// A room's tail: 15 dB weaker after 100 ms, in all 3 dB under the first sound.
    private static let tailFall: Float = 0.708
    private static let tailShare: Float = 0.2
    /// Levels this far over what is expected say nothing: echo alone varies by as much.
    private static let marginDB: Float = 4
    /// What a hop's bands exceed the margin by, on average, is evidence less this …
    private static let ordinaryDB: Float = 0.4
    /// … and at most this, so that one hop alone never decides;
    private static let scoreLimitDB: Float = 3
    /// half of this much evidence is as likely as not,
    private static let certainty: Float = 4
    /// and more than this is not kept: it is used up after 0.3 s without new.
    private static let evidenceLimit: Float = 12
    /// How long the detector goes on hearing an echo that is over, hops.
    private static let holdHops = 40

    /// What was played `lag` hops ago.
    @inline(__always)
    private func playedBefore(_ lag: Float) -> Bands {
        let whole = Int(lag)
        let part = lag - Float(whole)
        return powers(whole) * (1 - part) + powers(whole + 1) * part
    }

    private mutating func judge(_ level: Bands, _ power: Bands) -> NearEnd {
        let lag = delay.lag ?? Float(delay.bestLag)
        follow(lag)
        let direct = playedBefore(lag)
        let source = Decibels.of(direct + tail * Self.tailShare)
        tail = (tail + direct) * Self.tailFall
        peak = (peak - Self.peakFallDB).larger(source).larger(Bands(repeating: -45))
        let floor = noise.floorDB
        let echo = source + coupling.bandsDB
        learn(level, source, echo, floor)

        // An onset may come a hop before the delay, which a room's tail makes look longer than the first sound's way.
        let early = Decibels.of(playedBefore(max(0, lag - 1))) + coupling.bandsDB
        let expected = Decibels.power(echo.larger(early))
        let explained = expected + Decibels.power(floor)
        weigh(level - Decibels.of(explained))

        var sums = Bands(repeating: 1)
        (sums[0], sums[1], sums[2]) = (expected.total, explained.total, power.total)
        let sumsDB = Decibels.of(sums)
        let isHeard = (echo.larger(early) - floor).larger(Bands()).total > 1 && delay.lag != nil
        hopsSinceEcho = isHeard ? 0 : min(hopsSinceEcho + 1, 1_000)
        return result(echoDB: sumsDB[0], excessDB: sumsDB[2] - sumsDB[1])
    }

    /// The first delay's coupling, and that of each guess before it, is learnt anew; a later delay is likely the same
    /// telephone's.
    private mutating func follow(_ lag: Float) {
        let nearest = Int(lag.rounded())
        if delay.lockCount != trackedLock {
            coupling.restart(keepingHops: delay.lockCount == 1 ? 0 : 8)
        } else if delay.lag == nil && abs(nearest - trackedLag) > 1 {
            coupling.restart(keepingHops: 0)
        } else {
            return
        }
        (trackedLag, trackedLock) = (nearest, delay.lockCount)
    }

    private mutating func learn(_ level: Bands, _ source: Bands, _ echo: Bands, _ floor: Bands) {
        let loud = ((source - (peak - 30)) * 0.1).limited(0, 1)
        let clear = ((echo.larger(level) - (floor + 3)) * 0.2).limited(0, 1)
        let rising = max(0.02, min(1, (delay.recentCorrelation - 0.35) * 5))
        coupling.update(ratio: level - source, weight: loud * clear, rising: rising)
    }

    private mutating func weigh(_ excess: Bands) {
        let score = (excess - Self.marginDB).limited(0, 15).total * (1 / 16)
        evidence += min(Self.scoreLimitDB, score) - Self.ordinaryDB
        evidence = max(0, min(Self.evidenceLimit, evidence))
    }

    private func result(echoDB: Float, excessDB: Float) -> NearEnd {
        var result = NearEnd()
        result.excessDB = max(-10, min(60, excessDB))
        guard let lag = delay.lag else { return result }
        result.echoDB = echoDB
        result.delay = .microseconds(Int(lag * 10_000))
        result.couplingDB = coupling.meanDB
        result.confidence = max(0, min(1, (coupling.learntHops - 4) * 0.125))
        guard hopsSinceEcho < Self.holdHops else { return result }
        result.nearEnd = 1 - result.confidence * (1 - min(1, evidence / Self.certainty))
        result.isEchoLikely = result.nearEnd < 0.5
        return result
    }
}
