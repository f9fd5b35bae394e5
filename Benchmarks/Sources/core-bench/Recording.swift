import CallTime
import Codecs
import Glibc

/// The caller's side of a whole call, 8 kHz mu-law, from TestAudio/.
struct Recording {
    struct CannotRead: Error { var path: String }

    let bytes: [UInt8]
    private var frameCount: Int { bytes.count / 160 }

    init() throws {
        let folders = #filePath.split(separator: "/").dropLast(4)
        let path = "/" + folders.joined(separator: "/") + "/TestAudio/appointment-call.wav"
        guard let file = fopen(path, "rb") else { throw CannotRead(path: path) }
        defer { fclose(file) }
        var all = [UInt8](repeating: 0, count: 1 << 20)
        all.removeLast(all.count - fread(&all, 1, all.count, file))
        // The audio follows the chunk's name and its length, up to the file's end.
        guard let name = (12..<max(12, all.count - 8)).first(where: { Array(all[$0..<$0 + 4]) == Array("data".utf8) })
        else { throw CannotRead(path: path) }
        bytes = Array(all[(name + 8)...])
    }

    /// Frame after frame, from the beginning again after the last.
    struct Frames {
        private let count: Int
        private var place = -1

        fileprivate init(count: Int) { self.count = count }

        private mutating func next() -> Int {
            place = place + 1 == count ? 0 : place + 1
            return place
        }

        /// The next frame's bytes.
        mutating func range() -> Range<Int> { range(.narrowband) }

        /// The next frame's samples at a rate.
        mutating func range(_ rate: SampleRate) -> Range<Int> {
            let length = rate.hz / 50
            let begin = next() * length
            return begin..<begin + length
        }
    }

    func frames() -> Frames { Frames(count: frameCount) }

    func samples(at rate: SampleRate) -> [Float] {
        var samples = [Float](repeating: 0, count: frameCount * 160)
        var span = samples.mutableSpan
        MuLaw.decode(bytes.span.extracting(first: frameCount * 160), into: &span)
        guard rate != .narrowband, var resampler = try? Resampler(from: .narrowband, to: rate) else { return samples }
        var output = [Float](repeating: 0, count: resampler.maxOutput(forInput: samples.count))
        var target = output.mutableSpan
        _ = resampler.process(samples.span, into: &target)
        return output
    }
}
