import CallTime
import Codecs
import TestSupport
import Testing

private let rates = [8_000, 12_000, 16_000, 24_000, 48_000]

@Suite("Opus")
struct OpusTests {
    @Test(arguments: rates, [1, 2, 4, 8, 16, 24])
    func everyFrameLengthGoesThereAndBackAtEveryRate(rate: Int, quarters: Int) throws {
        let length = rate / 400 * quarters
        let frames = 4_000 / (10 * quarters)
        let voice = Signals.sine(400, at: SampleRate(hz: rate), count: frames * length, amplitude: 0.4)
        let codec = try Codec(rate)
        var output: [Float] = []
        for frame in 0..<frames {
            let packet = try codec.encode(Array(voice[frame * length..<(frame + 1) * length])).get()
            #expect(try codec.samples(packet).get() == length)
            output += try codec.decode(packet).get()
        }
        #expect(output.count == voice.count)
        // The first 200 ms let the codec settle.
        let steady = output[(rate / 5)...]
        let tone = AudioMeasures.tone(400, in: steady, at: SampleRate(hz: rate))
        #expect(abs(tone.amplitude - 0.4) < 0.06, "amplitude \(tone.amplitude)")
        #expect(tone.toResidualDB > 15, "\(tone.toResidualDB) dB")
    }

    @Test(arguments: rates, rates)
    func anyRateDecodesWhatAnyOtherEncoded(encoding: Int, decoding: Int) throws {
        let sender = try Codec(encoding)
        let receiver = try Codec(decoding)
        let packet = try sender.encode([Float](repeating: 0, count: encoding / 50)).get()
        #expect(try receiver.decode(packet).get().count == decoding / 50)
    }

    @Test func theLookaheadIsSixAndAHalfMilliseconds() throws {
        for (rate, samples) in [(8_000, 52), (16_000, 104), (48_000, 312)] {
            var configuration = OpusEncoder.Configuration()
            configuration.sampleRateHz = rate
            let lookahead = try OpusEncoder(configuration).lookaheadSamples
            #expect(lookahead == samples)
        }
    }

    @Test func silenceOfAnotherEncoderDecodes() throws {
        // libopus 1.3.1, mono, 16 kHz, VOIP, 24 kbit/s: its first two packets of digital silence.
        let codec = try Codec(16_000)
        for packet: [UInt8] in [
            [0x48, 0x0b, 0xe4, 0xc1, 0x36, 0xec, 0xc5, 0x80], [0x48, 0x07, 0xc9, 0x72, 0x27, 0xe1, 0x44, 0xea, 0x50],
        ] {
            let samples = try codec.decode(packet).get()
            #expect(samples.count == 320)
            #expect(samples.allSatisfy { abs($0) < 0.001 })
        }
    }

    // MARK: Losses

    @Test(arguments: rates, [1, 2, 3, 4, 8, 16, 24, 48])
    func concealmentLastsExactlyAsLongAsTheLoss(rate: Int, quarters: Int) throws {
        let codec = try Codec(rate)
        _ = try codec.decode(codec.encode(Signals.sine(300, at: SampleRate(hz: rate), count: rate / 50)).get()).get()
        let missing = rate / 400 * quarters
        #expect(try codec.conceal(missing).get().count == missing)
    }

    @Test func concealmentOfAVowelIsNotSilence() throws {
        let rate = 16_000
        let codec = try Codec(rate)
        let voice = Signals.sine(200, at: .wideband, count: 10 * 320, amplitude: 0.4)
        for frame in 0..<10 { _ = try codec.decode(codec.encode(Array(voice[frame * 320..<(frame + 1) * 320])).get()) }
        #expect(AudioMeasures.levelDBFS(try codec.conceal(320).get()) > -30)
    }

    @Test(arguments: [0, -40, 123, 41, 1_921, 1_960])
    func concealmentOfAnUnfitLengthIsRefused(samples: Int) throws {
        #expect(try Codec(16_000).conceal(samples) == .failure(.unsupportedLength(samples: samples)))
    }

    @Test func forwardErrorCorrectionIsBetterThanConcealment() throws {
        let loss = 5
        let voice = Self.chirps(count: 12 * 320)
        let sender = try Codec(16_000) { $0.expectedLossPercent = 30 }
        let packets = try (0..<12).map { try sender.encode(Array(voice[$0 * 320..<($0 + 1) * 320])).get() }
        let whole = try Codec(16_000)
        let repaired = try Codec(16_000)
        let concealed = try Codec(16_000)
        var wanted: [Float] = []
        for frame in 0...loss {
            wanted = try whole.decode(packets[frame]).get()
            if frame < loss {
                _ = repaired.decode(packets[frame])
                _ = concealed.decode(packets[frame])
            }
        }
        let fromNext = try repaired.decodeFEC(packets[loss + 1], 320).get()
        let invented = try concealed.conceal(320).get()
        #expect(fromNext.count == 320)
        let (repairedDB, inventedDB) = (
            AudioMeasures.signalToNoiseDB(of: fromNext, against: wanted),
            AudioMeasures.signalToNoiseDB(of: invented, against: wanted)
        )
        #expect(repairedDB > inventedDB + 3, "repaired \(repairedDB) dB, concealed \(inventedDB) dB")
        // After the repair the packet that carried it is decoded as usual.
        #expect(try repaired.decode(packets[loss + 1]).get().count == 320)
    }

    // MARK: Silence

    @Test func discontinuousTransmissionSendsNextToNothingInSilence() throws {
        let codec = try Codec(16_000) { $0.discontinuous = true }
        let silence = [Float](repeating: 0, count: 320)
        let lengths = try (0..<50).map { _ in try codec.encode(silence).get().count }
        #expect(lengths[..<9].allSatisfy { $0 > 2 })
        #expect(lengths[12...].count { $0 <= 2 } > 30)
        #expect(lengths.last! > 2 || codec.isInDTX)
    }

    @Test func withoutItSilenceIsSentInFull() throws {
        let codec = try Codec(16_000)
        let silence = [Float](repeating: 0, count: 320)
        let lengths = try (0..<50).map { _ in try codec.encode(silence).get().count }
        #expect(lengths.allSatisfy { $0 > 2 })
        #expect(!codec.isInDTX)
    }

    // MARK: Hostile packets

    @Test func anEmptyPacketIsAnErrorNotALoss() throws {
        let codec = try Codec(16_000)
        #expect(codec.decode([]) == .failure(.emptyPacket))
        #expect(codec.decodeFEC([], 320) == .failure(.emptyPacket))
        #expect(codec.samples([]) == .failure(.emptyPacket))
    }

    @Test func oneBytePacketsOfCodeTwoAndThreeAreErrors() throws {
        let codec = try Codec(16_000)
        for configuration in 0..<32 as Range<UInt8> {
            for stereo in [0, 4] as [UInt8] {
                let toc = configuration << 3 | stereo
                #expect(codec.decode([toc | 2]) == .failure(.invalidPacket))
                #expect(codec.decode([toc | 3]) == .failure(.invalidPacket))
            }
        }
        // Codes 0 and 1 are silence of one and two frames.
        #expect(try codec.decode([0x48]).get().count == 320)
        #expect(try codec.decode([0x49]).get().count == 640)
    }

    @Test(arguments: rates)
    func randomBytesAreDecodedOrRefusedAndTheDecoderGoesOn(rate: Int) throws {
        var random = SplitMix64(seed: UInt64(rate))
        let codec = try Codec(rate)
        let good = try codec.encode(Signals.sine(300, at: SampleRate(hz: rate), count: rate / 50)).get()
        for _ in 0..<400 {
            let packet = (0..<random.next(in: 1...300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if case .success(let samples) = codec.decode(packet) {
                #expect(samples.count <= rate * 120 / 1_000)
                #expect(samples.count % (rate / 400) == 0)
            }
            _ = codec.decodeFEC(packet, rate / 50)
        }
        #expect(try codec.decode(good).get().count == rate / 50)
    }

    @Test func truncatedPacketsAreDecodedOrRefused() throws {
        let codec = try Codec(16_000)
        let packet = try codec.encode(Signals.noise(seed: 3, count: 960)).get()
        for length in 1..<packet.count {
            if case .success(let samples) = codec.decode(Array(packet[..<length])) { #expect(samples.count == 960) }
        }
        #expect(codec.decode([UInt8](repeating: 0xFF, count: 5_000)) == .failure(.invalidPacket))
    }

    @Test func tooLittleRoomIsAnErrorThatNamesBoth() throws {
        let codec = try Codec(16_000)
        let packet = try codec.encode([Float](repeating: 0, count: 320)).get()
        #expect(codec.decode(packet, room: 319) == .failure(.outputTooSmall(needed: 320, given: 319)))
        #expect(try codec.decode(packet, room: 320).get().count == 320)
        #expect(codec.decode(packet, room: 0) == .failure(.outputTooSmall(needed: 320, given: 0)))
        #expect(codec.conceal(320, room: 100) == .failure(.outputTooSmall(needed: 320, given: 100)))
        #expect(
            codec.encode([Float](repeating: 0, count: 320), room: 0) == .failure(.outputTooSmall(needed: 1, given: 0)))
    }

    @Test(arguments: [0, 1, 100, 319, 480, 1_600])
    func framesOfUnfitLengthAreRefused(samples: Int) throws {
        let frame = [Float](repeating: 0, count: samples)
        #expect(try Codec(16_000).encode(frame) == .failure(.unsupportedLength(samples: samples)))
    }

    @Test func whatIsNotANumberAndOverloadDoNotStopTheEncoder() throws {
        let codec = try Codec(16_000)
        _ = codec.encode([Float](repeating: .nan, count: 320))
        _ = codec.encode([Float](repeating: 100, count: 320))
        _ = codec.encode([Float](repeating: .infinity, count: 320))
        #expect(try codec.encode([Float](repeating: 0, count: 320)).get().count > 0)
    }

    // MARK: State and settings

    @Test func resetIsLikeNew() throws {
        let frames = (0..<5).map { Signals.noise(seed: $0, count: 320) }
        let fresh = try Codec(16_000)
        let used = try Codec(16_000)
        for frame in frames { _ = try used.decode(used.encode(frame.reversed()).get()) }
        used.reset()
        for frame in frames {
            let (expected, packet) = (try fresh.encode(frame).get(), try used.encode(frame).get())
            #expect(packet == expected)
            #expect(try used.decode(packet).get() == fresh.decode(expected).get())
        }
    }

    @Test func settingsOutOfRangeAreNamed() {
        #expect(throws: ConfigurationError(field: "bitsPerSecond", given: "1", allowed: "6000...510000")) {
            _ = try Codec(16_000) { $0.bitsPerSecond = 1 }
        }
        #expect(throws: ConfigurationError(field: "complexity", given: "11", allowed: "0...10")) {
            _ = try Codec(16_000) { $0.complexity = 11 }
        }
        #expect(throws: ConfigurationError(field: "expectedLossPercent", given: "-1", allowed: "0...100")) {
            _ = try Codec(16_000) { $0.expectedLossPercent = -1 }
        }
        #expect(throws: ConfigurationError.self) { _ = try OpusDecoder(sampleRateHz: 44_100) }
        #expect(throws: ConfigurationError.self) { _ = try OpusDecoder(sampleRateHz: 16_000, channels: 2) }
    }

    @Test(.enabled(if: canCountAllocations), arguments: rates)
    func codingAllocatesNothing(rate: Int) throws {
        var configuration = OpusEncoder.Configuration()
        configuration.sampleRateHz = rate
        var encoder = try OpusEncoder(configuration)
        var decoder = try OpusDecoder(sampleRateHz: rate)
        let voice = Signals.noise(seed: 1, count: rate / 50)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.largestPacketBytes)
        var samples = [Float](repeating: 0, count: decoder.longestPacketSamples)
        var total = 0
        func code() {
            var bytes = packet.mutableSpan
            guard case .success(let length) = encoder.encode(voice.span, into: &bytes) else { return }
            let whole = packet.span.extracting(0..<length)
            var out = samples.mutableSpan
            if case .success(let count) = decoder.decode(whole, into: &out) { total += count }
            if case .success(let count) = decoder.conceal(samples: rate / 50, into: &out) { total += count }
            if case .success(let count) = decoder.decodeFEC(from: whole, samples: rate / 50, into: &out) {
                total += count
            }
        }
        code()
        #expect(countingAllocations(code) == .none)
        #expect(total == 2 * 3 * rate / 50)
    }

    /// Something like speech: bursts that sweep from 200 to 1,200 Hz, so that no frame is like the one before.
    private static func chirps(count: Int) -> [Float] {
        let low = Signals.sine(200, at: .wideband, count: count, amplitude: 0.2)
        return (0..<count).map { n in
            let sweep = Signals.sine(400 + Double(n) / 16, at: .wideband, count: 1, phase: Double(n) * Double(n) / 9e3)
            return low[n] + 0.4 * sweep[0]
        }
    }
}

/// An encoder and a decoder of the same rate that take and give arrays. `#expect` takes copyable values only.
private final class Codec {
    private var encoder: OpusEncoder
    private var decoder: OpusDecoder
    private let rate: Int

    init(_ rate: Int, _ change: (inout OpusEncoder.Configuration) -> Void = { _ in }) throws {
        var configuration = OpusEncoder.Configuration()
        configuration.sampleRateHz = rate
        change(&configuration)
        encoder = try OpusEncoder(configuration)
        decoder = try OpusDecoder(sampleRateHz: rate)
        self.rate = rate
    }

    var isInDTX: Bool { encoder.isInDTX }

    func encode(_ frame: [Float], room: Int = OpusEncoder.largestPacketBytes) -> Result<[UInt8], OpusError> {
        var packet = [UInt8](repeating: 0, count: room)
        var span = packet.mutableSpan
        let result = encoder.encode(frame.span, into: &span)
        return result.map { Array(packet[..<$0]) }
    }

    func decode(_ packet: [UInt8], room: Int? = nil) -> Result<[Float], OpusError> {
        collect(room) { decoder, span in decoder.decode(packet.span, into: &span) }
    }

    func decodeFEC(_ next: [UInt8], _ samples: Int) -> Result<[Float], OpusError> {
        collect(nil) { decoder, span in decoder.decodeFEC(from: next.span, samples: samples, into: &span) }
    }

    func conceal(_ samples: Int, room: Int? = nil) -> Result<[Float], OpusError> {
        collect(room) { decoder, span in decoder.conceal(samples: samples, into: &span) }
    }

    func samples(_ packet: [UInt8]) -> Result<Int, OpusError> {
        OpusDecoder.samples(in: packet.span, sampleRateHz: rate)
    }

    func reset() {
        encoder.reset()
        decoder.reset()
    }

    private func collect(
        _ room: Int?, _ body: (inout OpusDecoder, inout MutableSpan<Float>) -> Result<Int, OpusError>
    ) -> Result<[Float], OpusError> {
        var samples = [Float](repeating: .nan, count: room ?? decoder.longestPacketSamples)
        var span = samples.mutableSpan
        let result = body(&decoder, &span)
        return result.map { Array(samples[..<$0]) }
    }
}
