import CallTime
import Glibc
import TestSupport
import Testing

@testable import VoiceActivity

@Suite struct EchoReferenceTests {
    static let delays = [10, 40, 120, 300, 390]
    static let couplings = [-6.0, -12, -20, -30]

    @Test(arguments: delays, couplings) func ourOwnVoiceIsNotTheCallers(delay: Int, couplingDB: Double) throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: delay, couplingDB: couplingDB)
        let heard = EchoSignals.line(echo, EchoSignals.silence)
        let judged = EchoSignals.taken(try EchoSignals.nearEnd(heard, played: EchoSignals.ours))
        let plain = EchoSignals.taken(try probabilities(of: heard, at: EchoSignals.rate, .learned))
        #expect(judged.share < 0.02)
        #expect(judged.longest < 6)
        #expect(plain.share > 0.2, "the plain detector would hear it")
    }

    @Test(arguments: delays, [-6.0, -12, -20]) func aCallerAsLoudAsTheEchoIsHeard(
        delay: Int, couplingDB: Double
    ) throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: delay, couplingDB: couplingDB)
        let kept = try [0.0, -6].map { relative in
            let caller = EchoSignals.louder(EchoSignals.caller, byDB: couplingDB + relative)
            let plain = try probabilities(
                of: EchoSignals.line(caller, EchoSignals.silence), at: EchoSignals.rate, .learned)
            let heard = EchoSignals.line(caller, echo)
            return EchoSignals.kept(plain, try EchoSignals.nearEnd(heard, played: EchoSignals.ours))
        }
        #expect(kept[0] >= 0.8, "as loud as the echo")
        #expect(kept[1] >= 0.6, "6 dB under the echo")
    }

    @Test func aCallerAtAUsualLevelOverAWeakEchoIsHeard() throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: 120, couplingDB: -20)
        let plain = try probabilities(
            of: EchoSignals.line(EchoSignals.caller, EchoSignals.silence), at: EchoSignals.rate)
        let heard = EchoSignals.line(EchoSignals.caller, echo)
        #expect(EchoSignals.kept(plain, try EchoSignals.nearEnd(heard, played: EchoSignals.ours)) >= 0.97)
    }

    @Test func withNothingPlayedItIsThePlainDetector() throws {
        let heard = EchoSignals.line(EchoSignals.caller, EchoSignals.silence)
        let plain = try probabilities(of: heard, at: EchoSignals.rate, .learned)
        #expect(try EchoSignals.nearEnd(heard, played: EchoSignals.silence) == plain)
    }

    @Test func aLineWithoutEchoLosesNothing() throws {
        let heard = EchoSignals.line(EchoSignals.caller, EchoSignals.silence)
        let plain = try probabilities(of: heard, at: EchoSignals.rate, .learned)
        let kept = EchoSignals.kept(plain, try EchoSignals.nearEnd(heard, played: EchoSignals.ours), from: 0)
        #expect(kept >= 0.98, "kept \(kept)")
    }

    @Test func anEchoOpensNoUtterance() throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: 120, couplingDB: -12)
        let (heard, played) = (EchoSignals.line(echo, EchoSignals.silence), EchoSignals.ours)
        var detector = try NearEndDetector()
        var endpointer = try Endpointer()
        var starts = 0
        for start in stride(from: 0, to: heard.count, by: 80) {
            let hop = start..<start + 80
            let probability = detector.process(
                heard.span.extracting(hop), played: played.span.extracting(hop))
            let events = endpointer.process(probability: probability, levelOverFloorDB: detector.levelOverFloorDB)
            if start > 80 * EchoSignals.learntHop {
                starts += events.filter { if case .speechStarted = $0 { true } else { false } }.count
            }
        }
        #expect(starts == 0)
    }

    @Test(arguments: delays) func theDelayIsFound(delay: Int) throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: delay, couplingDB: -12)
        let seen = try nearEnds(EchoSignals.line(echo, EchoSignals.silence), played: EchoSignals.ours)
        let found = try #require(seen.firstIndex { $0.confidence > 0.9 })
        #expect(found < EchoSignals.learntHop)
        let late = try #require(seen.last?.delay) - .milliseconds(delay)
        #expect(late > .milliseconds(-3) && late < .milliseconds(12), "off by \(late)")
    }

    @Test func theDelayIsHeldThroughDoubleTalk() throws {
        let echo = EchoSignals.echo(EchoSignals.ours, delay: 120, couplingDB: -12)
        let caller = EchoSignals.louder(EchoSignals.caller, byDB: -6)
        let seen = try nearEnds(EchoSignals.line(echo, caller), played: EchoSignals.ours)
        let delays = seen[EchoSignals.learntHop...].compactMap(\.delay)
        #expect(delays.count == seen.count - EchoSignals.learntHop)
        let off = delays.map { abs($0 / .milliseconds(1) - 120) }
        #expect(off.max()! < 35, "the furthest is \(off.max()!) ms away")
        #expect(off.filter { $0 > 20 }.count < off.count / 20)
    }

    @Test(arguments: [(120, 250), (300, 40)]) func anotherDelayIsFoundWithinTwoSeconds(before: Int, after: Int) throws {
        let (first, second) = (
            EchoSignals.echo(EchoSignals.ours, delay: before, couplingDB: -12),
            EchoSignals.echo(EchoSignals.ours, delay: after, couplingDB: -12)
        )
        let echo = first.indices.map { $0 < 80_000 ? first[$0] : second[$0] }
        let heard = EchoSignals.line(echo, EchoSignals.silence)
        let judged = EchoSignals.taken(try EchoSignals.nearEnd(heard, played: EchoSignals.ours), from: 1_200)
        #expect(judged.share < 0.02 && judged.longest < 6)
    }

    @Test(arguments: bothRates) func bothRatesFindTheSamePath(rate: SampleRate) throws {
        let played = VoiceSignals.voice(seconds: 6, at: rate).enumerated().map {
            // Words of uneven length: a steady rhythm looks the same a beat later.
            let t = Double($0.offset) / Double(rate.hz)
            return $0.element * (sin(2.9 * t) + sin(4.7 * t + 1) + sin(11.3 * t) > 0 ? 1 : 0)
        }
        let delay = rate.hz / 10
        let heard = VoiceSignals.mixed(
            [Float](repeating: 0, count: delay) + played.dropLast(delay).map { $0 * 0.25 },
            VoiceSignals.hiss(seconds: 6, at: rate, dBFS: -60))
        let found = try #require(try nearEnds(heard, played: played, at: rate).last?.delay)
        #expect(abs(found / .milliseconds(1) - 100) < 4, "\(found)")
    }

    @Test func resetIsAFreshReference() throws {
        let heard = EchoSignals.line(
            EchoSignals.echo(EchoSignals.ours, delay: 40, couplingDB: -12), EchoSignals.caller)
        var detector = try NearEndDetector()
        let first = run(&detector, heard, EchoSignals.ours)
        detector.reset()
        #expect(run(&detector, heard, EchoSignals.ours) == first)
    }

    @Test(arguments: [Float.nan, .infinity, 1e30]) func badSamplesOnEitherSideAreForgotten(bad: Float) throws {
        var (heard, played) = (EchoSignals.caller, EchoSignals.ours)
        for n in stride(from: 30_000, to: 40_000, by: 777) { (heard[n], played[n]) = (bad, bad) }
        let seen = try nearEnds(heard, played: played)
        #expect(seen.allSatisfy { $0.nearEnd >= 0 && $0.nearEnd <= 1 && $0.excessDB.isFinite && $0.echoDB.isFinite })
    }

    @Test func aRateThatIsNotOffered() {
        #expect(throws: ConfigurationError.self) {
            var configuration = VoiceActivityDetector.Configuration()
            configuration.sampleRate = SampleRate(hz: 48_000)
            _ = try NearEndDetector(configuration)
        }
    }

    @Test func decibelsBecomePowersAgain() {
        for level in stride(from: Float(-70), through: 20, by: 0.37) {
            let back = Decibels.of(Decibels.power(SIMD16(repeating: level)))[5]
            #expect(abs(back - level) < 0.03)
        }
    }

    @Test(.enabled(if: canCountAllocations && isOptimised), arguments: bothRates)
    func processAllocatesNothing(rate: SampleRate) throws {
        let signal = VoiceSignals.voice(seconds: 2, at: rate)
        var configuration = VoiceActivityDetector.Configuration()
        configuration.sampleRate = rate
        var detector = try NearEndDetector(configuration)
        let hop = detector.hopSamples
        var sum: Float = 0
        let pass = {
            for start in stride(from: 0, to: signal.count - hop + 1, by: hop) {
                let samples = signal.span.extracting(start..<start + hop)
                sum += detector.process(samples, played: samples)
            }
        }
        pass()
        #expect(countingAllocations(pass) == .none)
    }

    private func nearEnds(
        _ heard: [Float], played: [Float], at rate: SampleRate = .narrowband
    ) throws -> [NearEnd] {
        var configuration = VoiceActivityDetector.Configuration()
        configuration.sampleRate = rate
        var detector = try NearEndDetector(configuration)
        return run(&detector, heard, played)
    }

    private func run(_ detector: inout NearEndDetector, _ heard: [Float], _ played: [Float]) -> [NearEnd] {
        var result: [NearEnd] = []
        let hop = detector.hopSamples
        for start in stride(from: 0, to: heard.count - hop + 1, by: hop) {
            let (near, far) = (heard.span.extracting(start..<start + hop), played.span.extracting(start..<start + hop))
            _ = detector.process(near, played: far)
            result.append(detector.nearEnd)
        }
        return result
    }
}
