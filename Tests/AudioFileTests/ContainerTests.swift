import AudioFile
import Foundation
import Testing

@Suite struct ContainerTests {
    let folder = try! TemporaryFolder()

    /// A file of the repository's TestAudio folder.
    func testAudio(_ name: String) -> String {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return here.appendingPathComponent("../../TestAudio/\(name)").standardizedFileURL.path
    }

    func coreAudio(frames: Int, claimedBytes: Int) -> [UInt8] {
        let description = big(Int(8_000.0.bitPattern), 8) + Array("lpcm".utf8) + big(0, 4) + big(2, 4) + big(1, 4)
        var bytes = Array("caff".utf8) + big(1, 2) + big(0, 2)
        bytes += Array("desc".utf8) + big(32, 8) + description + big(1, 4) + big(16, 4)
        bytes += Array("data".utf8) + big(claimedBytes + 4, 8) + big(0, 4)
        return bytes + [UInt8](repeating: 0, count: frames * 2)
    }

    func interchange(frames: Int, claimedFrames: Int) -> [UInt8] {
        // 8,000 Hz as an 80-bit float: exponent 16,383 + 12, mantissa 0xFA00… .
        let rate = big(16_395, 2) + big(0xFA00, 2) + big(0, 6)
        let common = big(1, 2) + big(claimedFrames, 4) + big(16, 2) + rate
        let sound = Array("SSND".utf8) + big(claimedFrames * 2 + 8, 4) + big(0, 8)
        let body = Array("AIFFCOMM".utf8) + big(18, 4) + common + sound
        let bytes = Array("FORM".utf8) + big(body.count + claimedFrames * 2, 4) + body
        return bytes + [UInt8](repeating: 0, count: frames * 2)
    }

    @Test func `Ogg Opus is read at its own rate and to its exact length`() throws {
        let reading = try Reading(testAudio("speech-opus.opus"))
        #expect(reading.sampleRateHz == 16_000)
        #expect(reading.samples.count == 5 * 16_000)
        #expect(reading.warnings == [])
    }

    @Test func `Ogg Opus that was cut off is read up to there and told`() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: testAudio("speech-opus.opus"))))
        let reading = try Reading(try folder.write("cut.opus", Array(whole.prefix(whole.count * 2 / 3))))
        #expect(!reading.samples.isEmpty)
        #expect(reading.warnings == [.cutOff(heldSeconds: Double(reading.samples.count) / 16_000)])
    }

    @Test func `A mu-law WAV of the test audio has its whole length`() throws {
        let reading = try Reading(testAudio("appointment-call.wav"))
        #expect(reading.samples.count == 63 * 8_000)
        #expect(reading.warnings == [])
    }

    @Test func `CAF and AIFF files that hold what they claim are read without a warning`() throws {
        for bytes in [coreAudio(frames: 800, claimedBytes: 1_600), interchange(frames: 800, claimedFrames: 800)] {
            let reading = try Reading(try folder.write("x", bytes))
            #expect(reading.samples.count == 800)
            #expect(reading.warnings == [])
        }
    }

    @Test func `A CAF file whose length is left open is read to the end`() throws {
        let reading = try Reading(try folder.write("x.caf", coreAudio(frames: 800, claimedBytes: -5)))
        #expect(reading.samples.count == 800)
        #expect(reading.warnings == [.lengthLeftOpen])
    }

    @Test func `CAF and AIFF files that were cut off are read up to there and told`() throws {
        for bytes in [coreAudio(frames: 800, claimedBytes: 3_200), interchange(frames: 800, claimedFrames: 1_600)] {
            let reading = try Reading(try folder.write("x", bytes))
            #expect(reading.samples.count == 800)
            #expect(reading.warnings == [.cutOff(heldSeconds: 0.1)])
        }
    }

    @Test func `A named pipe is read like a file`() async throws {
        let pipe = folder["pipe"]
        #expect(mkfifo(pipe, 0o600) == 0)
        let bytes = WaveBytes(someSamples(20_000)).bytes
        let writer = Thread { FileHandle(forWritingAtPath: pipe)?.write(Data(bytes)) }
        writer.start()
        #expect(try Reading(pipe).samples == someSamples(20_000))
    }
}
