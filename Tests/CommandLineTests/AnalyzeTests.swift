import AudioFile
import CallTime
import Foundation
import Testing

@testable import parley

@Suite struct AnalyzeTests {
    let folder = try! TemporaryFolder()

    struct Found: Decodable {
        struct Speech: Decodable { var startS, endS, decidedS: Double }
        struct Turn: Decodable {
            var startS, endS, endpointS, endpointDelayMs: Double
            var reason: String
        }
        var file: String
        var durationS: Double
        var sampleRateHz: Int
        var speech: [Speech]
        var turns: [Turn]
    }

    func decode(_ line: Substring) throws -> Found {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Found.self, from: Data(line.utf8))
    }

    /// The one object a run gave.
    func only(_ run: Program.Run) throws -> Found {
        #expect(run.outputLines.count == 1)
        return try decode(run.outputLines.first ?? "")
    }

    @Test func `Speech and turns of a clean call lie at their labels`() throws {
        let run = try Program.run("analyze", "--format", "json", testAudio("speech-clean.wav"))
        #expect(run.status == 0)
        let found = try only(run)
        #expect(found.file == testAudio("speech-clean.wav"))
        #expect(found.durationS == 5 && found.sampleRateHz == 8_000)
        // The labels: 0.500 to 2.900 with a pause of 300 ms inside, and 3.600 to 4.280. How exactly the detector
        // meets them is tested where it is built; here, that the times are the file's.
        try #require(found.turns.count == 2)
        for (turn, label) in zip(found.turns, [(start: 0.5, end: 2.9), (start: 3.6, end: 4.28)]) {
            #expect(abs(turn.startS - label.start) < 0.1)
            #expect(abs(turn.endS - label.end) < 0.1)
            let known = try #require(found.speech.first { $0.startS == turn.startS }?.decidedS)
            #expect(known >= label.start && known < label.start + 0.25)
        }
        for turn in found.turns {
            #expect(turn.endpointDelayMs == 400 && turn.reason == "silence")
            #expect(turn.endpointS - turn.endS > 0.3999 && turn.endpointS - turn.endS < 0.45)
        }
        #expect(found.speech.allSatisfy { $0.startS < $0.endS && $0.decidedS >= $0.startS })
    }

    @Test func `The JSON object has exactly the promised fields`() throws {
        let run = try Program.run("analyze", "--format", "json", testAudio("speech-clean.wav"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["file", "duration_s", "sample_rate_hz", "speech", "turns"])
        let speech = try #require(object["speech"] as? [[String: Any]])
        #expect(speech.allSatisfy { Set($0.keys) == ["start_s", "end_s", "decided_s"] })
        let turns = try #require(object["turns"] as? [[String: Any]])
        #expect(
            turns.allSatisfy {
                Set($0.keys) == ["start_s", "end_s", "endpoint_s", "endpoint_delay_ms", "reason"]
            })
    }

    @Test func `A patient profile or a longer delay moves the endpoint`() throws {
        for (arguments, delay) in [("--profile=patient", 0.7), ("--endpoint-delay=550", 0.55), ("--profile=fast", 0.3)]
        {
            let run = try Program.run("analyze", "--format=json", arguments, testAudio("speech-clean.wav"))
            let turn = try #require(only(run).turns.first)
            #expect(turn.endpointDelayMs == delay * 1_000)
            #expect(abs(turn.endpointS - turn.endS - delay) < 0.05, "\(arguments)")
        }
    }

    @Test func `Standard input gives the same as the file`() throws {
        let path = testAudio("speech-clean.wav")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let file = try Program.run("analyze", "--format", "csv", path)
        let piped = try Program.run("analyze", "--format", "csv", "-", input: bytes)
        #expect(piped.status == 0)
        #expect(piped.output.replacing("\n-,", with: "\n\(path),") == file.output)
    }

    @Test func `Bare samples give the same as their WAV`() throws {
        let path = testAudio("speech-clean.wav")
        let wave = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let raw = try folder.write("call.raw", Array(wave[44...]))
        let bare = try Program.run("analyze", "--format", "csv", "--raw", "s16le", "--rate", "8000", raw)
        let whole = try Program.run("analyze", "--format", "csv", path)
        #expect(bare.status == 0)
        #expect(bare.output.replacing(raw, with: "x") == whole.output.replacing(path, with: "x"))
    }

    @Test(arguments: ["stereo-16k.flac", "speech-opus.opus"]) func `Other containers and 16 kHz are read`(
        name: String
    ) throws {
        let run = try Program.run("analyze", "--format", "json", "--channel", "1", testAudio(name))
        let found = try only(run)
        #expect(found.sampleRateHz == 16_000 && found.durationS == 5)
        #expect(found.turns.count == 2)
        #expect(run.errorLines.count == 1)  // the summary
    }

    @Test func `A stereo file is analysed on its left with a note, unless a channel is chosen`() throws {
        let path = testAudio("stereo-16k.flac")
        let unstated = try Program.run("analyze", "--format", "csv", path)
        let left = try Program.run("analyze", "--format", "csv", "--channel", "left", path)
        let right = try Program.run("analyze", "--format", "csv", "--channel", "right", path)
        #expect(unstated.errorLines.first?.hasPrefix(path + ": note: ") == true)
        #expect(unstated.output == left.output)
        #expect(left.errorLines.count == 1)
        #expect(right.status == 0 && right.output != left.output)
        #expect(try Program.run("analyze", "--channel", "mix", path).output.contains("mix of 2 channels"))
    }

    @Test func `A channel that is not there is bad input`() throws {
        let run = try Program.run("analyze", "--channel", "right", testAudio("hum.wav"))
        #expect(run.status == 3)
        #expect(run.errorLines.first == "\(testAudio("hum.wav")): has 1 channel; channel 2 was asked for")
    }

    @Test func `One bad file among good ones costs nothing but itself`() throws {
        let text = try folder.write("notes.wav", Array("hello\n".utf8))
        let (clean, hum) = (testAudio("speech-clean.wav"), testAudio("hum.wav"))
        let run = try Program.run("analyze", "--format", "json", clean, text, folder["none.wav"], hum)
        #expect(run.status == 3)
        #expect(try run.outputLines.map { try decode($0).file } == [clean, hum])
        #expect(run.errorLines.count == 3)
        #expect(run.errorLines[0].hasPrefix(text + ": "))
        #expect(run.errorLines[1] == "\(folder["none.wav"]): no such file")
        #expect(run.errorLines[2].hasPrefix("4 files, 2 not usable, "))
    }

    @Test func `A file that claims too much is answered with a warning and exit 0`() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: testAudio("speech-clean.wav"))))
        bytes.replaceSubrange(40..<44, with: [0xFF, 0xFF, 0xFF, 0x0F])
        let run = try Program.run("analyze", try folder.write("long.wav", bytes))
        #expect(run.status == 0)
        #expect(run.errorLines.count == 1)
        #expect(run.errorLines[0].hasPrefix(folder["long.wav"] + ": warning: its header claims"))
        #expect(run.output.contains("5.000 s, 8000 Hz"))
    }

    @Test func `Results come in the order of the files, however many run at once`() throws {
        let files = ["stereo-16k.flac", "hum.wav", "speech-clean.wav", "hiss.wav"].map(testAudio)
        let one = try Program.run("analyze", "--format", "csv", "--jobs", "1", files[0], files[1], files[2], files[3])
        let four = try Program.run("analyze", "--format", "csv", "--jobs", "4", files[0], files[1], files[2], files[3])
        #expect(one.output == four.output)
    }

    @Test func `Frames are causal rows, one a hop, up to the file's end`() throws {
        let run = try Program.run("analyze", "--frames", testAudio("speech-clean.wav"))
        #expect(run.status == 0)
        #expect(run.outputLines.first == "time_s,probability")
        let times = run.outputLines.dropFirst().compactMap { Double($0.split(separator: ",")[0]) }
        let hop = try #require(times.first)
        #expect(hop == 0.01 || hop == 0.02)
        #expect(times.count == Int(5 / hop + 0.5))
        #expect(times.enumerated().allSatisfy { abs($0.element - Double($0.offset + 1) * hop) < 1e-9 })
    }

    @Test func `Speech stands where it stood after the file was resampled`() throws {
        let clip = try AudioClip(path: testAudio("stereo-16k.flac"))
        // Three times the rate by holding each sample: the images lie beyond what is analysed.
        let tripled = clip.channels[0].flatMap { [$0, $0, $0] }
        let writer = try AudioFileWriter(path: folder["48k.wav"], format: .wave, sampleRate: SampleRate(hz: 48_000))
        try writer.write(tripled.span)
        try writer.close()
        let native = try only(try Program.run("analyze", "--format=json", "--channel=1", testAudio("stereo-16k.flac")))
        let resampled = try only(try Program.run("analyze", "--format=json", folder["48k.wav"]))
        #expect(resampled.sampleRateHz == 48_000 && resampled.durationS == native.durationS)
        try #require(resampled.turns.count == native.turns.count)
        for (a, b) in zip(native.turns, resampled.turns) {
            #expect(abs(a.startS - b.startS) < 0.03 && abs(a.endS - b.endS) < 0.03)
        }
    }

    @Test(arguments: [11_025, 12_000, 22_050, 44_100, 48_000]) func `Any rate is analysed in its own time`(
        hz: Int
    ) throws {
        let tone = (0..<hz).map { i in Int16(8_000 * sin(Double(i) * 2 * .pi * 300 / Double(hz))) }
        let writer = try AudioFileWriter(path: folder["t.wav"], format: .wave, sampleRate: SampleRate(hz: hz))
        try writer.write(tone.span)
        try writer.close()
        let run = try Program.run("analyze", "--frames", folder["t.wav"])
        let times = run.outputLines.dropFirst().compactMap { Double($0.split(separator: ",")[0]) }
        #expect(times.last == 1)
        #expect(Set(times).count == times.count)
    }
}
