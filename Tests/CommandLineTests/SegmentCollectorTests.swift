import CallTime
import Testing
import VoiceActivity

@testable import parley

@Suite struct SegmentCollectorTests {
    func collect(_ events: [EndpointEvent], delaySamples: Int = 0, duration: Double = .infinity) -> SegmentCollector {
        var clock = AnalysisClock(rate: .narrowband, delaySamples: delaySamples)
        clock.duration = duration
        var collector = SegmentCollector()
        for event in events { collector.take(event, clock) }
        return collector
    }

    @Test func `A pause splits speech but not the turn`() {
        let found = collect([
            .speechStarted(onset: SampleTime(800), decided: SampleTime(1_280)),
            .speechProbablyEnded(lastSpeech: SampleTime(8_000), decided: SampleTime(9_600)),
            .speechResumed(onset: SampleTime(10_000), decided: SampleTime(10_400)),
            .speechEnded(
                lastSpeech: SampleTime(16_000), decided: SampleTime(19_200), delay: .milliseconds(400), reason: .silence
            ),
        ])
        #expect(
            found.speech == [
                Analysis.Speech(start: 0.1, end: 1, decided: 0.16, endDecided: 1.2),
                Analysis.Speech(start: 1.25, end: 2, decided: 1.3, endDecided: 2.4),
            ])
        #expect(
            found.turns == [Analysis.Turn(start: 0.1, end: 2, endpoint: 2.4, endpointDelayMS: 400, reason: .silence)])
    }

    @Test func `An end after a probable end closes the turn only`() {
        let found = collect([
            .speechStarted(onset: SampleTime(800), decided: SampleTime(1_280)),
            .speechProbablyEnded(lastSpeech: SampleTime(8_000), decided: SampleTime(9_600)),
            .speechEnded(
                lastSpeech: SampleTime(8_000), decided: SampleTime(11_200), delay: .milliseconds(400),
                reason: .silence),
        ])
        #expect(found.speech.count == 1)
        #expect(found.turns.count == 1)
    }

    @Test func `A resampler's delay moves sounds back but not what was handed over`() {
        let found = collect(
            [
                .speechStarted(onset: SampleTime(824), decided: SampleTime(1_280)),
                .speechEnded(
                    lastSpeech: SampleTime(8_024), decided: SampleTime(8_080), delay: .milliseconds(400),
                    reason: .endOfAudio),
            ], delaySamples: 24, duration: 1.005)
        #expect(found.turns[0].start == 0.1)
        #expect(found.turns[0].end == 1)
        #expect(found.turns[0].endpoint == 1.005)
        #expect(found.speech[0].decided == 0.16)
    }

    @Test func `An end without a beginning is passed over`() {
        let found = collect([
            .speechEnded(
                lastSpeech: SampleTime(8), decided: SampleTime(80), delay: .milliseconds(400), reason: .endOfAudio)
        ])
        #expect(found.speech.isEmpty && found.turns.isEmpty)
    }
}
