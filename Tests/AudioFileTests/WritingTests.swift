import AudioFile
import CallTime
import Testing

@Suite struct WritingTests {
    let folder = try! TemporaryFolder()

    @Test(arguments: [AudioFileWriter.Format.wave, .flac]) func `What was written is read again`(
        format: AudioFileWriter.Format
    ) throws {
        let samples = someSamples(9_000)
        let writer = try AudioFileWriter(path: folder["x"], format: format, sampleRate: .wideband, channels: 2)
        let (first, rest) = (Array(samples[..<4_000]), Array(samples[4_000...]))
        try writer.write(first.span)
        try writer.write(rest.span)
        try writer.close()
        let reading = try Reading(folder["x"])
        #expect(reading.samples == samples)
        #expect(reading.channels == 2)
        #expect(reading.sampleRateHz == 16_000)
        #expect(reading.warnings == [])
    }

    @Test func `A mu-law WAV holds one byte a sample`() throws {
        let writer = try AudioFileWriter(path: folder["x.wav"], format: .waveMuLaw, sampleRate: .narrowband)
        let samples = [Int16](repeating: 1_000, count: 800)
        try writer.write(samples.span)
        try writer.close()
        #expect(try Reading(folder["x.wav"]).samples == [Int16](repeating: 988, count: 800))
        #expect(try folder.bytes("x.wav").count < 900)
    }

    @Test func `Floating-point samples are rounded and clipped, and what is no number is silence`() throws {
        let writer = try AudioFileWriter(path: folder["x.wav"], format: .wave, sampleRate: .narrowband)
        let samples: [Float] = [0.5, -0.25, 2, -2, .nan, 1]
        try writer.write(samples.span)
        try writer.close()
        #expect(try Reading(folder["x.wav"]).samples == [16_384, -8_192, 32_767, -32_768, 0, 32_767])
    }

    @Test(arguments: ["call.wav", "call.flac"]) func `A recording has two sides of one length and the same bytes twice`(
        name: String
    ) throws {
        let left = someSamples(10_000)
        let right = Array(someSamples(9_123).reversed())
        try StereoRecording.write(left: left, right: right, rate: .narrowband, to: folder[name])
        let first = try folder.bytes(name)
        try StereoRecording.write(left: left, right: right, rate: .narrowband, to: folder[name])
        #expect(try folder.bytes(name) == first)
        let reading = try Reading(folder[name])
        #expect(reading.samples.count == 20_000)
        #expect(reading.samples[0] == left[0] && reading.samples[1] == right[0])
        #expect(reading.samples[19_998] == left[9_999] && reading.samples[19_999] == 0)
    }

    @Test func `A folder that is not there is named in the refusal`() {
        #expect(throws: AudioFileError.self) {
            try AudioFileWriter(path: folder["no/such.wav"], format: .wave, sampleRate: .narrowband)
        }
    }

    @Test func `A clip holds each channel by itself`() throws {
        try StereoRecording.write(left: [16_384, 0], right: [-16_384], rate: .wideband, to: folder["x.wav"])
        let clip = try AudioClip(path: folder["x.wav"])
        #expect(clip == AudioClip(sampleRate: .wideband, channels: [[0.5, 0], [-0.5, 0]]))
    }
}
