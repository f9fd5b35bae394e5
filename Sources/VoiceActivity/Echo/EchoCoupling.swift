/// How much weaker than played each band comes back, dB, learnt where the echo should be heard.
///
/// What is heard is never weaker than the echo in it, but may be much stronger when somebody speaks too. So the coupling
/// goes down at once wherever less is heard than expected, up slowly, and up at all only while the sound moves as what
/// was played does.
struct EchoCoupling: Sendable {
    typealias Bands = SIMD16<Float>

    /// Decibels for each band.
    private(set) var bandsDB = Bands(repeating: -20)
    /// How much of each band's learning was done, hops of echo at full weight.
    private var seen = Bands()

    private static let lowestDB: Float = -60
    private static let highestDB: Float = 10

    /// - Parameters:
    ///   - ratio: level heard over level played (at the delay, with its tail), dB.
    ///   - weight: how far each band can tell, 0…1.
    ///   - rising: how far a rise is believed, 0…1.
    mutating func update(ratio: Bands, weight: Bands, rising: Float) {
        // The first hops set it, later ones move it: a mean at first, 0.5 s of echo later.
        let rate = weight / (seen + 1).smaller(Bands(repeating: 25))
        let young = (Bands(repeating: 1) - seen * (1 / 15)).larger(Bands())
        let reach = young * 30 + 9
        let distance = (ratio - bandsDB).larger(-reach).smaller(reach)
        let up = (young + rising).smaller(Bands(repeating: 1)) * 0.55
        let step = distance.larger(Bands()) * up + distance.smaller(Bands())
        bandsDB = (bandsDB + step * rate).limited(Self.lowestDB, Self.highestDB)
        seen = (seen + weight).smaller(Bands(repeating: 1_000))
    }

    /// Forgets how sure it was, but for so many hops: the next ones count for more.
    mutating func restart(keepingHops: Float) { seen = seen.smaller(Bands(repeating: keepingHops)) }

    /// The mean over the bands, by how much each has been learnt from.
    var meanDB: Float { (bandsDB * (seen + 0.01)).total / (seen + 0.01).total }
    /// Hops of echo the bands have been learnt from, their mean.
    var learntHops: Float { seen.total * (1 / 16) }
}
