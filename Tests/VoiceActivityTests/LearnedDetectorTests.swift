import AudioCore
import CallTime
import TestSupport
import Testing

@testable import VoiceActivity

@Suite struct LearnedDetectorTests {
    @Test func itFindsTheSpeechOfARecording() throws {
        let recording = try TestRecording("speech-clean")
        let said = try probabilities(of: recording.samples, at: recording.rate, .learned)
        let (speech, rest) = (recording.hops(inside: 0.05), recording.hops(outside: 0.15))
        let heard = speech.filter { said[$0] >= 0.5 }.count
        let wrong = rest.filter { said[$0] >= 0.5 }.count
        #expect(speech.count > 200 && rest.count > 100)
        #expect(heard >= speech.count * 85 / 100, "\(heard) of \(speech.count) hops of speech")
        #expect(wrong <= rest.count * 5 / 100, "\(wrong) of \(rest.count) hops without")
    }

    @Test func itFindsItInNoiseToo() throws {
        let recording = try TestRecording("speech-noise-10db")
        let said = try probabilities(of: recording.samples, at: recording.rate, .learned)
        let (speech, rest) = (recording.hops(inside: 0.05), recording.hops(outside: 0.2))
        let heard = speech.filter { said[$0] >= 0.5 }.count
        let wrong = rest.filter { said[$0] >= 0.5 }.count
        #expect(heard >= speech.count * 80 / 100, "\(heard) of \(speech.count) hops of speech")
        #expect(wrong <= rest.count * 10 / 100, "\(wrong) of \(rest.count) hops without")
    }

    @Test(arguments: ["hiss", "hum"]) func recordedNoiseOpensNothing(name: String) throws {
        let recording = try TestRecording(name)
        let said = try probabilities(of: recording.samples, at: recording.rate, .learned)
        #expect(said.count > 100 && said.max()! < 0.5)
    }

    @Test(arguments: bothRates) func aVoiceMadeByFormulaIsNotTakenForSpeechByLoudnessAlone(rate: SampleRate) throws {
        let buzz = (0..<rate.hz * 3).map { Float($0 % (rate.hz / 100) < rate.hz / 400 ? 0.3 : -0.1) }
        let said = try probabilities(of: buzz, at: rate, .learned)
        #expect(said[100...].max()! < 0.5)
    }

    /// The values that the trained network gave where it was trained (Training/golden.py), so that both compute the same.
    @Test func itComputesWhatTheTrainingComputed() throws {
        let recording = try TestRecording("speech-clean")
        let said = try probabilities(of: recording.samples, at: recording.rate, .learned)
        let expected = try TestRecording.lines("../Tests/VoiceActivityTests/Golden/speech-clean.txt").compactMap(
            Float.init)
        #expect(expected.count >= 500 && expected.count <= said.count)
        let worst = zip(said, expected).map { abs($0 - $1) }.max()!
        #expect(worst < 0.002, "off by \(worst)")
    }

    @Test func resetIsAFreshDetectorInTheMiddleOfAStep() throws {
        let recording = try TestRecording("speech-clean")
        var detector = try makeDetector(recording.rate, .learned)
        let fresh = run(&detector, Array(recording.samples.prefix(16_080)))
        detector.reset()
        #expect(run(&detector, Array(recording.samples.prefix(16_080))) == fresh)
    }

    @Test func twoCallsOnOneThreadDoNotHearEachOther() throws {
        let (one, other) = (try TestRecording("speech-clean"), try TestRecording("speech-noise-10db"))
        let alone = try probabilities(of: one.samples, at: one.rate, .learned)
        var first = try makeDetector(one.rate, .learned)
        var second = try makeDetector(other.rate, .learned)
        let hop = first.hopSamples
        var together: [Float] = []
        for start in stride(from: 0, to: min(one.samples.count, other.samples.count) - hop, by: hop) {
            together.append(first.process(one.samples.span.extracting(start..<start + hop)))
            _ = second.process(other.samples.span.extracting(start..<start + hop))
        }
        #expect(together == Array(alone.prefix(together.count)))
    }

    @Test(arguments: bothRates) func aCallsStateIsSmall(rate: SampleRate) throws {
        let detector = try makeDetector(rate, .learned)
        let bytes = detector.stateBytes
        #expect(bytes + MemoryLayout<Endpointer>.size <= (rate == .narrowband ? 4_096 : 5_120), "\(bytes) bytes")
    }

    @Test(arguments: [
        ("", 0xCBF2_9CE4_8422_2325 as UInt64), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
    ])
    func theWeightsChecksumIsFNV1a(text: String, expected: UInt64) {
        var bytes = Array(text.utf8)
        #expect(bytes.withUnsafeMutableBytes { SpeechNetworkWeights.checksum(UnsafeRawBufferPointer($0)) } == expected)
    }

    @Test func theLogisticFunctionIsExactEnough() {
        for step in -400...400 {
            let x = Float(step) / 10
            let expected = 1 / (1 + exponential(-Double(x)))
            #expect(abs(Double(Activation.sigmoid(SIMD4(repeating: x))[0]) - expected) < 4e-6)
        }
    }
}
