import AudioFile
import Testing

@Suite struct WaveHeaderTests {
    let folder = try! TemporaryFolder()
    let samples = someSamples(8_001)

    func read(_ change: (inout WaveBytes) -> Void) throws -> Reading {
        var wave = WaveBytes(samples)
        change(&wave)
        return try Reading(try folder.write("file.wav", wave.bytes))
    }

    @Test func `A sound WAV gives its samples and no warning`() throws {
        let reading = try read { _ in }
        #expect(reading.samples == samples)
        #expect(reading.sampleRateHz == 8_000)
        #expect(reading.channels == 1)
        #expect(reading.warnings == [])
    }

    @Test(arguments: [(UInt32(0), UInt32(0)), (0, 36), (0, .max), (.max, .max), (.max, 0)])
    func `A length left open by a writer to a pipe means until the end`(data: UInt32, riff: UInt32) throws {
        let reading = try read {
            $0.dataSize = data
            $0.riffSize = riff
        }
        #expect(reading.samples == samples)
        #expect(reading.warnings == [.lengthLeftOpen])
    }

    @Test(arguments: [UInt32(32_004), 0x7FFF_FFDB, 0xFFFF_FFF0])
    func `Any other claim beyond the end is answered up to the end and told`(claim: UInt32) throws {
        let reading = try read { $0.dataSize = claim }
        #expect(reading.samples == samples)
        #expect(
            reading.warnings
                == [.overclaimed(claimedSeconds: Double(claim) / 16_000, heldSeconds: 8_001 / 8_000.0)])
    }

    @Test func `A chunk of odd size is stepped over with its padding`() throws {
        let reading = try read { $0.before = chunk("LIST", [1, 2, 3]) + [0] }
        #expect(reading.samples == samples)
        #expect(reading.warnings == [])
    }

    @Test func `A chunk of odd size whose writer forgot the padding is stepped over`() throws {
        let reading = try read { $0.before = chunk("LIST", [1, 2, 3]) }
        #expect(reading.samples == samples)
    }

    @Test func `Chunks after the samples are no audio and no trouble`() throws {
        let reading = try read { $0.after = chunk("LIST", [1, 2, 3, 4]) + chunk("id3 ", [5, 6]) }
        #expect(reading.samples == samples)
        #expect(reading.warnings == [])
    }

    @Test func `Bytes after the samples that are no chunk are told`() throws {
        let reading = try read { $0.dataSize = 8_000 }
        #expect(reading.samples == Array(samples.prefix(4_000)))
        #expect(reading.warnings == [.unexplainedTail(bytes: 8_002)])
    }

    @Test func `A data size of 0 before well-formed chunks means no samples`() throws {
        var wave = WaveBytes([Int16]())
        wave.after = chunk("LIST", [1, 2, 3, 4])
        let path = try folder.write("none.wav", wave.bytes)
        #expect(problem(path)?.problem == .noSamples)
    }

    @Test func `A file that ends inside a sample gives the whole ones`() throws {
        let path = try folder.write("odd.wav", WaveBytes(Array(WaveBytes(samples).samples.dropLast())).bytes)
        let reading = try Reading(path)
        #expect(reading.samples == samples.dropLast())
        #expect(reading.warnings == [.partialSample(bytes: 1)])
    }

    @Test func `A mu-law WAV with an open length is decoded`() throws {
        let reading = try read {
            $0.tag = 7
            $0.bits = 8
            $0.dataSize = 0
            $0.samples = [0x00, 0x80, 0xFF, 0x7F, 0xF2]
        }
        #expect(reading.samples == [-32_124, 32_124, 0, 0, 104])
    }

    @Test func `An RF64 file takes its length from the ds64 chunk`() throws {
        let payload = WaveBytes(samples).samples
        var bytes = Array("RF64".utf8) + little(-1, 4) + Array("WAVE".utf8)
        bytes += chunk("ds64", little(0, 8) + little(payload.count, 8) + little(samples.count, 8) + little(0, 4))
        bytes +=
            WaveBytes(samples).bytes[12..<36] + Array("data".utf8) + little(-1, 4) + payload + chunk("junk", [1, 2])
        let reading = try Reading(try folder.write("file.wav", bytes))
        #expect(reading.samples == samples)
        #expect(reading.warnings == [])
    }

    @Test func `Floating-point samples that are not finite become silence and are counted`() throws {
        let values: [Float] = [.nan, .infinity, 0.5, -.infinity, -0.25, 1e30, -3]
        let reading = try read {
            $0.tag = 3
            $0.bits = 32
            $0.samples = values.flatMap { little(Int($0.bitPattern), 4) }
        }
        #expect(reading.samples == [0, 0, 16_384, 0, -8_192, 32_767, -32_768])
        #expect(reading.warnings == [.notFinite(count: 3), .beyondFullScale(count: 2)])
    }
}
