/// The bytes of a WAV file whose every field a test can falsify.
struct WaveBytes {
    var tag = 1
    var channels = 1
    var rate = 8_000
    var bits = 16
    var dataSize: UInt32?
    var riffSize: UInt32?
    /// Bytes between the format chunk and the data chunk, and after the samples.
    var before: [UInt8] = []
    var after: [UInt8] = []
    var samples: [UInt8]

    init(_ samples: [UInt8]) { self.samples = samples }

    init(_ samples: [Int16]) {
        self.samples = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    var bytes: [UInt8] {
        let frame = channels * bits / 8
        let format =
            little(tag, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4) + little(frame, 2)
            + little(bits, 2)
        var body = Array("WAVE".utf8) + chunk("fmt ", format) + before
        body += Array("data".utf8) + little(Int(dataSize ?? UInt32(samples.count)), 4) + samples + after
        return Array("RIFF".utf8) + little(Int(riffSize ?? UInt32(body.count)), 4) + body
    }
}

func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }
func chunk(_ name: String, _ payload: [UInt8]) -> [UInt8] { Array(name.utf8) + little(payload.count, 4) + payload }

/// Samples that look like no header: a quick, repeatable sequence of moderate level.
func someSamples(_ count: Int) -> [Int16] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Int16(truncatingIfNeeded: Int32(bitPattern: state) >> 18)
    }
}
