/// The level of the steady part of the sound, lane by lane, in dB: the smallest smoothed level of the last 1.6 to 2.4 s.
///
/// Levels are smoothed over 50 ms, their minimum is kept for the stretch of 0.8 s that runs and the two before it, and
/// the floor follows the least of the three: down within some hops, up within about 0.3 s of the old minimum's expiry.
/// What `begin` is given sets it, so that a line's own noise never looks like a rise from silence.
/// - Source: minimum statistics (Martin 2001), in dB, with a constant bias.
struct NoiseFloor: Sendable {
    typealias Lanes = SIMD16<Float>

    /// How far the mean of smoothed noise lies above its minimum: added to the minimum.
    static let biasDB: Float = 2
    /// What a floor never falls below: what digital silence between sentences would otherwise make of it.
    let lowestDB: Lanes

    private(set) var floorDB = Lanes()
    private var smoothed = Lanes()
    private var running = Lanes()
    private var previous = Lanes()
    private var beforePrevious = Lanes()
    private var hopsLeft = 0

    private let hopsAStretch: Int
    private let smoothing: Float
    private let fall: Float
    private let rise: Float

    /// - Parameter hopSeconds: the time between two calls.
    init(hopSeconds: Float, lowestDB: Lanes) {
        self.lowestDB = lowestDB
        hopsAStretch = Int((0.8 / hopSeconds).rounded())
        smoothing = Leak.share(hopSeconds: hopSeconds, seconds: 0.05)
        fall = Leak.share(hopSeconds: hopSeconds, seconds: 0.03)
        rise = Leak.share(hopSeconds: hopSeconds, seconds: 0.3)
    }

    /// Takes the levels of the newest hop, dB, and updates `floorDB`.
    @inline(__always)
    mutating func update(_ level: Lanes) {
        smoothed += (level - smoothed) * smoothing
        running = running.smaller(smoothed)
        let least = running.smaller(previous.smaller(beforePrevious)) + Self.biasDB
        let target = least.larger(lowestDB)
        let distance = target - floorDB
        floorDB += distance.larger(Lanes()) * rise + distance.smaller(Lanes()) * fall
        hopsLeft -= 1
        if hopsLeft == 0 { turn() }
    }

    /// Starts anew from the levels of one hop.
    mutating func begin(_ level: Lanes) {
        smoothed = level
        running = level
        previous = level
        beforePrevious = level
        floorDB = level.larger(lowestDB)
        hopsLeft = hopsAStretch
    }

    private mutating func turn() {
        beforePrevious = previous
        previous = running
        running = smoothed
        hopsLeft = hopsAStretch
    }
}

/// Leaky integrators: y += (x − y)·share.
enum Leak {
    /// The share of the newest value that gives the time constant `seconds` at one value each `hopSeconds`.
    static func share(hopSeconds: Float, seconds: Float) -> Float { min(1, hopSeconds / seconds) }
}
