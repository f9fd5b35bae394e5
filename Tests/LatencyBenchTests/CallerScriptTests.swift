import Codecs
import Testing

@testable import LatencyBench

struct CallerScriptTests {
    private static let utterance = VoiceStandIn.tone(from: 0, count: 800)

    /// Plays a caller against an agent who speaks at these samples.
    private func play(_ script: inout CallerScript, agent: [Range<Int>], seconds: Int) -> [Int] {
        var spoken: [Int] = []
        var playback = CarrierPlayback()
        var waiting = agent[...]
        for begin in stride(from: 0, to: seconds * 8_000, by: CallerScript.frame) {
            while let next = waiting.first, next.lowerBound < begin + CallerScript.frame {
                playback.advance(to: next.lowerBound)
                _ = playback.play(VoiceStandIn.tone(from: 0, count: next.count), at: next.lowerBound)
                waiting.removeFirst()
            }
            playback.advance(to: begin)
            guard let frame = script.nextFrame(at: begin, agent: playback.voiced) else { break }
            if !frame.isEmpty { spoken.append(begin) }
        }
        return spoken
    }

    @Test func theCallerSpeaks700MillisecondsAfterTheGreeting() {
        var script = CallerScript(utterances: [Self.utterance], turns: 1)
        let spoken = play(&script, agent: [1_600..<4_000], seconds: 3)
        #expect(spoken == [9_600, 9_760, 9_920, 10_080, 10_240])
        #expect(script.turns.isEmpty)
        #expect(script.turnsBegun == 1)
    }

    @Test func theGapRunsFromTheCallersLastSampleToTheAgentsFirst() {
        var script = CallerScript(utterances: [Self.utterance], turns: 1)
        _ = play(&script, agent: [1_600..<4_000, 15_000..<20_000], seconds: 10)
        #expect(script.turns == [CallerTurn(began: 9_600, ended: 10_400, outcome: .answered(gap: 4_600))])
    }

    @Test func aPauseInsideAReplyEndsItOnlyAfter700Milliseconds() {
        var script = CallerScript(utterances: [Self.utterance], turns: 2)
        let spoken = play(&script, agent: [0..<1_600, 12_000..<16_000, 21_000..<24_000], seconds: 5)
        #expect(spoken.first == 7_200)
        #expect(spoken.dropFirst(5).first == 29_600)
    }

    @Test func anAgentThatSaysNothingGetsTheNextSentenceAfter12Seconds() {
        var script = CallerScript(utterances: [Self.utterance], turns: 2)
        let spoken = play(&script, agent: [0..<1_600], seconds: 40)
        #expect(script.turns.map(\.outcome) == [.noReply, .noReply])
        #expect(spoken[5] == 7_200 + 800 + 96_000)
    }

    @Test func anAgentThatBeginsBeforeTheCallerIsDoneCutsIn() {
        var script = CallerScript(utterances: [Self.utterance], turns: 1)
        _ = play(&script, agent: [0..<1_600, 7_600..<9_000], seconds: 10)
        #expect(script.turns.map(\.outcome) == [.cutIn])
    }

    @Test func anAgentThatNeverEndsIsTalkedOverAfterAMinute() {
        var script = CallerScript(utterances: [Self.utterance], turns: 1)
        let spoken = play(&script, agent: [0..<800_000], seconds: 100)
        #expect(spoken.first == 480_000)
    }

    @Test func utterancesAreSaidInTurnFromTheFirstOn() {
        let long = VoiceStandIn.tone(from: 0, count: 1_600)
        var script = CallerScript(utterances: [Self.utterance, long], turns: 3, first: 1)
        _ = play(&script, agent: [], seconds: 60)
        #expect(script.turns.map { $0.ended - $0.began } == [1_600, 800, 1_600])
    }

    @Test func speechIsCutToWhereItIsAudible() {
        let silence = [UInt8](repeating: MuLaw.silence, count: 400)
        #expect(CallerUtterances.trimmed(silence + Self.utterance + silence) == Self.utterance)
        #expect(CallerUtterances.trimmed(silence).isEmpty)
    }
}
