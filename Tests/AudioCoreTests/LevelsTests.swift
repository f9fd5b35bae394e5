import AudioCore
import CallTime
import TestSupport
import Testing

@Suite("Levels")
struct LevelsTests {
    @Test(arguments: [0, 1, 7, 8, 9, 80, 160, 161, 320, 1_000])
    func theMeanSquareIsThatOfDoublePrecision(count: Int) {
        let noise = Signals.noise(seed: 3, count: count)
        let exact = count == 0 ? 0 : noise.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
        #expect(abs(Double(Levels.meanSquare(noise.span)) - exact) <= 1e-6 * exact)
    }

    @Test func aFullScaleSineLiesThreeDecibelsBelowFullScale() {
        let sine = Signals.sine(1_000, at: .narrowband, count: 160, amplitude: 1)
        #expect(abs(Levels.dBFS(meanSquare: Levels.meanSquare(sine.span)) + 3.0103) < 0.001)
    }

    @Test func silenceAndWhatIsNotANumberLieAtTheFloor() {
        #expect(Levels.dBFS(meanSquare: 0) == Levels.floorDBFS)
        #expect(Levels.dBFS(meanSquare: 1e-30) == Levels.floorDBFS)
        #expect(Levels.dBFS(meanSquare: .nan) == Levels.floorDBFS)
        #expect(Levels.dBFS(meanSquare: -1) == Levels.floorDBFS)
    }

    @Test(arguments: [-100, -60, -40.5, -3, 0, 6] as [Float])
    func levelsConvertBothWays(level: Float) {
        #expect(abs(Levels.dBFS(meanSquare: Levels.meanSquare(dBFS: level)) - level) < 1e-4)
    }

    @Test func thePeakIsTheLargestMagnitude() {
        #expect(Levels.peak([0.1, -0.9, 0.5].span) == 0.9)
        #expect(Levels.peak([Float]().span) == 0)
        #expect(Levels.peak([0.25, .nan, -0.5].span) == 0.5)
    }

    @Test(.enabled(if: canCountAllocations))
    func measuringAllocatesNothing() {
        let noise = Signals.noise(seed: 3, count: 160)
        var sum: Float = 0
        func measure() { sum += Levels.dBFS(meanSquare: Levels.meanSquare(noise.span)) + Levels.peak(noise.span) }
        measure()
        #expect(countingAllocations(measure) == .none)
        #expect(sum.isFinite)
    }
}
