import CallTime
import Codecs
import Glibc
import TestSupport
import Testing

@testable import VoiceActivity

/// Tones and pauses one after another, in noise if wanted.
private struct ToneSignal {
    var rate = SampleRate.narrowband
    private(set) var samples: [Float] = []

    mutating func rest(_ milliseconds: Double) {
        samples += [Float](repeating: 0, count: Int(milliseconds * Double(rate.hz) / 1_000))
    }

    mutating func tones(_ parts: [(hertz: Double, dBFS: Double)], _ milliseconds: Double) {
        for place in 0..<Int(milliseconds * Double(rate.hz) / 1_000) {
            let time = Double(place) / Double(rate.hz)
            samples.append(
                Float(parts.reduce(0) { $0 + pow(10, $1.dBFS / 20) * sin(2 * .pi * $1.hertz * time + $1.hertz) }))
        }
    }

    mutating func key(
        _ row: Int, _ column: Int, _ milliseconds: Double = 50, off: Double = 0, dBFS: Double = -16, twist: Double = 0
    ) {
        let (low, high) = (ToneCorrelators.frequencies[row], ToneCorrelators.frequencies[4 + column])
        tones([(low * (1 + off), dBFS), (high * (1 + off), dBFS + twist)], milliseconds)
    }

    func inNoise(belowDB: Double, of dBFS: Double) -> [Float] {
        let noise = VoiceSignals.hiss(
            seconds: Double(samples.count) / Double(rate.hz) + 0.01, at: rate, dBFS: dBFS - belowDB)
        return zip(samples, noise).map { $0 + $1 }
    }
}

private func toneEvents(of samples: [Float], at rate: SampleRate = .narrowband) throws -> [ToneEvent] {
    var detector = try ToneDetector(sampleRate: rate)
    let hop = detector.hopSamples
    return stride(from: 0, to: samples.count - hop + 1, by: hop).flatMap {
        Array(detector.process(samples.span.extracting($0..<$0 + hop)))
    }
}

private func keys(in events: [ToneEvent]) -> String {
    String(events.compactMap { if case .keyPressed(let key) = $0.kind { key.character } else { nil } })
}

private func calls(in events: [ToneEvent]) -> [CallTone] {
    events.compactMap { if case .call(let tone) = $0.kind { tone } else { nil } }
}

private let everyKey = "123A456B789C*0#D"

@Suite struct ToneDetectorTests {
    @Test(arguments: bothRates, [0.0, 1.3, 2.5, 5, 7.7]) func everyKeyIsHeardAtItsShortest(
        rate: SampleRate, offset: Double
    ) throws {
        var signal = ToneSignal(rate: rate)
        signal.rest(100 + offset)
        for row in 0..<4 {
            for column in 0..<4 {
                signal.key(row, column, 42)
                signal.rest(42)
            }
        }
        signal.rest(100)
        let events = try toneEvents(of: signal.samples, at: rate)
        #expect(keys(in: events) == everyKey)
        #expect(events.filter { if case .keyReleased = $0.kind { true } else { false } }.count == 16)
    }

    @Test(arguments: [-0.015, 0.015], [-8.0, 0, 4]) func keysAreHeardToTheLimitsOfFrequencyAndTwist(
        off: Double, twist: Double
    ) throws {
        var signal = ToneSignal()
        signal.rest(100)
        for row in 0..<4 {
            for column in 0..<4 {
                signal.key(row, column, 60, off: off, twist: twist)
                signal.rest(60)
            }
        }
        signal.rest(100)
        #expect(keys(in: try toneEvents(of: signal.inNoise(belowDB: 40, of: -16))) == everyKey)
    }

    @Test(arguments: [-0.05, -0.035, 0.035, 0.05]) func keysBeyondTheirFrequenciesAreNotHeard(off: Double) throws {
        var signal = ToneSignal()
        signal.rest(100)
        for row in 0..<4 {
            for column in 0..<4 {
                signal.key(row, column, 80, off: off)
                signal.rest(80)
            }
        }
        #expect(keys(in: try toneEvents(of: signal.samples)).isEmpty)
    }

    @Test(arguments: [0.0, 1.1, 2.6, 4.2, 6.3, 8.8]) func aToneOf22MillisecondsIsNoKey(offset: Double) throws {
        var signal = ToneSignal()
        signal.rest(100 + offset)
        signal.key(1, 1, 22)
        signal.rest(100)
        #expect(try toneEvents(of: signal.samples).isEmpty)
    }

    @Test(arguments: [-30.0, -16, -9]) func keysAreHeardInNoise15DecibelsDownAtAnyLevel(dBFS: Double) throws {
        var signal = ToneSignal()
        signal.rest(200)
        for row in 0..<4 {
            for column in 0..<4 {
                signal.key(row, column, 80, dBFS: dBFS)
                signal.rest(80)
            }
        }
        signal.rest(100)
        #expect(keys(in: try toneEvents(of: signal.inNoise(belowDB: 15, of: dBFS))) == everyKey)
    }

    @Test func keysKeepTheirPlacesThroughMuLaw() throws {
        var signal = ToneSignal()
        signal.rest(500)
        signal.key(2, 0, 100)
        signal.rest(300)
        let coded = signal.samples.map { sample in
            MuLaw.decode(MuLaw.encode(Int16(sample * 32_767)))
        }
        let events = try toneEvents(of: coded)
        #expect(keys(in: events) == "7")
        let released = try #require(events.last)
        #expect(abs(released.start.index - 4_000) <= 80 && abs(released.end.index - 4_800) <= 80)
    }

    @Test func americanTonesAreKnownByTheirCadence() throws {
        var signal = ToneSignal()
        signal.rest(300)
        signal.tones([(350, -20), (440, -20)], 1_500)
        signal.rest(1_000)
        signal.tones([(440, -22), (480, -22)], 2_000)
        signal.rest(4_000)
        for length in [500.0, 250] {
            for _ in 0..<2 {
                signal.tones([(480, -24), (620, -24)], length)
                signal.rest(length)
            }
            signal.rest(2_000)
        }
        let heard = calls(in: try toneEvents(of: signal.inNoise(belowDB: 30, of: -22)))
        #expect(heard == [.dial, .ringback, .busy, .congestion])
    }

    @Test func europeanTonesAreKnownByTheirCadence() throws {
        var signal = ToneSignal()
        signal.rest(300)
        signal.tones([(425, -20)], 1_000)
        signal.rest(4_000)
        for length in [500.0, 250] {
            for _ in 0..<2 {
                signal.tones([(425, -20)], length)
                signal.rest(length)
            }
            signal.rest(2_000)
        }
        signal.tones([(425, -20)], 3_000)
        signal.rest(300)
        #expect(
            calls(in: try toneEvents(of: signal.inNoise(belowDB: 30, of: -20))) == [
                .ringback, .busy, .congestion, .dial,
            ])
    }

    @Test func specialInformationAndFaxAreTold() throws {
        var signal = ToneSignal()
        signal.rest(300)
        for hertz in [950.0, 1_400, 1_800] { signal.tones([(hertz, -20)], 330) }
        signal.rest(1_000)
        signal.tones([(1_100, -20)], 500)
        signal.rest(500)
        #expect(calls(in: try toneEvents(of: signal.inNoise(belowDB: 30, of: -20))) == [.specialInformation, .fax])
    }

    @Test(arguments: [440.0, 1_000, 1_400, 1_850], [200.0, 500, 1_200]) func aBeepIsToldAtItsEnd(
        hertz: Double, length: Double
    ) throws {
        var signal = ToneSignal()
        signal.rest(1_000)
        signal.tones([(hertz, -18)], length)
        signal.rest(500)
        let events = try toneEvents(of: signal.inNoise(belowDB: 25, of: -18))
        if (hertz == 1_400 && length < 400) { return }
        #expect(events.count == 1)
        guard let event = events.first, case .beep(let heard) = event.kind else {
            return #expect(Bool(false), "\(events)")
        }
        #expect(abs(Double(heard) - hertz) < 20)
        #expect(abs(event.end.index - Int(8 * (1_000 + length))) <= 160)
        #expect(event.decided - event.end <= 400)
    }

    @Test(arguments: ["speech-clean", "speech-noise-10db", "hiss", "hum"]) func recordingsHoldNoTones(name: String)
        throws
    {
        let recording = try TestRecording(name)
        let events = try toneEvents(of: recording.samples, at: recording.rate)
        #expect(events.isEmpty, "\(events)")
    }

    @Test(arguments: bothRates) func badSamplesAreForgotten(rate: SampleRate) throws {
        var signal = ToneSignal(rate: rate)
        signal.rest(200)
        signal.key(0, 0, 100)
        signal.rest(100)
        var samples = signal.samples
        samples[rate.hz / 20] = .nan
        samples[rate.hz / 15] = .infinity
        #expect(keys(in: try toneEvents(of: samples, at: rate)) == "1")
    }

    @Test(.enabled(if: canCountAllocations && isOptimised)) func processAllocatesNothing() throws {
        var detector = try ToneDetector()
        var signal = ToneSignal()
        signal.key(0, 0, 200)
        signal.rest(100)
        let samples = signal.samples
        var said = 0
        let pass = {
            for start in stride(from: 0, to: samples.count - 79, by: 80) {
                said += detector.process(samples.span.extracting(start..<start + 80)).count
            }
        }
        pass()
        #expect(countingAllocations(pass) == .none)
        #expect(said > 0 && MemoryLayout<ToneDetector>.size < 1_536)
    }
}
