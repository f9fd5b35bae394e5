import CallTime
import Testing

@testable import LocalProviders

@Suite struct SpeechPlanTests {
    private let plan = SpeechPlan(
        words: [(0..<3, 0.25..<0.5), (4..<7, 0.5..<0.75), (8..<11, 1.75..<2)],
        pauses: [0..<0.25, 0.75..<1.25, 1.25..<1.75, 2..<2.25], rate: .narrowband)

    @Test func longPausesAreCutWhereTheyAreSilent() {
        // 40 ms before the first word, 120 ms at either end of the second's long pause, 100 ms at the end.
        #expect(plan.kept == [1_680..<6_960, 13_040..<16_800])
    }

    @Test func wordsLieWhereTheirSoundLiesAfterTheCut() {
        #expect(plan.words.map(\.samples) == [320..<2_320, 2_320..<4_320, 6_240..<8_240])
        #expect(plan.words.map(\.textRange) == [0..<3, 4..<7, 8..<11])
    }

    @Test func aVoiceThatSoundsEarlierHasItsWordsEarlier() {
        let plan = SpeechPlan(words: [(0..<3, 0.25..<0.5)], pauses: [], rate: .wideband, lead: .milliseconds(5))
        #expect(plan.kept == [3_280..<9_520])
        #expect(plan.words.map(\.samples) == [640..<4_640])
    }

    @Test func withoutAWordNothingIsKept() {
        let plan = SpeechPlan(words: [], pauses: [0..<1], rate: .narrowband)
        #expect(plan.kept.isEmpty)
        #expect(plan.words.isEmpty)
    }

    @Test(arguments: [1, 7, 160, 20_000])
    func theShapeOfSpeechDoesNotDependOnThePieces(piece: Int) throws {
        let raw = (0..<18_000).map { Int16(truncatingIfNeeded: $0 &* 7_919 / 64) }
        func shaped(_ piece: Int) throws -> [Int16] {
            var shaper = try SpeechShaper(plan: plan, gain: 0.5, from: .narrowband, to: .wideband)
            var output: [[Int16]] = []
            for begin in stride(from: 0, to: raw.count, by: piece) {
                raw[begin..<min(begin + piece, raw.count)].withUnsafeBufferPointer { output += shaper.process($0) }
            }
            output += shaper.finish()
            #expect(output.dropLast().allSatisfy { $0.count == 1_600 })
            return output.flatMap { $0 }
        }
        let whole = try shaped(raw.count)
        #expect(whole.count == 2 * plan.kept.reduce(0) { $0 + $1.count })
        #expect(try shaped(piece) == whole)
    }
}
