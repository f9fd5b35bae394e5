import CallTime
import Glibc
import TestSupport
import Testing

@testable import VoiceActivity

@Suite struct VoiceActivityDetectorTests {
    @Test(arguments: bothRates) func aVoiceOpensIt(rate: SampleRate) throws {
        let signal = VoiceSignals.silence(seconds: 1, at: rate) + VoiceSignals.voice(seconds: 2, at: rate)
        let line = VoiceSignals.hiss(seconds: 3, at: rate, dBFS: -65)
        let speech = try probabilities(of: VoiceSignals.mixed(signal, line), at: rate)[110..<290]
        let open = speech.filter { $0 >= 0.5 }.count
        #expect(open > speech.count * 8 / 10, "open in \(open) of \(speech.count) hops")
    }

    @Test(arguments: everyEar) func digitalSilenceNeverOpensIt(ear: Ear) throws {
        let all = try ear.probabilities(of: VoiceSignals.silence(seconds: 5, at: ear.rate))
        #expect(all.max()! < 0.35)
    }

    @Test(arguments: everyEar, [-70.0, -65, -60, -55]) func aLinesHissNeverOpensIt(ear: Ear, dBFS: Double) throws {
        let all = try ear.probabilities(of: VoiceSignals.hiss(seconds: 5, at: ear.rate, dBFS: dBFS))
        #expect(all.max()! < 0.5)
    }

    @Test(arguments: bothRates, [-70.0, -60, -55]) func hissThatSetsInAfterSilenceNeverStartsAnUtterance(
        rate: SampleRate, dBFS: Double
    ) throws {
        let signal =
            VoiceSignals.silence(seconds: 3, at: rate) + VoiceSignals.hiss(seconds: 3, at: rate, dBFS: dBFS)
        #expect(try events(of: signal, at: rate).isEmpty)
    }

    @Test(arguments: everyEar, [50.0, 60]) func mainsHumNeverOpensIt(ear: Ear, hz: Double) throws {
        let rate = ear.rate
        for amplitude in [0.001, 0.01, 0.05] {
            let hum = VoiceSignals.hum(hz, seconds: 4, at: rate, amplitude: amplitude)
            let line = VoiceSignals.hiss(seconds: 4, at: rate, dBFS: -65)
            let all = try ear.probabilities(of: VoiceSignals.mixed(hum, line))
            #expect(all.max()! < 0.5, "amplitude \(amplitude)")
        }
    }

    @Test(arguments: everyEar) func anOffsetNeverOpensItAndChangesLittle(ear: Ear) throws {
        let line = VoiceSignals.hiss(seconds: 5, at: ear.rate, dBFS: -60)
        let all = try ear.probabilities(of: line.map { $0 + 0.1 })
        #expect(all.max()! < 0.5)
    }

    @Test func resetIsAFreshDetector() throws {
        let signal = VoiceSignals.voice(seconds: 2, at: .narrowband)
        var detector = try makeDetector(.narrowband)
        let first = run(&detector, signal)
        detector.reset()
        #expect(run(&detector, signal) == first)
    }

    @Test(arguments: everyEar) func theSameAudioGivesTheSameValues(ear: Ear) throws {
        let signal = VoiceSignals.voice(seconds: 1, at: ear.rate)
        #expect(try ear.probabilities(of: signal) == ear.probabilities(of: signal))
    }

    @Test(arguments: everyEar, [Float.nan, .infinity, -.infinity, .signalingNaN, 1e30])
    func oneBadSampleIsForgotten(ear: Ear, bad: Float) throws {
        let line = VoiceSignals.hiss(seconds: 8, at: ear.rate, dBFS: -60)
        var broken = line
        broken[1_000] = bad
        let (clean, other) = try (ear.probabilities(of: line), ear.probabilities(of: broken))
        #expect(other.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(abs(clean.last! - other.last!) < 0.01)
    }

    @Test(arguments: everyEar) func fullScaleSurvives(ear: Ear) throws {
        let square = (0..<ear.rate.hz).map { Float($0 / 20 % 2 == 0 ? 1 : -1) }
        #expect(try ear.probabilities(of: square).allSatisfy { $0 >= 0 && $0 <= 1 })
    }

    @Test func aRateThatIsNotOffered() {
        #expect(
            throws: ConfigurationError(field: "sampleRate", given: "11025 Hz", allowed: "8000 or 16000 Hz")
        ) { _ = try makeDetector(SampleRate(hz: 11_025)) }
    }

    @Test(arguments: bothRates) func aHopIsTenMilliseconds(rate: SampleRate) throws {
        let hop = try makeDetector(rate).hopSamples
        #expect(hop == rate.hz / 100)
    }

    @Test(.enabled(if: canCountAllocations && isOptimised), arguments: everyEar)
    func processAllocatesNothing(ear: Ear) throws {
        let rate = ear.rate
        let signal = VoiceSignals.voice(seconds: 1, at: rate)
        var detector = try makeDetector(rate, ear.kind)
        var settings = Endpointer.Configuration()
        settings.sampleRate = rate
        settings.hopSamples = detector.hopSamples
        var endpointer = try Endpointer(settings)
        let hop = detector.hopSamples
        var said = 0
        let pass = {
            for start in stride(from: 0, to: signal.count - hop + 1, by: hop) {
                let probability = detector.process(signal.span.extracting(start..<start + hop))
                said += endpointer.process(probability: probability, levelOverFloorDB: detector.levelOverFloorDB).count
            }
        }
        pass()
        #expect(countingAllocations(pass) == .none)
    }

    @Test func bothRatesDecideAlikeWithinAHop() throws {
        let starts = try bothRates.map { rate in
            let gap = { (seconds: Double) in VoiceSignals.silence(seconds: seconds, at: rate) }
            let speech =
                gap(1) + VoiceSignals.voice(seconds: 1.5, at: rate) + gap(1.2)
                + VoiceSignals.voice(seconds: 0.8, at: rate, level: 0.1, pitchHz: 190) + gap(1)
            return try events(of: speech, at: rate).map { Double($0.place.index) / Double(rate.hz) }
        }
        #expect(starts[0].count == starts[1].count && starts[0].count >= 4)
        for (narrow, wide) in zip(starts[0], starts[1]) { #expect(abs(narrow - wide) < 0.0101) }
    }

    @Test func onsetAndEndLieWithinTwoHopsOfTheVoice() throws {
        let rate = SampleRate.narrowband
        let voice = VoiceSignals.voice(seconds: 1.5, at: rate)
        let signal = VoiceSignals.silence(seconds: 1, at: rate) + voice + VoiceSignals.silence(seconds: 1, at: rate)
        let line = VoiceSignals.hiss(seconds: 3.5, at: rate, dBFS: -65)
        let all = try events(of: VoiceSignals.mixed(signal, line), at: rate)
        guard case .speechStarted(let onset, let decided) = all.first,
            case .speechEnded(let last, _, _, .silence) = all.last
        else { return #expect(Bool(false), "events \(all)") }
        #expect(abs(onset.index - 8_000) <= 160)
        #expect(decided.index - 8_000 <= 800)
        #expect(abs(last.index - 20_000) <= 240)
    }
}

/// Without optimisation the standard library's SIMD code is not specialised and allocates by itself; the promise is one
/// of optimised builds, as `make test` makes them.
var isOptimised: Bool {
    #if DEBUG && !OPTIMISED_AUDIO
        false
    #else
        true
    #endif
}

extension EndpointEvent {
    /// Where it happened.
    var place: SampleTime {
        switch self {
        case .speechStarted(let onset, _), .speechResumed(let onset, _): onset
        case .speechProbablyEnded(let last, _), .speechEnded(let last, _, _, _): last
        }
    }

    var decided: SampleTime {
        switch self {
        case .speechStarted(_, let decided), .speechResumed(_, let decided), .speechProbablyEnded(_, let decided),
            .speechEnded(_, let decided, _, _):
            decided
        }
    }
}

/// Detector and endpointer over a signal, and `finish`.
func events(of signal: [Float], at rate: SampleRate) throws -> [EndpointEvent] {
    var detector = try makeDetector(rate)
    var settings = Endpointer.Configuration()
    settings.sampleRate = rate
    settings.hopSamples = detector.hopSamples
    var endpointer = try Endpointer(settings)
    var result: [EndpointEvent] = []
    let hop = detector.hopSamples
    for start in stride(from: 0, to: signal.count - hop + 1, by: hop) {
        let probability = detector.process(signal.span.extracting(start..<start + hop))
        result += endpointer.process(probability: probability, levelOverFloorDB: detector.levelOverFloorDB)
    }
    return result + endpointer.finish()
}
