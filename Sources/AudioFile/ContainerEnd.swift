/// Whether containers that the decoder shortens without a word were cut off, and the mended header where one is needed.
enum ContainerEnd {
    /// An AU header whose size of 0 or of all ones means "until the end", or claims too much; `nil` for other files.
    ///
    /// Big-endian: magic, data offset, data size, encoding, rate, channels.
    static func sunAudio(_ source: ByteSource) -> (header: [UInt8], body: Range<Int>, claim: LengthClaim)? {
        var head = source.bytes(at: 0, count: 24)
        guard head.count == 24, head.text(0) == ".snd" else { return nil }
        let start = Int(head.big32(4))
        let claimed = Int(head.big32(8))
        guard start >= 24, start < source.length else { return nil }
        let held = source.length - start
        let isOpen = claimed == 0 || claimed == Int(UInt32.max)
        let count = isOpen ? held : min(claimed, held)
        head.replaceSubrange(4..<12, with: [UInt8](big32: 24) + [UInt8](big32: min(count, Int(UInt32.max))))
        return (head, start..<start + count, isOpen ? .open : claimed > held ? .over(bytes: claimed) : .exact)
    }

    /// A CAF header whose data chunk leaves its size open (−1) or claims too much, with the size that is there: the
    /// decoder refuses both. `nil` for other files, and for CAF files that need no mending.
    ///
    /// Eight bytes of file head, then chunks: four bytes of name, eight of size.
    static func coreAudio(_ source: ByteSource) -> (header: [UInt8], body: Range<Int>, claim: LengthClaim)? {
        guard source.bytes(at: 0, count: 8).starts(with: Array("caff".utf8)) else { return nil }
        var offset = 8
        for _ in 0..<4_096 {
            let chunk = source.bytes(at: offset, count: 12)
            guard chunk.count == 12 else { return nil }
            let size = Int(bitPattern: UInt(chunk.big64(4)))
            let held = source.length - offset - 12
            if size == -1 || size > held, chunk.text(0) == "data", offset < 1 << 20 {
                let header = source.bytes(at: 0, count: offset + 4) + [UInt8](big32: held >> 32) + [UInt8](big32: held)
                return (header, offset + 12..<source.length, size == -1 ? .open : .over(bytes: size))
            }
            guard (0...held).contains(size) else { return nil }
            offset += 12 + size
        }
        return nil
    }

    /// Whether an AIFF, W64 or Ogg file ends before its own structure says so.
    static func isCutOff(_ source: ByteSource) -> Bool {
        let head = source.bytes(at: 0, count: 24)
        guard head.count == 24 else { return false }
        switch head.text(0) {
        case "FORM": return Int(head.big32(4)) + 8 > source.length
        case "riff": return head.little64(16) > UInt64(source.length)
        case "OggS": return !endsOggStream(source)
        default: return false
        }
    }

    /// Whether the last page of an Ogg file is whole and marked as the last of its stream (RFC 3533, section 6).
    private static func endsOggStream(_ source: ByteSource) -> Bool {
        let maxPageBytes = 27 + 255 + 255 * 255
        let start = max(0, source.length - maxPageBytes)
        let tail = source.bytes(at: start, count: maxPageBytes)
        var page = tail.count - 27
        while page >= 0 {
            if tail[page] == 0x4F, tail.text(page) == "OggS", tail[page + 4] == 0 {
                let segments = Int(tail[page + 26])
                guard page + 27 + segments <= tail.count else { return false }
                let payload = tail[page + 27..<page + 27 + segments].reduce(0) { $0 + Int($1) }
                return page + 27 + segments + payload <= tail.count && tail[page + 5] & 4 != 0
            }
            page -= 1
        }
        return false
    }
}
