/// What `NearEndDetector` says of one hop's echo: how much of it our own voice explains.
public struct NearEnd: Sendable, Equatable {
    /// How far the sound may be taken for the caller's, 0…1: 1 where no echo is expected, 0 where echo explains it.
    /// A detector's probability is multiplied by it.
    public var nearEnd: Float = 1
    /// Level of the echo that is expected now, 150 to 3,750 Hz, dBFS, −100…20; −100 while no delay is known.
    public var echoDB: Float = -100
    /// Level over expected echo and noise together, dB, −10…60. Under 3 dB where they explain the hop.
    public var excessDB: Float = 0
    /// Echo is expected to be heard, or was within the last 0.4 s, and nothing says that the caller speaks.
    public var isEchoLikely = false
    /// Path there and back, to about 3 ms; `nil` while it is not known.
    public var delay: Duration?
    /// Level of the echo over what was played, over the bands that were heard of it, dB; `nil` with `delay`.
    public var couplingDB: Float?
    /// Trust in delay and coupling, 0…1: what `nearEnd` can be lowered by.
    public var confidence: Float = 0

    public init() {}
}
