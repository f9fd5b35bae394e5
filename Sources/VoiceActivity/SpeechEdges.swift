/// Finds the hop in which speech began or ended from the levels of the last hops, which are sharper in time than the
/// probabilities made of windows and memories.
///
/// A hop belongs to speech while its level is at least `minimumDB` over the floor and within `rangeDB` of the loudest of
/// late, which fades by `fadeDBPerHop`. Hops without a level (not a number) belong wherever the probability says.
struct SpeechEdges: Sendable {
    /// Hops remembered: 320 ms of 10 ms hops, more than any search goes back.
    static let capacity = 32
    /// Noise of a steady line moves by 1 to 3 dB a hop.
    static let minimumDB: Float = 6
    static let rangeDB: Float = 30
    static let fadeDBPerHop: Float = 0.06

    private var levels = InlineArray<32, Float>(repeating: .nan)
    private var loudest: Float = 0
    private var count = 0

    /// Takes the newest hop's level over its floor, dB, or `nan`.
    mutating func append(_ levelDB: Float) {
        levels[count & (Self.capacity - 1)] = levelDB
        count += 1
        loudest -= Self.fadeDBPerHop
        if levelDB > loudest { loudest = levelDB }
    }

    /// Forgets what was loud: the next utterance may be by a quieter voice.
    mutating func forgetLoudest() { loudest = 0 }

    /// The level a hop must reach.
    private var threshold: Float { max(Self.minimumDB, loudest - Self.rangeDB) }

    /// How many of the newest hops, at most `limit`, come after the last that reaches the threshold; `limit` when
    /// none does.
    func hopsSinceLoud(limit: Int) -> Int {
        for back in 0..<min(limit, count, Self.capacity) where !(level(back) < threshold) { return back }
        return limit
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
