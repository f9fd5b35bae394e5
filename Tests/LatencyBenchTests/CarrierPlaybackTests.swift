import Codecs
import Testing

@testable import LatencyBench

struct CarrierPlaybackTests {
    /// 10 ms a unit; a tone is audible, silence is not.
    private func tone(_ frames: Int) -> [UInt8] { VoiceStandIn.tone(from: 0, count: frames * 80) }
    private func silence(_ frames: Int) -> [UInt8] { [UInt8](repeating: MuLaw.silence, count: frames * 80) }

    private func play(
        _ audio: [UInt8], at now: Int, on playback: inout CarrierPlayback, isTaken: Bool = true,
        location: SourceLocation = #_sourceLocation
    ) {
        let taken = playback.play(audio, at: now)
        #expect(taken == isTaken, sourceLocation: location)
    }

    private func take(
        _ marks: [String], at now: Int, from playback: inout CarrierPlayback, location: SourceLocation = #_sourceLocation
    ) {
        let taken = playback.takeMarks(at: now)
        #expect(taken == marks, sourceLocation: location)
    }

    @Test func anEmptyQueuePlaysWhatItGetsAtOnce() {
        var playback = CarrierPlayback()
        play(tone(2), at: 1_003, on: &playback)
        playback.finish(at: 5_000)
        #expect(playback.voiced.spans == [1_003..<1_163])
    }

    @Test func audioWaitsForTheAudioBeforeIt() {
        var playback = CarrierPlayback()
        play(tone(10), at: 0, on: &playback)
        play(silence(5), at: 80, on: &playback)
        play(tone(1), at: 160, on: &playback)
        playback.advance(to: 400)
        #expect(playback.queued == 880)
        playback.finish(at: 10_000)
        #expect(playback.voiced.spans == [0..<800, 1_200..<1_280])
    }

    @Test func whatIsNotPlayedYetIsNotHeardYet() {
        var playback = CarrierPlayback()
        play(tone(10), at: 0, on: &playback)
        playback.advance(to: 250)
        #expect(playback.voiced.lastEnd == 240)
        #expect(playback.voiced.firstVoiced(since: 0) == 0)
        #expect(playback.voiced.firstVoiced(since: 100) == 100)
        #expect(playback.voiced.firstVoiced(since: 240) == nil)
    }

    @Test func clearDropsWhatWaitsAndKeepsWhatWasHeard() {
        var playback = CarrierPlayback()
        play(tone(10), at: 0, on: &playback)
        playback.clear(at: 400)
        #expect(playback.queued == 0)
        play(tone(1), at: 480, on: &playback)
        playback.finish(at: 10_000)
        #expect(playback.voiced.spans == [0..<400, 480..<560])
    }

    @Test func aMarkComesBackWhenTheAudioBeforeItWasPlayed() {
        var playback = CarrierPlayback()
        play(tone(10), at: 0, on: &playback)
        playback.mark("a", at: 10)
        play(tone(10), at: 20, on: &playback)
        playback.mark("b", at: 30)
        #expect(playback.nextMark == 800)
        take([], at: 799, from: &playback)
        take(["a"], at: 800, from: &playback)
        #expect(playback.nextMark == 1_600)
        take(["b"], at: 1_600, from: &playback)
        #expect(playback.nextMark == nil)
    }

    @Test func aMarkWithNothingQueuedIsDueAtOnce() {
        var playback = CarrierPlayback()
        playback.mark("a", at: 77)
        take(["a"], at: 77, from: &playback)
    }

    @Test func clearSendsEveryMarkBack() {
        var playback = CarrierPlayback()
        play(tone(100), at: 0, on: &playback)
        playback.mark("a", at: 0)
        playback.mark("b", at: 0)
        playback.clear(at: 160)
        take(["a", "b"], at: 160, from: &playback)
        playback.mark("c", at: 170)
        take(["c"], at: 170, from: &playback)
    }

    @Test func moreThanTenMinutesAheadAreRefused() {
        var playback = CarrierPlayback()
        let minute = [UInt8](repeating: MuLaw.silence, count: 480_000)
        for _ in 0..<10 { play(minute, at: 0, on: &playback) }
        play([0], at: 0, on: &playback, isTaken: false)
        playback.advance(to: 8)
        play([0], at: 8, on: &playback)
    }

    @Test func aFrameIsCountedFromWhereTheAudioBegins() {
        var spans = VoicedSpans()
        spans.append(silence(1) + tone(1), at: 5)
        spans.append(tone(1).prefix(40), at: 165)
        spans.append(tone(1).suffix(40), at: 205)
        #expect(spans.spans == [85..<245])
    }

    @Test func whatIsQuieterThanTheThresholdIsNotVoiced() {
        // A square wave has the level of its amplitude: 184 of 32,768 is −45.01 dBFS, 188 −44.8, as mu-law has them.
        func square(_ amplitude: Int16) -> [UInt8] { (0..<80).map { MuLaw.encode($0 % 2 == 0 ? amplitude : -amplitude) } }
        #expect(VoicedSpans.isVoiced(square(196)))
        #expect(!VoicedSpans.isVoiced(square(172)))
        #expect(!VoicedSpans.isVoiced([UInt8]()))
    }
}
