/// Where a RIFF or RF64 WAVE file keeps its format and its samples, found by our own walk over its chunks.
///
/// The decoder's own walk stops at a data size of 0, trusts a chunk's padding and shortens an overclaim without a word.
/// Sizes are little-endian, a chunk of odd size is followed by one byte of padding (which some writers forget), and a
/// data size of 0 or of all ones is what a writer to a pipe leaves behind: until the end.
struct WaveLayout {
    /// Whole chunks, with their eight bytes of head, that the decoder needs before the samples: `fmt ` and `fact`.
    private(set) var kept: [UInt8] = []
    /// Where the samples stand, inside the file.
    private(set) var data = 0..<0
    private(set) var channels = 0
    private(set) var sampleRateHz = 0
    /// Bytes a second as the format chunk says, for words about the length.
    private(set) var bytesPerSecond = 0
    /// Bytes of one sample of all channels where that is fixed (linear, float, G.711); otherwise 1.
    private(set) var bytesPerFrame = 1
    private(set) var claim = LengthClaim.exact

    /// `nil` where it is not such a file or lacks a part: the decoder then names what is wrong.
    init?(_ source: ByteSource) {
        let head = source.bytes(at: 0, count: 12)
        guard head.count == 12, head.text(8) == "WAVE" else { return nil }
        guard ["RIFF", "RF64", "BW64"].contains(head.text(0)) else { return nil }
        var longDataSize: Int?
        var offset = 12
        for _ in 0..<Self.maxChunks {
            let chunk = source.bytes(at: offset, count: 8)
            guard chunk.count == 8 else { return nil }
            let size = Int(chunk.little32(4))
            switch chunk.text(0) {
            case "data":
                guard !kept.isEmpty else { return nil }
                let long = size == Int(UInt32.max) ? longDataSize : nil
                settle(claimed: long ?? size, isLong: long != nil, at: offset + 8, source)
                return
            case "fmt ", "fact":
                guard size <= Self.maxKeptBytes else { return nil }
                keep(source.bytes(at: offset, count: 8 + size), isFormat: chunk.text(0) == "fmt ")
            case "ds64":
                let sizes = source.bytes(at: offset + 8, count: 24)
                if sizes.count == 24 { longDataSize = Int(truncatingIfNeeded: sizes.little64(8)) & Int.max }
            default: break
            }
            offset = Self.next(after: offset, size: size, source)
        }
        return nil
    }

    /// A plain header for the same samples, to stand before `data`.
    var header: [UInt8] {
        let limit = Int(UInt32.max)
        var bytes = Array("RIFF".utf8) + [UInt8](little32: min(4 + kept.count + 8 + data.count, limit))
        bytes += Array("WAVE".utf8) + kept + Array("data".utf8) + [UInt8](little32: min(data.count, limit))
        return bytes
    }

    private static let maxChunks = 4_096
    private static let maxKeptBytes = 4_096

    private mutating func keep(_ chunk: [UInt8], isFormat: Bool) {
        kept += chunk + (chunk.count.isMultiple(of: 2) ? [] : [0])
        guard isFormat, chunk.count >= 24 else { return }
        channels = Int(chunk.little16(10))
        sampleRateHz = Int(chunk.little32(12))
        bytesPerSecond = Int(chunk.little32(16))
        let fixed: [Int] = [1, 3, 6, 7, 0xFFFE]
        guard fixed.contains(Int(chunk.little16(8))) else { return }
        bytesPerFrame = max(1, channels * ((Int(chunk.little16(22)) + 7) / 8))
    }

    private mutating func settle(claimed: Int, isLong: Bool, at start: Int, _ source: ByteSource) {
        let held = source.length - start
        let isOpen = claimed == 0 && held > 0 && !Self.isWalkable(from: start, source)
        if isOpen || (claimed == Int(UInt32.max) && !isLong) {
            claim = .open
            data = start..<source.length
        } else if claimed > held {
            claim = .over(bytes: claimed)
            data = start..<source.length
        } else {
            data = start..<start + claimed
            let tail = Self.next(after: start - 8, size: claimed, source)
            if tail < source.length, !Self.isWalkable(from: tail, source) { claim = .tail(bytes: source.length - tail) }
        }
    }

    /// The next chunk's place: after the padding of an odd size, unless only the place before it looks like a chunk.
    private static func next(after offset: Int, size: Int, _ source: ByteSource) -> Int {
        let end = offset + 8 + size
        if size.isMultiple(of: 2) { return end }
        return isChunk(at: end + 1, source) || !isChunk(at: end, source) ? end + 1 : end
    }

    private static func isChunk(at offset: Int, _ source: ByteSource) -> Bool {
        let name = source.bytes(at: offset, count: 4)
        return name.count == 4 && name.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Whether well-formed chunks, and nothing else, lead from `offset` to the end of the file.
    private static func isWalkable(from offset: Int, _ source: ByteSource) -> Bool {
        var offset = offset
        for _ in 0..<maxChunks {
            if offset == source.length || offset == source.length + 1 { return true }
            guard isChunk(at: offset, source) else { return false }
            let head = source.bytes(at: offset, count: 8)
            guard head.count == 8 else { return false }
            offset = next(after: offset, size: Int(head.little32(4)), source)
        }
        return false
    }
}

/// What a header says of the length, held against what is there.
enum LengthClaim: Equatable {
    case exact
    /// Left open by a writer that could not seek.
    case open
    /// Claims that many bytes of samples, more than there are.
    case over(bytes: Int)
    /// That many bytes follow the samples and are no chunk.
    case tail(bytes: Int)
}
