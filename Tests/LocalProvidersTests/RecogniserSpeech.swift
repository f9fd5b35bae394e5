import AudioFile
import CallTime
import Codecs
import Foundation

/// Speech for the recogniser's tests: said by the `flite` program, cut to its ends, sent through a telephone line.
struct RecogniserSpeech: Sendable {
    static let voices = ["rms", "slt", "kal16", "awb"]
    /// Prompts of one recorded voice, where Debian's `asterisk-core-sounds-en-wav` is installed.
    static let prompts = "/usr/share/asterisk/sounds/en"

    /// Mu-law bytes, 8 kHz: 250 ms of line noise, the speech, 150 ms of line noise.
    var bytes: [UInt8]
    /// Where speech begins and ends.
    var speech: Range<Int>

    static func say(_ text: String, voice: String) throws -> RecogniserSpeech {
        let path = NSTemporaryDirectory() + "parley-speech-\(UUID().uuidString).wav"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/flite")
        process.arguments = ["-voice", voice, "-t", text, "-o", path]
        try process.run()
        process.waitUntilExit()
        return try read(path)
    }

    static func read(_ path: String) throws -> RecogniserSpeech {
        let (rate, samples) = try wave(path)
        return try RecogniserSpeech(samples, rate: rate)
    }

    init(_ samples: [Float], rate: SampleRate) throws {
        let narrow = rate == .narrowband ? samples : try Self.narrowband(samples, rate)
        let loud = stride(from: 0, to: narrow.count - 80, by: 80).filter { start in
            narrow[start..<(start + 80)].reduce(0) { $0 + $1 * $1 } / 80 > 3e-5
        }
        let inner = (loud.first ?? 0)..<((loud.last ?? 0) + 80)
        let before = 2_000
        var line = LineNoise()
        let whole = [Float](repeating: 0, count: before) + narrow[inner] + [Float](repeating: 0, count: 1_200)
        bytes = whole.map { MuLaw.encode(Int16(max(-32_767, min(32_767, ($0 * 32_768 + line.next()).rounded())))) }
        speech = before..<(before + inner.count)
    }

    var linear: [Int16] { bytes.map(MuLaw.decode16) }

    private static func narrowband(_ samples: [Float], _ rate: SampleRate) throws -> [Float] {
        var resampler = try Resampler(from: rate, to: .narrowband)
        var output = [Float](repeating: 0, count: resampler.maxOutput(forInput: samples.count))
        var target = output.mutableSpan
        let count = resampler.process(samples.span, into: &target)
        return Array(output[..<count])
    }

    /// A small PCM WAV file as `flite` and the prompts are: 16 bits, mono.
    private static func wave(_ path: String) throws -> (SampleRate, [Float]) {
        let data = [UInt8](try Data(contentsOf: URL(filePath: path)))
        func number(_ place: Int, _ bytes: Int) -> Int {
            (0..<bytes).reduce(0) { $0 | Int(data[place + $1]) << (8 * $1) }
        }
        var place = 12
        var rate = 8_000
        while place + 8 <= data.count {
            let size = number(place + 4, 4)
            let name = String(decoding: data[place..<(place + 4)], as: UTF8.self)
            if name == "fmt " { rate = number(place + 12, 4) }
            if name == "data" {
                let end = min(data.count, place + 8 + size) - 1
                return (
                    SampleRate(hz: rate),
                    stride(from: place + 8, to: end, by: 2).map {
                        Float(Int16(truncatingIfNeeded: number($0, 2))) / 32_768
                    }
                )
            }
            place += 8 + size + size % 2
        }
        return (SampleRate(hz: rate), [])
    }
}

/// White noise at about −66 dBFS, the same every time.
struct LineNoise {
    private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Float(state >> 40) / Float(1 << 24) - 0.5) * 56
    }
}
