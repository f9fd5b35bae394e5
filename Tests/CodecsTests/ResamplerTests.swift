import CallTime
import Codecs
import Glibc
import TestSupport
import Testing

/// Pairs of rates: those of the polyphase filter, and some that are libsamplerate's.
private let pairs: [Rates] = [
    (8_000, 16_000), (16_000, 8_000), (8_000, 24_000), (24_000, 8_000), (8_000, 48_000), (48_000, 8_000),
    (16_000, 48_000), (48_000, 16_000), (16_000, 24_000), (24_000, 16_000), (12_000, 16_000), (16_000, 12_000),
    (22_050, 16_000), (22_050, 8_000), (44_100, 16_000), (8_000, 44_100), (11_025, 8_000), (8_000, 11_025),
    (44_100, 48_000), (48_000, 44_100),
].map { Rates(from: $0.0, to: $0.1) }

struct Rates: Sendable, CustomTestStringConvertible {
    var from: Int
    var to: Int
    var lower: Int { min(from, to) }
    var ratio: Double { Double(to) / Double(from) }
    var testDescription: String { "\(from) to \(to) Hz" }

    func resampler(polyphase: Bool = true) throws -> Resampler {
        try Resampler(from: SampleRate(hz: from), to: SampleRate(hz: to), allowingPolyphase: polyphase)
    }
}

@Suite("The resampler")
struct ResamplerTests {
    @Test func servesSmallRatiosByItselfAndOthersByLibsamplerate() throws {
        for rates in pairs {
            let byItself = try rates.resampler().usesPolyphase
            #expect(byItself == (rates.from % 11_025 != 0 && rates.to % 11_025 != 0), "\(rates)")
        }
    }

    @Test(arguments: pairs)
    func statesItsDelay(rates: Rates) throws {
        // 24 samples of the lower rate, whichever method.
        let delay = try rates.resampler().delaySamples
        #expect(delay == (24 * rates.to + rates.lower - 1) / rates.lower)
    }

    @Test(arguments: pairs)
    func anyCutOfTheInputGivesTheSameSamples(rates: Rates) throws {
        let input = Signals.noise(seed: 11, count: 5_000)
        let whole = try rates.resampler().run(input)
        for seed in 1...4 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var lengths: [Int] = []
            while lengths.reduce(0, +) < input.count { lengths.append(random.next(in: 0...(seed == 1 ? 7 : 1_500))) }
            #expect(try rates.resampler().run(input, cut: lengths) == whole, "seed \(seed)")
        }
    }

    @Test(arguments: pairs)
    func givesExactlyAsManySamplesAsItSays(rates: Rates) throws {
        var random = SplitMix64(seed: 12)
        var resampler = try rates.resampler()
        var (taken, given) = (0, 0)
        for _ in 0..<300 {
            let length = random.next(in: 1...400)
            let limit = resampler.maxOutput(forInput: length)
            let count = resampler.feed([Float](repeating: 0.1, count: length)).count
            taken += length
            given += count
            #expect(count <= limit && count >= limit - 1)
            #expect(given == (taken * rates.to + rates.from - 1) / rates.from)
        }
        let delay = resampler.delaySamples
        let rest = resampler.end().count
        #expect(rest == delay)
    }

    @Test(arguments: pairs)
    func anImpulseComesOutWhereTheDelayPutsIt(rates: Rates) throws {
        // At a multiple of the input's rate over 100, so that its place in the output is whole.
        let at = rates.from / 100 * 4
        let output = try rates.resampler().run(Signals.impulse(at: at, count: 2 * at))
        let resampler = try rates.resampler()
        let expected = resampler.delaySamples + at * rates.to / rates.from
        let loudest = output.indices.max { abs(output[$0]) < abs(output[$1]) }!
        #expect(abs(loudest - expected) <= (rates.from % 100 == 0 && rates.to % 100 == 0 ? 0 : 1))
    }

    @Test(arguments: pairs)
    func aToneKeepsItsAmplitudeAndPhase(rates: Rates) throws {
        let (from, to) = (SampleRate(hz: rates.from), SampleRate(hz: rates.to))
        let output = try rates.resampler().run(Signals.sine(1_000, at: from, count: rates.from, amplitude: 0.5))
        let resampler = try rates.resampler()
        let delay = resampler.delaySamples
        let steady = output[(delay + rates.to / 20)..<(delay + rates.to / 20 + rates.to / 2)]
        let tone = AudioMeasures.tone(1_000, in: steady, at: to)
        #expect(tone.toResidualDB > 95, "\(tone.toResidualDB) dB")
        #expect(abs(tone.amplitude - 0.5) < 0.0005, "\(tone.amplitude)")
        let expected = 2 * Double.pi * 1_000 * Double(rates.to / 20) / Double(rates.to)
        let difference = remainder(tone.phase - expected, 2 * .pi)
        #expect(abs(difference) < 0.001, "\(difference) rad")
    }

    @Test(arguments: pairs)
    func whatLiesBeyondTheLowerRateIsSilenced(rates: Rates) throws {
        let stopBand = try rates.resampler().stopBandDB(rates)
        #expect(stopBand < (try rates.resampler().usesPolyphase ? -101 : -94), "\(stopBand) dB")
    }

    @Test(arguments: pairs.prefix(12), [(0.3, 0.0, 0.01), (0.36, 0.0, 0.1), (0.430, -6.0, 0.3)])
    func thePassBandReachesAsFarAsItSays(rates: Rates, place: (part: Double, gainDB: Double, tolerance: Double)) throws
    {
        let frequency = place.part * Double(rates.lower)
        let input = Signals.sine(frequency, at: SampleRate(hz: rates.from), count: rates.from / 2, amplitude: 0.5)
        let output = try rates.resampler().run(input)
        let tone = AudioMeasures.tone(
            frequency, in: output[(rates.to / 10)..<(rates.to / 10 * 4)], at: SampleRate(hz: rates.to))
        let gain = 20 * log10(tone.amplitude / 0.5)
        #expect(abs(gain - place.gainDB) < place.tolerance, "\(gain) dB")
    }

    @Test(arguments: pairs.prefix(12))
    func theStopBandIsNoWorseThanLibsamplerates(rates: Rates) throws {
        let own = try rates.resampler().stopBandDB(rates)
        let library = try rates.resampler(polyphase: false).stopBandDB(rates)
        #expect(own <= library, "\(own) dB, libsamplerate \(library) dB")
    }

    @Test(arguments: pairs)
    func resetIsLikeNew(rates: Rates) throws {
        let input = Signals.noise(seed: 13, count: 700)
        let fresh = try rates.resampler().run(input)
        var used = try rates.resampler()
        _ = used.feed(Signals.noise(seed: 14, count: 333))
        used.reset()
        #expect(used.feed(input) + used.end() == fresh)
        // `flush` ends the stream: what follows is a new one.
        #expect(used.feed(input) + used.end() == fresh)
    }

    @Test(arguments: pairs)
    func silenceStaysSilence(rates: Rates) throws {
        let output = try rates.resampler().run([Float](repeating: 0, count: 1_000))
        #expect(output.allSatisfy { $0 == 0 })
    }

    @Test(arguments: pairs)
    func aConstantStaysConstant(rates: Rates) throws {
        let output = try rates.resampler().run([Float](repeating: 1, count: rates.from / 10))
        let resampler = try rates.resampler()
        let edge = 2 * resampler.delaySamples
        #expect(output[edge..<(output.count - edge)].allSatisfy { abs($0 - 1) < 3e-5 })
    }

    @Test(arguments: pairs)
    func whatIsNotANumberIsForgotten(rates: Rates) throws {
        var input = Signals.noise(seed: 15, count: 2_000)
        let clean = try rates.resampler().run(input)
        input[500] = .nan
        input[501] = .infinity
        let output = try rates.resampler().run(input)
        let resampler = try rates.resampler()
        let first = Int(500 * rates.ratio) - 1
        let last = Int((501 * rates.ratio).rounded(.up)) + 2 * resampler.delaySamples + 1
        #expect(output[..<first].elementsEqual(clean[..<first]))
        #expect(output[last...].elementsEqual(clean[last...]))
        #expect(output[first..<last].contains { $0.isNaN })
    }

    @Test(arguments: pairs)
    func fullScaleSurvives(rates: Rates) throws {
        let square = (0..<4_000).map { $0 / 40 % 2 == 0 ? Float(1) : -1 }
        let output = try rates.resampler().run(square)
        #expect(output.allSatisfy { abs($0) < 1.25 })
        #expect(output.contains { $0 > 0.99 })
    }

    @Test func equalRatesAreCopiedWithoutDelay() throws {
        let rates = Rates(from: 8_000, to: 8_000)
        let input = Signals.noise(seed: 16, count: 500)
        #expect(try rates.resampler().run(input, cut: [1, 160, 339]) == input)
        let delay = try rates.resampler().delaySamples
        #expect(delay == 0)
    }

    @Test func ratesTooFarApartAreRefused() {
        #expect(throws: ConfigurationError.self) {
            _ = try Resampler(from: SampleRate(hz: 100), to: SampleRate(hz: 48_000))
        }
    }

    @Test(.enabled(if: canCountAllocations), arguments: pairs)
    func resamplingAllocatesNothing(rates: Rates) throws {
        var resampler = try rates.resampler()
        let input = Signals.noise(seed: 17, count: rates.from / 50)
        var output = [Float](repeating: 0, count: max(rates.to / 50 + 1, resampler.delaySamples))
        func work() {
            for _ in 0..<5 {
                var span = output.mutableSpan
                _ = resampler.process(input.span, into: &span)
            }
            var span = output.mutableSpan
            _ = resampler.flush(into: &span)
        }
        work()
        #expect(countingAllocations(work) == .none)
    }
}

extension Resampler {
    /// What one call gives for `input`.
    mutating func feed(_ input: [Float]) -> [Float] {
        var output = [Float](repeating: .nan, count: maxOutput(forInput: input.count))
        var span = output.mutableSpan
        let count = process(input.span, into: &span)
        return Array(output[..<count])
    }

    /// The last samples of the stream.
    mutating func end() -> [Float] {
        var output = [Float](repeating: .nan, count: delaySamples)
        var span = output.mutableSpan
        let count = flush(into: &span)
        return Array(output[..<count])
    }

    /// A whole stream: all of `input` in one call, or cut into `lengths`, then flushed.
    consuming func run(_ input: [Float], cut lengths: [Int]? = nil) -> [Float] {
        var resampler = self
        var output: [Float] = []
        var begin = 0
        for length in lengths ?? [input.count] {
            let end = min(begin + length, input.count)
            output += resampler.feed(Array(input[begin..<end]))
            begin = end
        }
        return output + resampler.end()
    }

    /// The loudest that lies beyond half the lower rate, in dB below the pass band: from the response to an impulse,
    /// or, when the rate falls, to an impulse in each place between two output samples.
    consuming func stopBandDB(_ rates: Rates) -> Double {
        var resampler = self
        let divisor = (1...rates.from).last { rates.from % $0 == 0 && rates.to % $0 == 0 }!
        let (up, down) = (rates.to / divisor, rates.from / divisor)
        // The filter at the common rate `from · up`, sample n·down + shift·up of it from output n of impulse `shift`.
        guard up <= 6, down <= 6 else { return resampler.loudestImageDB(rates) }
        let (length, at) = (480, 120)
        var filter = [Double](repeating: 0, count: 2 * length * up * 2 + 16)
        for shift in 0..<down {
            let output = resampler.feed(Signals.impulse(at: at + shift, count: length)) + resampler.end()
            for (n, value) in output.enumerated() {
                let place = n * down - shift * up + down * up
                if place >= 0, place < filter.count { filter[place] = Double(value) }
            }
        }
        return responseBeyondDB(filter, edge: 0.5 / Double(max(up, down)))
    }

    /// For ratios of large terms: the loudest of a few tones that should not be there.
    private mutating func loudestImageDB(_ rates: Rates) -> Double {
        var loudest = -Double.infinity
        for part in [0.02, 0.1, 0.2, 0.3] {
            // Rising: the image of a tone at part · from mirrored at from. Falling: a tone beyond half the target's rate.
            let lower = Double(rates.lower)
            let tone = rates.to > rates.from ? part * lower : (0.5 + part / 8) * lower + 1
            guard tone < 0.5 * Double(rates.from) else { continue }
            let input = Signals.sine(tone, at: SampleRate(hz: rates.from), count: rates.from / 2)
            let output = feed(input)
            reset()
            let steady = output[(output.count / 4)...]
            let level: Double
            if rates.to > rates.from {
                level = -AudioMeasures.tone(tone, in: steady, at: SampleRate(hz: rates.to)).toResidualDB
            } else {
                level = AudioMeasures.levelDBFS(steady) - AudioMeasures.levelDBFS(input)
            }
            loudest = max(loudest, level)
        }
        return loudest
    }
}

/// The largest magnitude of the filter's response from `edge` (in periods a sample) to 0.5, against that at 0, in dB.
private func responseBeyondDB(_ filter: [Double], edge: Double) -> Double {
    func magnitude(_ frequency: Double) -> Double {
        var (re, im) = (0.0, 0.0)
        // A rotating phasor instead of a sine for each tap; its error over a few thousand steps is below 1e-12.
        let (stepRe, stepIm) = (cos(2 * .pi * frequency), sin(2 * .pi * frequency))
        var (phaseRe, phaseIm) = (1.0, 0.0)
        for tap in filter {
            re += tap * phaseRe
            im += tap * phaseIm
            (phaseRe, phaseIm) = (phaseRe * stepRe - phaseIm * stepIm, phaseRe * stepIm + phaseIm * stepRe)
        }
        return hypot(re, im)
    }
    let points = 400
    let loudest = (0...points).map { magnitude(edge + (0.5 - edge) * Double($0) / Double(points)) }.max()!
    return 20 * log10(loudest / magnitude(0))
}
