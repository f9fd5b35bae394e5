/// Finds the hop in which speech began or ended from the levels of the last hops, which are sharper in time than the
/// probabilities made of windows and memories.
///
/// A hop belongs to speech while its level is at least `minimumDB` over the floor and within `rangeDB` of the loudest of
/// late, which fades by `fadeDBPerHop`. Where noise hides the last part of that range, speech is taken to have gone on
/// by `hiddenHopsPerDB` for each decibel hidden. Hops without a level (not a number) belong wherever the probability says.
///
/// The constants were chosen on the labelled training recordings, clean and with noise 20 dB under the speech, for the
/// smallest error of the ends; figures in Benchmarks/voice-activity.md.
struct SpeechEdges: Sendable {
    /// Hops remembered: 640 ms of 10 ms hops, more than any search goes back.
    static let capacity = 64
    static let minimumDB: Float = 4
    static let rangeDB: Float = 42
    static let fadeDBPerHop: Float = 0.06
    /// Noise reaches to its mean level and this many mean deviations more; both follow over half a second.
    static let noiseSpreads: Float = 1.5
    static let noiseShare: Float = 0.02
    /// A voice's last sounds fall by about 5 dB a hop.
    static let hiddenHopsPerDB: Float = 0.2
    /// Hops added to each end: the part of a hop that is too weak to be seen.
    static let tailHops: Float = 1

    private var levels = InlineArray<64, Float>(repeating: .nan)
    private var loudest: Float = 0
    private var noiseDB: Float = 0
    private var noiseSpreadDB: Float = 1
    private var count = 0

    /// Takes the newest hop's level over its floor, dB, or `nan`.
    mutating func append(_ levelDB: Float) {
        levels[count & (Self.capacity - 1)] = levelDB
        count += 1
        loudest -= Self.fadeDBPerHop
        if levelDB > loudest { loudest = levelDB }
    }

    /// Takes the newest hop for noise: nobody is speaking.
    mutating func learnNoise() {
        let level = level(0)
        guard level.isFinite else { return }
        noiseDB += (level - noiseDB) * Self.noiseShare
        noiseSpreadDB += (abs(level - noiseDB) - noiseSpreadDB) * Self.noiseShare
    }

    /// Forgets what was loud: the next utterance may be by a quieter voice.
    mutating func forgetLoudest() { loudest = 0 }

    /// The level a hop must reach.
    private var threshold: Float {
        max(Self.minimumDB, loudest - Self.rangeDB, noiseDB + Self.noiseSpreads * noiseSpreadDB)
    }

    /// How many of the newest hops, at most `limit`, come after the end of speech; fractions of a hop count. `limit`
    /// when none of them belongs to speech.
    func hopsSinceSpeech(limit: Int) -> Float {
        for back in 0..<min(limit, count, Self.capacity) where !(level(back) < threshold) {
            let hidden = max(0, Self.rangeDB - (loudest - threshold))
            return max(0, Float(back) - Self.tailHops - hidden * Self.hiddenHopsPerDB)
        }
        return Float(limit)
    }

    /// How many hops back the speech of the newest hops began: the start of the loud hops that reach into the newest
    /// `certain`, going back at most `limit` and over gaps of one hop.
    func hopsSinceOnset(certain: Int, limit: Int) -> Int {
        let reach = min(limit, count, Self.capacity)
        var onset = 0
        for back in 0..<reach where !(level(back) < threshold) {
            if back > certain && back - onset > 2 { break }
            onset = back
        }
        return onset
    }

    private func level(_ back: Int) -> Float { levels[(count - 1 - back) & (Self.capacity - 1)] }
}
