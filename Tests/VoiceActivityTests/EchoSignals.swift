import CallTime
import Glibc
import TestSupport
import VoiceActivity

/// Calls with an echo, made of the recordings in TestAudio, at 8 kHz.
enum EchoSignals {
    static let rate = SampleRate.narrowband
    /// Our voice: 24 s of rms's sentences; the first begins at 1.0 s, gaps of 0.3 s.
    static let ours = voice(
        [("lead-qualified", 10), ("order-not-found", 6), ("appointment-call", 9), ("lead-unqualified", 9)], lead: 1,
        gap: 0.3)
    /// The caller: slt's sentences from 3.0 s on, gaps of 0.5 s.
    static let caller = voice([("speech-clean", 3), ("speech-clean", 3), ("speech-clean", 3)], lead: 3, gap: 0.5)
    /// Our first word at 1.0 s and 1.5 s of learning.
    static let learntHop = 250
    static let silence = [Float](repeating: 0, count: ours.count)

    /// What the labels of the recordings say is speech, in a row, at −20 dBFS.
    private static func voice(_ parts: [(name: String, sentences: Int)], lead: Double, gap: Double) -> [Float] {
        var result = [Float](repeating: 0, count: Int(lead * 8_000))
        for part in parts {
            let (samples, bounds) = (Recording.samples(part.name), Recording.bounds(part.name))
            for bound in bounds.prefix(part.sentences) {
                let speech = samples[bound]
                let energy = speech.reduce(Float(0)) { $0 + $1 * $1 } / Float(speech.count)
                let gain = 0.1 / energy.squareRoot()
                result += speech.map { $0 * gain } + [Float](repeating: 0, count: Int(gap * 8_000))
            }
        }
        let count = 24 * 8_000
        return Array((result + [Float](repeating: 0, count: count)).prefix(count))
    }

    /// A path: delay, a little colour, a room's tail of 0.3 s that is `directDB` under the first sound, and in all
    /// `couplingDB` against what was played.
    static func echo(
        _ played: [Float], delay: Int, couplingDB: Double, directDB: Double = 6, seed: UInt64 = 3
    ) -> [Float] {
        var random = SplitMix64(seed: seed)
        // One sound in each 4 ms, at random and of either sign, sounds as dense as noise and is quickly computed.
        var tail = [Float](repeating: 0, count: 2_400)
        for start in stride(from: 16, to: 2_400 - 32, by: 32) {
            let fall = Float(pow(10, -3 * Double(start) / 2_400))
            tail[start + random.next(in: 0...31)] = random.nextSample() < 0 ? -fall : fall
        }
        let scale = Float(pow(10, -directDB / 20) * 1.06) / energy(tail).squareRoot()
        tail = tail.map { $0 * scale }
        (tail[0], tail[3], tail[6]) = (1, 0.3, -0.2)
        let gain = Float(pow(10, couplingDB / 20)) / energy(tail).squareRoot()
        var result = [Float](repeating: 0, count: played.count)
        let first = delay * 8
        result.withUnsafeMutableBufferPointer { result in
            played.withUnsafeBufferPointer { played in
                for (i, tap) in tail.enumerated() where abs(tap) > 1e-4 {
                    for n in 0..<max(0, played.count - first - i) { result[n + first + i] += tap * gain * played[n] }
                }
            }
        }
        return result
    }

    private static func energy(_ samples: [Float]) -> Float { samples.reduce(0) { $0 + $1 * $1 } }

    static func louder(_ samples: [Float], byDB: Double) -> [Float] {
        samples.map { $0 * Float(pow(10, byDB / 20)) }
    }

    /// Both voices and hiss at −60 dBFS over a line of 8 bits, compressed as mu-law is.
    static func line(_ a: [Float], _ b: [Float]) -> [Float] {
        let hiss = VoiceSignals.hiss(seconds: 24, at: rate, dBFS: -60)
        return a.indices.map { companded(a[$0] + b[$0] + hiss[$0]) }
    }

    private static func companded(_ sample: Float) -> Float {
        let code = (logf(1 + 255 * min(1, abs(sample))) / logf(256) * 127).rounded() / 127
        return (powf(256, code) - 1) / 255 * (sample < 0 ? -1 : 1)
    }

    /// What the detector that knows what was played says, hop by hop.
    static func nearEnd(_ heard: [Float], played: [Float]) throws -> [Float] {
        var detector = try NearEndDetector()
        return (0..<heard.count / 80).map {
            let hop = $0 * 80..<$0 * 80 + 80
            return detector.process(heard.span.extracting(hop), played: played.span.extracting(hop))
        }
    }

    /// The share of the plain detector's hops of speech that are still speech.
    static func kept(_ plain: [Float], _ judged: [Float], from: Int = learntHop) -> Double {
        let speech = (from..<plain.count).filter { plain[$0] >= 0.5 }
        return Double(speech.filter { judged[$0] >= 0.5 }.count) / Double(speech.count)
    }

    /// The share of hops from `from` on that are taken for speech, and the longest row of them.
    static func taken(_ judged: [Float], from: Int = learntHop) -> (share: Double, longest: Int) {
        var (count, row, longest) = (0, 0, 0)
        for value in judged[from...] {
            row = value >= 0.5 ? row + 1 : 0
            count += value >= 0.5 ? 1 : 0
            longest = max(longest, row)
        }
        return (Double(count) / Double(judged.count - from), longest)
    }
}

/// A recording of TestAudio: mono WAV at 8 kHz, mu-law or 16 bit, as the manifest lists them.
private enum Recording {
    private static let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/TestAudio/"

    static func samples(_ name: String) -> [Float] {
        let bytes = bytes(folder + name + ".wav")
        var (at, isMuLaw) = (12, false)
        while at + 8 <= bytes.count {
            let size = (0..<4).reduce(0) { $0 | Int(bytes[at + 4 + $1]) << (8 * $1) }
            let body = at + 8..<min(bytes.count, at + 8 + size)
            if bytes[at..<at + 4].elementsEqual("fmt ".utf8) { isMuLaw = bytes[body.lowerBound] == 7 }
            if bytes[at..<at + 4].elementsEqual("data".utf8) { return decoded(bytes[body], isMuLaw) }
            at += 8 + size + size % 2
        }
        preconditionFailure("no samples in \(name)")
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>, _ isMuLaw: Bool) -> [Float] {
        if isMuLaw { return bytes.map(muLaw) }
        return stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
            Float(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) / 32_768
        }
    }

    /// G.711: sign, exponent and mantissa, all inverted.
    private static func muLaw(_ byte: UInt8) -> Float {
        let code = Int(~byte)
        let size = ((code & 15) << 3 + 132) << ((code >> 4) & 7) - 132
        return Float(code & 128 == 0 ? size : -size) / 32_768
    }

    /// The samples of each labelled part.
    static func bounds(_ name: String) -> [Range<Int>] {
        let text = String(decoding: bytes(folder + name + ".labels.csv"), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            let seconds = line.split(separator: ",").prefix(2).map { Double($0)! }
            return Int(seconds[0] * 8_000)..<Int(seconds[1] * 8_000)
        }
    }

    private static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { preconditionFailure("cannot open \(path)") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        precondition(fread(&bytes, 1, bytes.count, file) == bytes.count, "cannot read \(path)")
        return bytes
    }
}
