/// How many samples a second of one channel holds, in Hz.
///
/// Telephone legs run at 8 kHz (G.711) or at one of Opus' rates; files may bring any rate from 8 to 48 kHz.
public struct SampleRate: Sendable, Hashable {
    public let hz: Int

    /// - Precondition: `hz` is positive.
    public init(hz: Int) {
        precondition(hz > 0, "a sample rate is positive, given \(hz) Hz")
        self.hz = hz
    }

    /// 8,000 Hz: G.711 and most of the telephone network.
    public static let narrowband = SampleRate(hz: 8_000)
    /// 16,000 Hz: wideband telephony, and what most recognisers were trained on.
    public static let wideband = SampleRate(hz: 16_000)

    /// The number of whole samples in `duration`, rounded to the nearest.
    public func samples(in duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        let scaled = nanoseconds * Int64(hz)
        let half: Int64 = scaled < 0 ? -500_000_000 : 500_000_000
        return Int(seconds) * hz + Int((scaled + half) / 1_000_000_000)
    }

    /// How long `count` samples last, to the nanosecond.
    public func duration(of count: Int) -> Duration {
        let (whole, rest) = Int64(count).quotientAndRemainder(dividingBy: Int64(hz))
        return .seconds(whole) + .nanoseconds(rest * 1_000_000_000 / Int64(hz))
    }
}
