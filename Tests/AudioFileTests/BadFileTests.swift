import AudioFile
import CallTime
import Testing

@Suite struct BadFileTests {
    let folder = try! TemporaryFolder()
    let samples = someSamples(8_000)

    @Test func `A missing file is named with its fault`() {
        #expect(problem(folder["none.wav"])?.description == folder["none.wav"] + ": no such file")
    }

    @Test func `A folder is no audio file`() { #expect(problem(folder.path)?.problem == .directory) }

    @Test func `An empty file is called empty`() throws {
        #expect(problem(try folder.write("empty.wav", []))?.problem == .empty)
    }

    @Test func `A text file named wav is refused in one line`() throws {
        let path = try folder.write("notes.wav", Array("Call notes:\nnothing to hear\n".utf8))
        let text = try #require(problem(path)?.description)
        #expect(text.hasPrefix(path + ": is not audio"))
        #expect(!text.contains("\n"))
    }

    @Test(arguments: [4, 12, 20, 36, 42]) func `A header that breaks off is refused`(length: Int) throws {
        let path = try folder.write("cut.wav", Array(WaveBytes(samples).bytes.prefix(length)))
        #expect(problem(path) != nil)
    }

    @Test func `A header without samples is refused`() throws {
        #expect(problem(try folder.write("none.wav", WaveBytes([Int16]()).bytes))?.problem == .noSamples)
    }

    @Test(arguments: [0, 3, 7, 3_000]) func `Other numbers of channels than 1 and 2 are refused`(count: Int) throws {
        var wave = WaveBytes(samples)
        wave.channels = count
        #expect(problem(try folder.write("many.wav", wave.bytes))?.problem == .channelCount(count))
    }

    @Test(arguments: [0, 4_000, 7_999, 48_001, 96_000]) func `Rates outside 8 to 48 kHz are refused`(hz: Int) throws {
        var wave = WaveBytes(samples)
        wave.rate = hz
        #expect(problem(try folder.write("rate.wav", wave.bytes))?.problem == .sampleRate(hz))
    }

    @Test func `The decoder's reason stands in the refusal without its own frame`() throws {
        let path = try folder.write("cut.wav", Array(WaveBytes(samples).bytes.prefix(36)))
        #expect(problem(path)?.description == path + ": is not audio that can be read (no 'data' chunk marker)")
    }

    @Test func `A chunk that claims 4 GB leaves no samples to find`() throws {
        var wave = WaveBytes(samples)
        wave.before = Array("LIST".utf8) + little(0xFFFF_FFF0, 4) + [0, 0]
        #expect(problem(try folder.write("huge.wav", wave.bytes)) != nil)
    }

    @Test func `A raw file ending inside a sample gives the whole ones`() throws {
        let path = try folder.write("call.raw", [1, 0, 2, 0, 3])
        let reading = try Reading(path, raw: RawAudioFormat(.s16le))
        #expect(reading.samples == [1, 2])
        #expect(reading.warnings == [.partialSample(bytes: 1)])
    }

    @Test func `Raw mu-law, A-law and linear samples are read as such`() throws {
        let path = try folder.write("call.raw", [0x00, 0xD5, 0xAA, 0x55])
        #expect(try Reading(path, raw: RawAudioFormat(.mulaw)).samples == [-32_124, 716, 5_372, -716])
        #expect(try Reading(path, raw: RawAudioFormat(.alaw)).samples == [-5_504, 8, 32_256, -8])
        #expect(try Reading(path, raw: RawAudioFormat(.s16le)).samples == [-11_008, 21_930])
    }

    @Test func `A FLAC that was cut off is read up to there and told`() throws {
        let samples = someSamples(40_000)
        let writer = try AudioFileWriter(path: folder["whole.flac"], format: .flac, sampleRate: .narrowband)
        try writer.write(samples.span)
        try writer.close()
        let whole = try folder.bytes("whole.flac")
        let reading = try Reading(try folder.write("cut.flac", Array(whole.prefix(whole.count * 2 / 3))))
        #expect(reading.samples.count > 20_000)
        #expect(reading.samples == Array(samples.prefix(reading.samples.count)))
        #expect(reading.warnings.count == 1)
    }

    @Test func `A FLAC damaged in its middle is read up to there and told`() throws {
        let samples = someSamples(40_000)
        let writer = try AudioFileWriter(path: folder["whole.flac"], format: .flac, sampleRate: .narrowband)
        try writer.write(samples.span)
        try writer.close()
        var bytes = try folder.bytes("whole.flac")
        for i in bytes.count / 2..<bytes.count / 2 + 40 { bytes[i] ^= 0x5A }
        let reading = try Reading(try folder.write("bad.flac", bytes))
        #expect(reading.samples.count > 10_000)
        #expect(reading.samples == Array(samples.prefix(reading.samples.count)))
        #expect(reading.warnings.count == 1)
    }

    @Test(arguments: [0, 0xFFFF_FFFF, 100_000]) func `An AU header that is wrong about its length is read to the end`(
        size: Int
    ) throws {
        let head = Array(".snd".utf8) + big(24, 4) + big(size, 4) + big(1, 4) + big(8_000, 4) + big(1, 4)
        let reading = try Reading(try folder.write("call.au", head + [UInt8](repeating: 0, count: 8_000)))
        #expect(reading.samples == [Int16](repeating: -32_124, count: 8_000))
        let isOpen = size != 100_000
        #expect(reading.warnings == [isOpen ? .lengthLeftOpen : .overclaimed(claimedSeconds: 12.5, heldSeconds: 1)])
    }

    @Test func `Any cut of any length of a WAV ends in samples or in one line`() throws {
        let whole = WaveBytes(someSamples(40)).bytes
        for length in 0...whole.count {
            let path = try folder.write("cut.wav", Array(whole.prefix(length)))
            if let error = problem(path) {
                #expect(error.description.hasPrefix(path + ": ") && !error.description.contains("\n"), "\(length)")
            }
        }
    }

    @Test func `Any one byte of a header may be anything`() throws {
        let whole = WaveBytes(someSamples(40)).bytes
        for place in 0..<44 {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var bytes = whole
                bytes[place] = value
                _ = problem(try folder.write("odd.wav", bytes))
            }
        }
    }
}

@Suite struct ParallelOpeningTests {
    @Test func `Files opened on many threads are each refused for their own reason`() async throws {
        let folder = try TemporaryFolder()
        let text = try folder.write("text.wav", Array("nothing to hear here, really\n".utf8))
        let cut = try folder.write("cut.wav", Array(WaveBytes(someSamples(9)).bytes.prefix(36)))
        let good = try folder.write("good.wav", WaveBytes(someSamples(9)).bytes)
        let expected = [text: problem(text)?.reason, cut: problem(cut)?.reason, good: nil]
        try await withThrowingTaskGroup(of: (String, String?).self) { group in
            for path in Array(repeating: [text, cut, good], count: 200).joined() {
                group.addTask { (path, problem(path)?.reason) }
            }
            for try await (path, reason) in group { #expect(reason == expected[path]!) }
        }
    }
}
