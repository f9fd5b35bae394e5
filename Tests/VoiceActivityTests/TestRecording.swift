import CallTime
import Glibc

/// A recording of the repository's TestAudio folder (16-bit mono WAV) with its labels.
struct TestRecording {
    let rate: SampleRate
    let samples: [Float]
    /// Seconds.
    let speech: [ClosedRange<Double>]

    private static let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/TestAudio/"

    init(_ name: String) throws {
        let bytes = try Self.bytes(Self.folder + name + ".wav")
        let word = { (at: Int) in Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 }
        rate = SampleRate(hz: word(24))
        var at = 12
        while bytes[at..<at + 4].elementsEqual("data".utf8) == false { at += 8 + word(at + 4) }
        let end = min(bytes.count, at + 8 + word(at + 4))
        samples = stride(from: at + 8, to: end - 1, by: 2).map {
            Float(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)) / 32_768
        }
        speech = try Self.lines(name + ".labels.csv").dropFirst().compactMap { line in
            let fields = line.split(separator: ",").compactMap { Double($0) }
            return fields.count >= 2 ? fields[0]...fields[1] : nil
        }
    }

    /// Hops that lie at least `margin` seconds inside speech.
    func hops(inside margin: Double) -> [Int] {
        hops { time in speech.contains { $0.lowerBound + margin <= time && time <= $0.upperBound - margin } }
    }

    /// Hops that lie at least `margin` seconds away from speech.
    func hops(outside margin: Double) -> [Int] {
        hops { time in !speech.contains { $0.lowerBound - margin <= time && time <= $0.upperBound + margin } }
    }

    private func hops(where belongs: (Double) -> Bool) -> [Int] {
        (0..<samples.count * 100 / rate.hz).filter { belongs((Double($0) + 0.5) / 100) }
    }

    static func lines(_ name: String) throws -> [String] {
        String(decoding: try bytes(folder + name), as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw MissingFile(path: path) }
        defer { fclose(file) }
        var result: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&block, 1, block.count, file), count > 0 { result += block[..<count] }
        return result
    }

    struct MissingFile: Error { let path: String }
}

func exponential(_ x: Double) -> Double { exp(x) }
