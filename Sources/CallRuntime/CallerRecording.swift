import AudioFile
import CallTime
import Codecs

/// A caller's side from a file, as the telephone network would deliver it: mu-law at 8 kHz.
public struct CallerRecording: Sendable {
    public var muLaw: [UInt8]
    /// What was odd about the file but could be mended.
    public var warnings: [String] = []

    /// Reads channel 1 of the file, resampled where it has another rate.
    public init(path: String) throws {
        let reader = try AudioFileReader(path: path)
        muLaw = []
        let channels = reader.channels
        var resampler = reader.sampleRate == .narrowband ? nil : try Resampler(from: reader.sampleRate, to: .narrowband)
        var block = [Float](repeating: 0, count: 4_096 * channels)
        while true {
            var room = block.mutableSpan
            let frames = try reader.read(into: &room)
            if frames == 0 { break }
            let mono = (0..<frames).map { block[$0 * channels] }
            append(try resampled(mono, &resampler))
        }
        append(flushed(&resampler))
        warnings = reader.warnings.map { "\(path): \($0)" }
    }

    private func resampled(_ samples: [Float], _ resampler: inout Resampler?) throws -> [Float] {
        guard let room = resampler?.maxOutput(forInput: samples.count) else { return samples }
        var output = [Float](repeating: 0, count: room)
        var span = output.mutableSpan
        let count = resampler?.process(samples.span, into: &span) ?? 0
        return Array(output[..<count])
    }

    private func flushed(_ resampler: inout Resampler?) -> [Float] {
        var output = [Float](repeating: 0, count: 4_096)
        var span = output.mutableSpan
        let count = resampler?.flush(into: &span) ?? 0
        return Array(output[..<count])
    }

    private mutating func append(_ samples: [Float]) {
        muLaw += samples.map { MuLaw.encode(Int16(max(-1, min(1, $0)) * 32_767)) }
    }
}
