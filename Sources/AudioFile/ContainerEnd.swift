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

    /// Whether an AIFF, W64, CAF or Ogg file ends before its own structure says so.
    static func isCutOff(_ source: ByteSource) -> Bool {
        let head = source.bytes(at: 0, count: 24)
        guard head.count == 24 else { return false }
        switch head.text(0) {
        case "FORM": return Int(head.big32(4)) + 8 > source.length
        case "riff": return head.little64(16) > UInt64(source.length)
        case "caff": return isCutOffCoreAudio(source)
        case "OggS": return !endsOggStream(source)
        default: return false
        }
    }

    /// Eight bytes of file head, then chunks: four bytes of name, eight of size; −1 in `data` is "until the end".
    private static func isCutOffCoreAudio(_ source: ByteSource) -> Bool {
        var offset = 8
        for _ in 0..<4_096 {
            let head = source.bytes(at: offset, count: 12)
            guard head.count == 12 else { return false }
            let size = Int(bitPattern: UInt(head.big64(4)))
            if size < 0 { return false }
            guard size <= source.length - offset - 12 else { return true }
            offset += 12 + size
        }
        return false
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
